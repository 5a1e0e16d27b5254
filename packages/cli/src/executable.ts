/**
 * The command `ow` as a single executable, with its bundles inside.
 */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { getRawAsset } from "node:sea"
import { Script } from "node:vm"
import * as Launch from "./Launch.ts"

const directory = dirname(process.execPath)

const pathOf = (name: string): string => join(directory, name)

// The bundles are ASCII, so each byte is a character.
const read = (name: string): Buffer => Buffer.from(getRawAsset(name))

const head = "(function (exports, require, module, __filename, __dirname) {"

const loaded = new Map<string, { readonly exports: object }>()

/** Runs a bundle as the CommonJS module that it is, once. */
const load = (name: string): unknown => {
  const before = loaded.get(name)
  if (before !== undefined) return before.exports
  const module = { exports: {} }
  loaded.set(name, module)
  const filename = pathOf(name)
  new Script(`${head}${read(name).toString("latin1")}\n})`, { filename, columnOffset: -head.length })
    .runInThisContext().call(module.exports, module.exports, requireFrom, module, filename, directory)
  return module.exports
}

const builtins = createRequire(process.execPath)

const requireFrom = Object.assign(
  (id: string): unknown => id.startsWith("./") ? load(id.slice(2)) : builtins(id),
  builtins
)

Launch.launch({ pathOf, read, require: requireFrom })
