/** The packages as they are published: their tarballs, what is in them, and what a program can import of them. */
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { expect, json, run } from "./Running.ts"

/** What somebody who writes programs installs; the command is installed without them. */
export const libraries = ["core", "node", "hub"]

/** All packages, by their folders. */
export const packages = [...libraries, "cli"]

/** Packs a package of a checkout that is built, and gives the path of its tarball. */
export const pack = Effect.fnUntraced(function*(checkout: string, name: string, directory: string) {
  const home = Path.join(checkout, "packages", name)
  // The build has done what would be done before packing.
  yield* run(home, "pnpm", ["pack", "--pack-destination", directory], { pnpm_config_ignore_scripts: "true" })
  return Path.join(directory, `effect-ownet-${name}-${json(Path.join(home, "package.json")).version}.tgz`)
})

/** The files of an installed package, if it has what belongs to it and nothing else. */
export const inspect = Effect.fnUntraced(function*(directory: string, belonging: ReadonlyArray<string>) {
  const files = Fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
  const here = new Set(files)
  const wrong: Array<string> = []
  for (const needed of belonging) if (!here.has(needed)) wrong.push(`${needed} is missing`)
  for (const file of files) {
    if (/tsbuildinfo|\.test\.|node_modules/.test(file)) wrong.push(`${file} does not belong there`)
    const source = /^dist\/(?!page\/)(.*)\.(?:js|d\.ts)$/.exec(file)
    if (source !== null && !here.has(`src/${source[1]}.ts`)) wrong.push(`${file} has no source`)
    if (!file.endsWith(".map")) continue
    for (const mapped of json(Path.join(directory, file)).sources) {
      if (!here.has(Path.join(Path.dirname(file), mapped))) wrong.push(`${file} maps to ${mapped}, which is not there`)
    }
  }
  const manifest = Fs.readFileSync(Path.join(directory, "package.json"), "utf8")
  if (/"(workspace|catalog):/.test(manifest)) wrong.push("package.json depends on what is known in its workspace only")
  yield* expect(directory, wrong, [])
  return files
})

export interface Module {
  readonly module: string
  readonly verdict: string
}

/** Each module in a package or in its exports, and what a program that imports it must find. The hub's page does not count. */
export const modulesOf = (name: string, directory: string, files: ReadonlyArray<string>): ReadonlyArray<Module> => [
  ...Object.entries(json(Path.join(directory, "package.json")).exports)
    .filter(([path, target]) => target !== null && !path.includes("*") && !path.endsWith(".json"))
    .map(([path]) => ({ module: Path.join("@effect-ownet", name, path), verdict: "reachable" })),
  ...files.flatMap((file) => /^dist\/(?!page\/)(.*)\.js$/.exec(file)?.[1] ?? []).map((path) => ({
    module: `@effect-ownet/${name}/${path}`,
    verdict: /(^|\/)(internal\/|index$)/.test(path) ? "ERR_PACKAGE_PATH_NOT_EXPORTED" : "reachable"
  }))
]

/** Options of the compiler with which the programs of README compile. */
export const compilerOptions = {
  module: "nodenext",
  target: "es2023",
  strict: true,
  skipLibCheck: false,
  rewriteRelativeImportExtensions: true,
  types: ["node"]
}
