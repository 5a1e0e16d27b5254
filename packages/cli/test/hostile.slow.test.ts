/**
 * Names that somebody on the network has chosen to harm a terminal: no command obeys them, or lets a terminal do so.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const parts = [
  ..."\n\r\t\b\u0007\u001b\u007f\u0085\u009b\u2028\u2029\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
  "\u001b[5m",
  "\u001b]0;title\u0007",
  "\u009b2J",
  "\u001b[?2004h",
  "a",
  "日",
  "👩‍👧",
  "é",
  "'",
  "\"",
  "$(id)",
  "-"
]

/** The same numbers for the same seed. */
const numbers = (seed: number) => (most: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor(seed / 2 ** 32 * most)
}

const namesOf = (seed: number): ReadonlyArray<string> => {
  const next = numbers(seed)
  return Array.from(
    { length: 6 },
    (_, at) => `x${at}${Array.from({ length: 1 + next(7) }, () => parts[next(parts.length)]).join("")}z`
  )
}

const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/** Text without the ends of lines. */
const lines = (text: string): string => text.replaceAll("\n", "")

/** What this program itself tells a terminal: colors before its own words, lines to wipe, the cursor. */
// oxlint-disable-next-line no-control-regex
const ownSequences = /\u001b\[(?:(?:1|2|22|3[1236]|39)m|2K|J|H|2J|\d+A|\?25[lh]|\?1049[lh])|\r/g

for (const seed of process.env["FUZZ_CASES"] === undefined ? [1] : [1, 2, 3, 4, 5]) {
  const names = namesOf(seed)
  const [name] = names
  const codes = ["28", "10", "26", "28", "29", "28"]
  const described = names.map((alias, at) => [
    `${codes[at]}.0000000000${10 + at}`,
    codes[at] === "29" ? { alias, "PIO.BYTE": 1 } : { alias, temperature: at === 3 ? 85 : 20 + at }
  ])
  const calls: ReadonlyArray<ReadonlyArray<string>> = [
    ["ls"],
    ["get"],
    ["get", name],
    ["tree", "--depth", "1"],
    ["tree", name],
    ["scan"],
    ["scan", "--family", name],
    ["devices"],
    ["alarms"],
    ["convert"],
    ["convert", ...names],
    ["info", name],
    ["cat", `${name}/alias`, `${name}/type`],
    ["cat", `${name}/temperatur`],
    ["cat", `${name}x/temperature`],
    ["exists", `${name}x`],
    ["set", `${name}/temperatur`, name],
    ["set", `${name}/temphigh`, name],
    ["set", `${name}/temperature`, "1"],
    ["set", `${name}/memory`, "--file", `/${name}`],
    ["watch", "--count", "1"],
    ["watch", "--count", "1", "--changes", name],
    ["watch", "--count", "1", `${name}x`],
    ["watch", "--count", "1", `${name}/temperatur`],
    ["log", "--count", "1"],
    ["log", "--count", "1", name],
    ["log", "--count", "1", `${name}x`],
    ["log", "--to", `/${name}/x.csv`],
    ["log", "--rotate", name],
    ["snoop", "--listen", name],
    ["doctor"],
    ["bench", `${name}/type`, "--seconds", "20ms"],
    ["bench", `${name}/typ`],
    ["ls", "-s", name],
    ["ls", "--nosuch", name],
    [name],
    ["serve", "--devices", name],
    ["serve", "--devices", `${name}.json`],
    ["serve", "--faults", name],
    ["serve", "--listen", name]
  ]

  describe(`hostile names, by seed ${seed}`, () => {
    const serve = Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(Object.fromEntries(described))
      yield* network.alarm("28.000000000010", true)
      const { host, port } = yield* NodeSimulatedServer.start(network)
      return { OWSERVER: `${host}:${port}` }
    })

    it.live("reach no terminal by a pipe", () =>
      Effect.gen(function*() {
        const env = yield* serve
        yield* Effect.forEach(calls, (args) =>
          Effect.gen(function*() {
            const { stderr, stdout } = yield* ow.run(args, { env })
            assert.notMatch(lines(stdout), unsafe, JSON.stringify(args))
            assert.notMatch(lines(stderr), unsafe, JSON.stringify(args))
            assert.isAbove(stderr.length + stdout.length + Number(args[0] === "exists"), 0, JSON.stringify(args))
            const json = yield* ow.run([...args, "--json"], { env })
            assert.notMatch(lines(json.stdout), unsafe, JSON.stringify(args))
            assert.notMatch(lines(json.stderr), unsafe, JSON.stringify(args))
            ow.jsonOf(json.stdout)
            ow.jsonOf(json.stderr)
          }), { concurrency: 2 })
      }), timeout)

    it.live("reach no terminal that is drawn on", () =>
      Effect.gen(function*() {
        const env = yield* serve
        yield* Effect.forEach(calls, (args) =>
          Effect.scoped(Effect.gen(function*() {
            // Arguments of the shell that starts it have no ends of lines.
            const { exit, raw } = yield* ow.onTerminal(args.map((arg) => arg.replace(/[\n\r]/g, "")), { env })
            yield* exit
            const shown = yield* raw
            assert.notMatch(lines(shown.replace(ownSequences, "")), unsafe, JSON.stringify(args))
          })), { concurrency: 2 })
      }), timeout)
  })
}
