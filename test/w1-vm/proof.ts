/** Checks and their results, line by line. */
import { Console, Effect } from "effect"
import type { Machine, Output } from "./machine.ts"

/** The output of a script, and its failure if there was one. */
export const printed = ({ status, stderr, stdout }: Output): string =>
  status === 0 ? stdout : `${stdout}exit status ${status}: ${stderr}`

export interface Proof {
  /** Compares two texts, and prints whether they match. */
  readonly check: (what: string, found: string, wanted: string | RegExp) => Effect.Effect<void>
  /** Compares the output of a script that runs next to the devices, and prints its failure if there was one. */
  readonly says: (
    what: string,
    script: string,
    wanted: string | RegExp
  ) => Effect.Effect<void, Effect.Error<ReturnType<Machine["run"]>>>
  /** Prints the last line, and returns whether all checks passed. */
  readonly end: Effect.Effect<boolean>
}

export const make = (machine: Machine): Proof => {
  const counts = { passed: 0, failed: 0 }
  const check: Proof["check"] = (what, found, wanted) => {
    const isSo = typeof wanted === "string" ? found === wanted : wanted.test(found)
    counts[isSo ? "passed" : "failed"]++
    if (isSo) return Console.log(`ok    ${what}`)
    return Console.log(
      `FAIL  ${what}\n  found  ${JSON.stringify(found)}\n  wanted ${
        wanted instanceof RegExp ? wanted : JSON.stringify(wanted)
      }`
    )
  }
  return {
    check,
    says: (what, script, wanted) =>
      Effect.flatMap(
        machine.run(`cd /sys/bus/w1/devices && ${script}`),
        (output) => check(what, printed(output), wanted)
      ),
    end: Effect.suspend(() =>
      Effect.as(Console.log(`${counts.passed} passed, ${counts.failed} failed`), counts.failed === 0)
    )
  }
}
