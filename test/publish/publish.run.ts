/**
 * Proves that nothing but the publishing is missing: the packages are released into a registry on this machine, as the workflow releases
 * them, and every line of the guides by which somebody gets them is run word for word in an empty project.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { installsOf } from "../packed/Installs.ts"
import { compilerOptions, inspect, libraries, modulesOf, packages } from "../packed/Packages.ts"
import { firstProgram, network, printed } from "../packed/Readme.ts"
import { json, makeProject, root, run } from "../packed/Running.ts"
import { Release } from "./Release.ts"

const manifestOf = (name: string) => json(Path.join(root, "packages", name, "package.json"))

describe("the manifests", () => {
  for (const name of packages) {
    it(`of ${name} say whose it is, and that everybody may have it`, () => {
      const { bugs, homepage, license, private: isPrivate, publishConfig, repository } = manifestOf(name)
      assert.deepStrictEqual({ bugs, homepage, license, isPrivate, access: publishConfig.access, repository }, {
        bugs: "https://github.com/effect-ownet/effect-ownet/issues",
        homepage: "https://github.com/effect-ownet/effect-ownet#readme",
        license: "MIT",
        isPrivate: undefined,
        access: "public",
        repository: {
          type: "git",
          url: "git+https://github.com/effect-ownet/effect-ownet.git",
          directory: `packages/${name}`
        }
      })
    })
  }

  it("need the Node that the workspace needs", () => {
    const { engines } = json(Path.join(root, "package.json"))
    assert.deepStrictEqual(packages.map((name) => manifestOf(name).engines), packages.map(() => engines))
  })
})

it("the workflow says where the packages come from", () => {
  const workflow = Fs.readFileSync(Path.join(root, ".github/workflows/release.yml"), "utf8")
  assert.match(workflow, /^ +id-token: write$/m)
  assert.match(workflow, /^ +NPM_CONFIG_PROVENANCE: "true"$/m)
  assert.match(workflow, /^ +publish: pnpm release$/m)
})

/** Where a line is meant to be typed. */
const placeOf = (line: string, checkout: string, project: string): string =>
  / \.?\.?\/?tarballs\//.test(line) && !line.includes("../") ? checkout : project

layer(Release.layer, { timeout: "15 minutes", excludeTestServices: true })("the release", (it) => {
  it.effect("has versions that follow from the changes", () =>
    Effect.gen(function*() {
      const { changes, status, versions } = yield* Release
      assert.strictEqual(versions[0], manifestOf("cli").version)
      assert.strictEqual(new Set(versions).size, changes.length > 0 ? 2 : 1)
      if (changes.length > 0) { for (const name of packages) assert.include(status, `@effect-ownet/${name}`) }
    }))

  let count = 0
  /** An empty project, next to the checkout. */
  const newProject = Effect.map(Release, ({ folder }) => makeProject(Path.join(folder, `project-${++count}`)))

  const program = Effect.gen(function*() {
    const { env } = yield* Release
    const project = yield* newProject
    const names = libraries.map((name) => `@effect-ownet/${name}`)
    const types = `@types/node@${json(Path.join(root, "package.json")).devDependencies["@types/node"]}`
    yield* run(project, "npm", [
      "install",
      "--no-audit",
      "--no-fund",
      "effect",
      "@effect/platform-node",
      ...names,
      types
    ], env)
    return project
  })

  it.effect("has the program of README compile and run", () =>
    Effect.gen(function*() {
      const { env } = yield* Release
      const project = yield* program
      const server = yield* NodeSimulatedServer.start(network)
      Fs.writeFileSync(Path.join(project, "main.ts"), yield* firstProgram(server.port))
      Fs.writeFileSync(Path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }))
      yield* run(project, Path.join(root, "node_modules/.bin/tsc"), [], env)
      assert.strictEqual(yield* run(project, "node", ["main.js"], env), printed)
      assert.strictEqual(yield* run(project, "node", ["main.ts"], env), printed)

      const homes = libraries.map((name) => [name, Path.join(project, "node_modules/@effect-ownet", name)] as const)
      const modules = yield* Effect.forEach(homes, ([name, home]) =>
        Effect.map(inspect(home, belonging(name)), (files) => modulesOf(name, home, files)))
      Fs.copyFileSync(Path.join(root, "test/packed/reach.ts"), Path.join(project, "reach.ts"))
      const reach = yield* run(project, "node", [
        "reach.ts",
        ...modules.flat().map(({ module }) =>
          module
        )
      ], env)
      const met = new Set(reach.split("\n"))
      const others = modules.flat().map(({ module, verdict }) => `${module} ${verdict}`)
      assert.deepStrictEqual(others.filter((line) => !met.has(line)), [])
    }))

  /** Files of a package, in addition to its code. */
  const belonging = (name: string): ReadonlyArray<string> =>
    ["LICENSE", "README.md", "CHANGELOG.md", "AGENTS.md"].filter((file) =>
      file === "LICENSE" || Fs.existsSync(Path.join(root, "packages", name, file))
    )

  for (const { line, place } of installsOf(root)) {
    it.effect(`${line} (${place})`, () =>
      Effect.gen(function*() {
        const { checkout, env, versions } = yield* Release
        const project = yield* newProject
        const prefix = Path.join(project, "prefix")
        const typed = line.replace(/^sudo /, "")
          // What it then does is tried by `pnpm guides`.
          .replace(/^(npx .*?(?:@effect-ownet\/cli(?:@\S+)? ow|@effect-ownet\/cli(?:@\S+)?))\b.*$/, "$1 --version")
        const output = yield* run(placeOf(line, checkout, project), "bash", ["-c", typed], {
          ...env,
          npm_config_prefix: prefix
        })
        const wanted = /@effect-ownet\/\w+@(\d[\d.]*)/.exec(line)?.[1] ??
          (line.includes("tarballs/") ? versions[0] : versions.at(-1)) ??
          ""
        if (line.startsWith("npx")) assert.include(output, `ow ${wanted}`)
        else if (/ (?:--global|-g) /.test(line)) {
          const ow = Path.join(prefix, "bin/ow")
          assert.include(yield* run(project, ow, ["--version"], env), `ow ${wanted}`)
          const home = Path.join(prefix, "lib/node_modules/@effect-ownet/cli")
          yield* inspect(home, belonging("cli"))
        } else {
          const names = libraries.filter((name) =>
            line.includes(`@effect-ownet/${name}`) || new RegExp(`effect-ownet-.*\\b${name}\\b`).test(line)
          )
          assert.isAbove(names.length, 0)
          for (const name of names) {
            yield* run(project, "node", ["--eval", `await import("@effect-ownet/${name}")`], env)
            const { version } = json(Path.join(project, "node_modules/@effect-ownet", name, "package.json"))
            assert.isTrue(version.startsWith(wanted), version)
          }
        }
      }))
  }
})
