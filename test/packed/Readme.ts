/** The first program of README, which reads a thermometer from a server on this machine. */
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root, Wrong } from "./Running.ts"

/** What the server has. */
export const network = {
  "28.000028D70100": { temperature: 21.5, alias: "cellar" },
  "10.67C6697351FF": { temperature: -3.25 }
}

/** What the program prints then. */
export const printed = "21.5 °C in the cellar\n"

/** The program, for a server at another port. */
export const firstProgram = Effect.fnUntraced(function*(port: number) {
  const program = /```ts\n(.*?)```/s.exec(Fs.readFileSync(Path.join(root, "README.md"), "utf8"))?.[1] ?? ""
  if (!program.includes("port: 4304")) {
    return yield* new Wrong({ problem: "the first program of README.md is not the one that connects to port 4304" })
  }
  return program.replace("port: 4304", `port: ${port}`)
})
