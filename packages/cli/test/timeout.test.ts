/**
 * `--timeout` as the longest that a person waits: for a whole scan or search, whose calls are all fast enough.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

/** Switches, which are read one after another. */
const many = Object.fromEntries(
  Array.from({ length: 80 }, (_, at) => [`29.0000000000${(16 + at).toString(16).toUpperCase()}`, {}])
)

const serve = Effect.gen(function*() {
  const server = yield* NodeSimulatedServer.start({ ...many, "/bus.1/28.000028D70100": { temperature: 21.5 } })
  return { server, run: ow.at(server) }
})

const slow = Fault.Fault.Delay({ duration: "250 millis" })

// Most of it is waiting.
describe.concurrent("the time limit", () => {
  it.live("of a scan leaves what was found by then", () =>
    Effect.gen(function*() {
      const { run, server } = yield* serve
      yield* server.setFaults(({ path, type }) => type === MessageType.Read && path.includes("29.") ? slow : undefined)
      const { status, stderr, stdout } = yield* run(["scan", "--timeout", "3s"])
      assert.strictEqual(status, 4, stderr)
      assert.match(stdout, /^28\.000028D70100 .* 21\.5 °C$/m)
      assert.match(stdout, /^29\.\S+ +- +DS2408 +bus\.0 +-$/m)
      assert.match(stderr, /^ow: scan of \S+: not done within 3 s, the --timeout\n$/)
      const json = yield* run(["scan", "--timeout", "3s", "--json"])
      assert.deepInclude(ow.jsonOf(json.stderr)[0], {
        error: {
          _tag: "TimedOut",
          doing: `scan of ${server.host}:${server.port}`,
          limit: 3000,
          message: stderr.slice(4, -1),
          status: 4
        }
      })
    }), timeout)

  const searches: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: RegExp]> = [
    [["scan"], /^ow: scan of \S+: not done within 1 s/],
    [["devices"], /^ow: search for devices at \S+: not done within 1 s/],
    [["convert"], /^ow: search for thermometers at \S+: not done within 1 s/],
    [["watch", "--count", "1"], /^ow: first look at \S+: not done within 1 s/]
  ]
  for (const [args, message] of searches) {
    it.live(`is that of ow ${args.join(" ")}, however fast each call is`, () =>
      Effect.gen(function*() {
        // Hubs, each of which is searched.
        const hubs = Object.fromEntries(
          Array.from({ length: 60 }, (_, at) => [`1F.0000000000${10 + at}`, {}])
        )
        const server = yield* NodeSimulatedServer.start(hubs)
        yield* server.setFaults(({ type }) => type === MessageType.Nop ? undefined : slow)
        const { status, stderr, stdout } = yield* ow.at(server)([...args, "--timeout", "1s"])
        assert.strictEqual(status, 4, stderr)
        assert.strictEqual(stdout, "")
        assert.match(stderr, message)
      }), timeout)
  }
})
