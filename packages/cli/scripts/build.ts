/**
 * Bundles the command: the whole of it in one file, plain calls in two others, what is needed rarely in some more, and a launcher
 * that runs one of them. The page of the hub comes along.
 *
 *     node scripts/build.ts
 */
import { execFileSync } from "node:child_process"
import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire, isBuiltin } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"
import { commands } from "../src/commands.ts"
import * as QuickActions from "../src/QuickActions.ts"
import * as QuickScan from "../src/QuickScan.ts"

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Needs the system's Unicode library only when help is printed, or odd text is measured: that takes a third of a start. */
const lazyUnicode: Plugin = {
  name: "lazy-unicode",
  transform: {
    filter: { id: /effect\/dist\/cli\/CliOutput\.js$/ },
    handler: (code) =>
      ["graphemeSegmenter", "zeroWidthCodePoints", "emojiPresentation"].reduce((code, name) => {
        const made = new RegExp(`const ${name} = ([^;]+);`)
        if (!made.test(code)) throw new Error(`effect's CliOutput makes ${name} in another way: see lazy-unicode`)
        return code.replace(made, `let ${name}Made; const ${name} = () => ${name}Made ??= $1;`)
          .replaceAll(new RegExp(`\\b${name}(?=[.,])`, "g"), `${name}()`)
      }, code)
  }
}

