/**
 * Programs before the move: the JavaScript that a guide shows, run unchanged except for the server.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { compileFunction } from "node:vm"

const require = createRequire(import.meta.url)

/** Runs a block of a guide with the definitions of the blocks before it, and returns the value of its last expression. */
export const before = (guide: string, { host, port }: { readonly host: string; readonly port: number }) => {
  const page = readFileSync(new URL(`../../../docs/${guide}`, import.meta.url), "utf8")
  const blocks = Array.from(page.matchAll(/^```js\n(.*?)^```$/gms), ([, block]) =>
    block
      .replace("Client(\"raspberrypi.local\")", `Client("${host}", ${port})`)
      .replace("host: \"raspberrypi.local\"", `host: "${host}", port: ${port}`))
  return (block: number, defined: object): unknown => {
    const names = { block: blocks[block], require, ...defined }
    return compileFunction("return eval(block)", Object.keys(names))(...Object.values(names))
  }
}
