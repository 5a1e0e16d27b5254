/**
 * The packages as tarballs, in `tarballs/`, for people to install before the packages are on npm.
 *
 *     pnpm tarballs
 *     npm install effect @effect/platform-node tarballs/effect-ownet-{core,node}-*.tgz
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pack, packages } from "./packed/Packages.ts"
import { root, run } from "./packed/Running.ts"

const folder = Path.join(root, "tarballs")

const main = Effect.gen(function*() {
  yield* run(root, "pnpm", ["build"])
  // A tarball of another version would be installed as well.
  Fs.rmSync(folder, { recursive: true, force: true })
  Fs.mkdirSync(folder)
  for (const name of packages) {
    const tarball = yield* pack(root, name, folder)
    yield* Console.log(`${Path.relative(process.cwd(), tarball)}, ${Math.round(Fs.statSync(tarball).size / 1000)} kB`)
  }
})

main.pipe(
  Effect.catchTag(
    "Wrong",
    ({ message }) => Effect.andThen(Console.error(message), Effect.sync(() => process.exitCode = 1))
  ),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