/** Leaves out the wizard of `effect/cli` and its prompts, which no command has. */
const noWizard: Plugin = {
  name: "no-wizard",
  transform: {
    filter: { id: /effect\/dist\/cli\/Command\.js$/ },
    handler: (code) => {
      const made = /if \(flag === GlobalFlag\.Wizard\) \{.*?(?=yield\* flag\.run\()/s
      if (!made.test(code)) throw new Error("effect's Command starts its wizard in another way: see no-wizard")
      return code.replace(made, "")
    }
  }
}

/** Built-in modules that some servers, some failures and some outputs need: they are loaded with their first use. */
const rarelyUsed = new Set(["node:dns", "node:os", "node:tty", "node:util"])

/** Lets each command load only the built-in modules that it uses: a bundle would load all of them at its top. */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  resolveId: (id, importer) => {
    if (!isBuiltin(id)) return undefined
    return importer?.startsWith("\0builtin:") ? { id, external: true } : `\0builtin:${id}`
  },
  load: (id) => {
    if (!id.startsWith("\0builtin:")) return undefined
    const name = id.slice(9)
    if (!rarelyUsed.has(name)) return `module.exports = require(${JSON.stringify(name)})`
    return `for (const key of "${Object.keys(createRequire(import.meta.url)(name)).join(" ")}".split(" "))
      Object.defineProperty(exports, key, { enumerable: true, get: () => require("${name}")[key] })`
  }
}

/** Modules that are bundles of their own, because hardly any call needs them. */
const bundledApart: ReadonlyArray<readonly [module: string, name: string]> = [
  ["src/server/Announced.ts", "ow-announced.cjs"],
  ["src/fleet/Registering.ts", "ow-fleet.cjs"],
  ["src/hub/Alone.ts", "ow-hub.cjs"],
  ["src/hub/InFleet.ts", "ow-runner.cjs"],
  ["src/snoop/Snooping.ts", "ow-snoop.cjs"],
  ["src/hub/Upkeep.ts", "ow-upkeep.cjs"]
]

/** Two modules that are one bundle, because nearly all of each is code of the kernel's own buses. */
const w1 = { name: "ow-w1.cjs", module: "src/main-w1.ts" }
const bundledInW1 = ["src/serve/W1Serving.ts", "../node/src/internal/W1Door.ts"]

/** A package that only a hub with that bridge needs. */
const mqtt = "ow-mqtt.cjs"

const apart: Plugin = {
  name: "apart",
  resolveId: (id, importer) => {
    if (importer === undefined) return undefined
    if (id === "mqtt") return { id: `./${mqtt}`, external: true }
    if (!id.startsWith(".")) return undefined
    const path = join(dirname(importer), id)
    if (bundledInW1.some((module) => path === here(module))) {
      return importer === here(w1.module) ? undefined : { id: `./${w1.name}`, external: true }
    }
    const found = bundledApart.find(([module]) => path === here(module))
    return found && { id: `./${found[1]}`, external: true }
  }
}

/** Takes the sockets of a fleet from their own module: the index also brings a client of Kubernetes, and with it a whole HTTP client. */
const noKubernetes: Plugin = {
  name: "no-kubernetes",
  resolveId(id) {
    if (id !== "@effect/platform-node/NodeClusterSocket") return undefined
    return this.resolve(
      "@effect/platform-node-shared/NodeClusterSocket",
      fileURLToPath(import.meta.resolve("@effect/platform-node"))
    )
  }
}

/** Leaves schemas out, because plain calls decode and encode nothing with them. */
const inertSchemas: Plugin = {
  name: "inert-schemas",
  resolveId: (id) => /^effect\/Schema\w*$/.test(id) ? here("src/InertSchema.ts") : undefined
}

const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

/** Replaces a file in one step, because somebody may be running the old one. */
const place = (name: string, content: string, mode = 0o644): void => {
  mkdirSync(here("dist"), { recursive: true })
  const draft = here(`dist/.${name}.${process.pid}`)
  writeFileSync(draft, content, { mode })
  renameSync(draft, here(`dist/${name}`))
}

/** Escapes what is not ASCII, because V8 reads and keeps a script of single bytes in half the time and memory. */
const ascii = (code: string): string =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** The bundle of each plain call. */
const quick = {
  ...Object.fromEntries(Object.keys(QuickActions.actions).map((name) => [name, "ow-quick.cjs"])),
  ...Object.fromEntries(Object.keys(QuickScan.actions).map((name) => [name, "ow-scan.cjs"]))
}

/** Makes a bundle, and gives the modules in it. */
const bundle = async (
  name: string,
  input: string,
  { mode, plugins = [] }: { readonly mode?: number; readonly plugins?: ReadonlyArray<Plugin> } = {}
): Promise<ReadonlyArray<string>> => {
  const made = await rolldown({
    input: here(input),
    platform: "node",
    // Calls run few of the modules. V8 would compile all of them at once if their functions had parentheses.
    optimization: { pifeForModuleWrappers: false },
    transform: {
      define: {
        OW_VERSION: JSON.stringify(version),
        OW_COMMANDS: JSON.stringify(Object.keys(commands)),
        OW_QUICK: JSON.stringify(quick),
        // What bundlers for browsers put there; no script of Node's has it.
        "import.meta.env": "undefined"
      }
    },
    plugins: [...plugins, lazyUnicode, noWizard, noKubernetes, lazyBuiltins, apart],
    onLog: (level, log, handle) => handle(log.code === "IMPORT_IS_UNDEFINED" ? "error" : level, log)
  })
  const { output: [{ code, moduleIds }] } = await made.generate({
    format: "cjs",
    codeSplitting: false,
    minify: true,
    // A script that is not a module of Node has `require` from the launcher, and no `import`.
    dynamicImportInCjs: false
  })
  place(name, ascii(code), mode)
  return moduleIds
}

const modules = await Promise.all([
  bundle("ow-bundle.cjs", "src/main.ts"),
  bundle("ow-quick.cjs", "src/main-quick.ts", { plugins: [inertSchemas] }),
  bundle("ow-scan.cjs", "src/main-scan.ts", { plugins: [inertSchemas] }),
  ...bundledApart.map(([module, name]) => bundle(name, module)),
  bundle(w1.name, w1.module),
  bundle(mqtt, "../hub/node_modules/mqtt/build/index.js"),
  bundle("ow.cjs", "src/launcher.ts", { mode: 0o755 }),
  bundle("executable.cjs", "src/executable.ts")
])

// The hub's bundle finds its page in the same directory.
const page = fileURLToPath(new URL("../../hub/", import.meta.url))
execFileSync(process.execPath, [join(page, "scripts/build.ts")], { stdio: "inherit" })
const pageDraft = here(`dist/.page.${process.pid}`)
cpSync(join(page, "dist/page"), pageDraft, { recursive: true })
rmSync(here("dist/page"), { recursive: true, force: true })
renameSync(pageDraft, here("dist/page"))

// The bundles contain other people's work, and have to carry its licenses.
const packages = new Set(modules.flat().flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))
const terms = [...packages].toSorted().map((directory) => {
  const [license] = globSync("{LICENSE,LICENCE,license}*", { cwd: directory })
  if (license === undefined) throw new Error(`${directory} has no license to take along`)
  return `${directory.replace(/^.*node_modules\//, "")}\n\n${readFileSync(join(directory, license), "utf8")}`
})
place("LICENSES.txt", terms.join("\n\n"))
