/**
 * Questions to a person at the terminal before a step.
 */
import * as Effect from "effect/Effect"
import { createInterface } from "node:readline"

/** Whether there is a person to ask. Questions go to standard error, because results may go to a file. */
export const isPossible = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks once. Any answer except yes means no, and so does the end of the input. */
export const ask = (question: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
    lines.on("close", () => resume(Effect.succeed(false)))
    lines.question(`${question} [y/N] `, (answer) => {
      resume(Effect.succeed(/^\s*y(?:es)?\s*$/i.test(answer)))
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })
