/**
 * Errors of the bundles for plain calls, which have no schemas, beside those of the whole command.
 */
import { Fault } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const path = "/10.000010EF0000/temperature"

const calls: ReadonlyArray<readonly [error: string, call: readonly [string, ...Array<string>], fault?: Fault.Fault]> = [
  ["OwnetError", ["cat", "/10.000010EF0000/nosuch"]],
  ["OwnetError", ["cat", "/10.000010EF0000"]],
  ["OwnetError", ["get", path], Fault.Fault.Refuse({ code: -5 })],
  ["OwnetError", ["scan"], Fault.Fault.Refuse({ code: -5 })],
  ["ProtocolError", ["ls"], Fault.Fault.Close({ at: "inside" })],
  ["ConnError", ["ping", "-s", "127.0.0.1:1"]],
  ["ConnError", ["scan", "-s", "127.0.0.1:1"]],
  ["ConnError", ["exists", path, "-s", "nosuch.invalid"]],
  ["ProtocolError", ["exists", path], Fault.Fault.Http()],
  ["ProtocolError", ["scan"], Fault.Fault.Http()]
]

describe("an error of a plain call", () => {
  for (const [error, [command, ...args], fault] of calls) {
    it.live(
      `is told as the whole command tells it: ${error} of ${command} ${args.join(" ")} ${fault?._tag ?? ""}`,
      () =>
        Effect.gen(function*() {
          const server = yield* NodeSimulatedServer.start({ "10.000010EF0000": {} })
          if (fault !== undefined) yield* server.setFaults(() => fault)
          const run = ow.at(server)
          for (const flags of [[], ["--json"]]) {
            const plain = yield* run([command, ...args, ...flags])
            // A call that begins with a flag is not plain.
            const whole = yield* run(["--retries=0", command, ...args, ...flags])
            assert.deepStrictEqual(plain, whole)
            if (flags.length > 0) assert.include(plain.stderr, `{"error":{`)
            if (flags.length > 0) assert.include(plain.stderr, `"_tag":"${error}"`)
          }
        }),
      timeout
    )
  }
})
