/** A release of the packages as the workflow does it, in a copy of this checkout, into a registry on this machine. */
import { NodeServices } from "@effect/platform-node"
import { Context, Effect, FileSystem, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { json, root, run } from "../packed/Running.ts"
import * as Registry from "./Registry.ts"

/** Copies what belongs to the checkout, as it is now, into a repository of its own. */
const clone = Effect.fnUntraced(function*(place: string) {
  const files = yield* run(root, "git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
  for (const file of files.split("\0")) {
    if (file !== "" && Fs.existsSync(Path.join(root, file))) Fs.cpSync(Path.join(root, file), Path.join(place, file))
  }
  yield* git(place, ["init", "--quiet", "--initial-branch=main"])
  yield* commit(place)
  yield* run(place, "pnpm", ["install", "--frozen-lockfile", "--prefer-offline"])
})

const git = (place: string, args: ReadonlyArray<string>) =>
  run(place, "git", ["-c", "user.name=release", "-c", "user.email=release@localhost", ...args])

const commit = (place: string) =>
  Effect.andThen(git(place, ["add", "--all"]), git(place, ["commit", "--quiet", "--message", "Name the next versions"]))

const make = Effect.gen(function*() {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped({ prefix: "ow-publish-" })
  // The guides call a checkout by this name.
  const checkout = Path.join(folder, "effect-ownet")
  yield* clone(checkout)
  const { publisher, reader } = yield* Registry.start(folder)

  const home = Path.join(folder, "home")
  Fs.mkdirSync(home)
  Fs.writeFileSync(Path.join(home, ".npmrc"), reader)
  const credentials = Path.join(folder, "publisher.npmrc")
  Fs.writeFileSync(credentials, publisher)
  const versions: Array<string> = []
  const release = Effect.gen(function*() {
    // There is nobody here who vouches for the packages, as GitHub does.
    const env = {
      NPM_CONFIG_USERCONFIG: credentials,
      npm_config_userconfig: credentials,
      NPM_CONFIG_PROVENANCE: "false"
    }
    yield* run(checkout, "pnpm", ["release"], env)
    versions.push(json(Path.join(checkout, "packages/cli/package.json")).version)
  })
  yield* run(checkout, "pnpm", ["tarballs"])
  yield* release
  const status = yield* run(checkout, "pnpm", ["exec", "changeset", "status"])
  const changes = Fs.globSync(".changeset/*.md", { cwd: checkout })
  if (changes.length > 0) {
    yield* run(checkout, "pnpm", ["exec", "changeset", "version"])
    yield* commit(checkout)
    yield* release
  }
  return {
    folder,
    checkout,
    /** What `changeset status` has said of the changes that were not released. */
    status,
    changes,
    /** The versions that are published, oldest first. */
    versions,
    /** The environment of a reader who has Node, and an empty home. */
    env: {
      HOME: home,
      CI: "true",
      PATH: `${Path.dirname(process.execPath)}:${process.env["PATH"]}`,
      NPM_CONFIG_USERCONFIG: undefined,
      npm_config_userconfig: undefined,
      npm_config_cache: Path.join(folder, "cache"),
      npm_config_update_notifier: "false",
      NODE_COMPILE_CACHE: undefined,
      XDG_CACHE_HOME: Path.join(home, ".cache"),
      XDG_DATA_HOME: Path.join(home, ".local/share")
    }
  }
})

export class Release extends Context.Service<Release, Effect.Success<typeof make>>()("test/publish/Release") {
  static readonly layer = Layer.effect(Release, make).pipe(
    Layer.provideMerge(Layer.merge(NodeServices.layer, FetchHttpClient.layer))
  )
}
