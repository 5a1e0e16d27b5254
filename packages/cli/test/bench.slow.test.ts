/**
 * `bench`: measurements, and how they are printed.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

interface Line {
  readonly server: string
  readonly path: string
  readonly phase: string
  readonly connections: number
  readonly seconds: number
  readonly count: number
  readonly perSecond: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  readonly errors: number
}

/** What is printed has this shape. */
const linesOf = (stdout: string) => ow.jsonOf(stdout) as ReadonlyArray<Line>

const assertMeasured = ({ count, errors, max, p50, p90, p99, perSecond }: Line) => {
  assert.isAbove(count, 0)
  assert.isAbove(perSecond, 0)
  assert.strictEqual(errors, 0)
  assert.isAbove(p50, 0)
  assert.isAtLeast(p90, p50)
  assert.isAtLeast(p99, p90)
  assert.isAtLeast(max, p99)
}

for (const backend of owserver.backends) {
  backend.describe(`a benchmark of ${backend.name}`, () => {
    it.live("reads one after another, and then side by side", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28"])
        const stdout = ow.resultOf(yield* ow.at(server)(["bench", "--seconds", "200ms", "--json"]))
        const lines = linesOf(stdout)
        assert.deepStrictEqual(lines.map(({ connections, phase }) => [phase, connections]), [
          ["sequential", 1],
          ["concurrent", 4]
        ])
        for (const line of lines) {
          assertMeasured(line)
          assert.strictEqual(line.path, "/system/configuration/version")
          assert.strictEqual(line.server, `${server.host}:${server.port}`)
          assert.isAtLeast(line.seconds, 0.2)
        }
      }), timeout)

    it.live("reads what it is told to, on as many connections as it is told to", () =>
      Effect.gen(function*() {
        const { run } = { run: ow.at(yield* backend.start(["--tester=28"])) }
        const args = ["bench", "28.000028D70000/temperature", "--seconds", "0.1", "--connections"]
        const one = linesOf(ow.resultOf(yield* run([...args, "1", "--json"])))
        assert.deepStrictEqual(one.map(({ connections, path }) => [path, connections]), [
          ["/28.000028D70000/temperature", 1]
        ])
        const table = ow.resultOf(yield* run([...args, "8"]))
        assert.match(
          table,
          /^\/28\.000028D70000\/temperature at 127\.0\.0\.1:\d+, 12 bytes; times in milliseconds\n {14}.+ errors\n1 connection {2}.+ 0\n8 connections .+ 0\n$/
        )
      }), timeout)
  })
}

describe("a benchmark", () => {
  it.live("fails with the error of what cannot be read at all", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28"]))
      const { status, stderr, stdout } = yield* ow.at(server)(["bench", "/28.000028D70000/temprature"])
      assert.strictEqual(status, 1)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /did you mean temperature\?\n$/)
    }), timeout)

  it.live("counts reads that fail, and ends with the status of the first", () =>
    Effect.gen(function*() {
      let reads = 0
      const server = yield* NodeSimulatedServer.start(
        { "28.000028D70000": { temperature: () => reads++ % 2 === 0 ? 21.5 : SimulatedNetwork.refuse(-5) } }
      )
      const args = ["bench", "/28.000028D70000/temperature", "--seconds", "100ms", "--connections", "1", "--json"]
      const { status, stderr, stdout } = yield* ow.at(server)(args)
      assert.strictEqual(status, 1)
      const [{ count, errors }] = linesOf(stdout)
      assert.isAbove(count, 0)
      assert.isAbove(errors, 0)
      assert.match(stderr, /"code":-5/)
    }), timeout)

  it.live("reads on as many connections as are wanted, each read within the limit", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28"]))
      const connections = new Set<number>()
      let reads = 0
      yield* server.setFaults(({ connection, type }) => {
        if (type !== MessageType.Read) return undefined
        connections.add(connection)
        // The reads of the second half are slower than anybody waits for.
        return reads++ === 0
          ? undefined
          : Fault.Fault.Delay({ duration: connections.size < 2 ? "20 millis" : "1 hour" })
      })
      const args = ["bench", "--connections", "8", "--timeout", "200ms", "--seconds", "300ms", "--json"]
      const { status, stderr, stdout } = yield* ow.at(server)(args)
      assert.strictEqual(status, 4)
      assert.nestedInclude(ow.jsonOf(stderr)[0], { "error._tag": "OwnetTimeout", "error.limit": 200 })
      const [sequential, concurrent] = linesOf(stdout)
      assert.deepInclude(sequential, { connections: 1, errors: 0 })
      assert.deepInclude(concurrent, { connections: 8 })
      assert.isAtLeast(concurrent.errors, 8)
      assert.isAtLeast(connections.size, 8)
    }), timeout)

  it.live("is bounded", () =>
    Effect.gen(function*() {
      const wrong = [["--seconds", "61"], ["--connections", "9"], ["--connections", "0"], ["-s", "a", "-s", "b"]]
      for (const args of wrong) {
        const { status, stderr, stdout } = yield* ow.run(["bench", ...args])
        assert.strictEqual(status, 2)
        assert.strictEqual(stdout, "")
        assert.match(stderr, /^ow: .+\n$/)
      }
    }), timeout)

  it.live("shows on a terminal how far it is, and is ended by Ctrl-C", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28"]))
      const run = yield* ow.onTerminal(["bench", "-s", `127.0.0.1:${server.port}`, "--seconds", "60"])
      yield* run.awaitScreen((lines) => lines.some((line) => /^1 connection: \d+ reads, \d+ s to go …$/.test(line)))
      yield* run.send("\u0003")
      assert.strictEqual(yield* run.exit, 130)
      assert.isFalse((yield* run.screen).some((line) => line.includes("to go")))
    }), timeout)
})
