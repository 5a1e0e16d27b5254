import { OwClient } from "@effect-ownet/core"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as Net from "node:net"
import { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"
import * as sockets from "./sockets.ts"
import * as streams from "./streams.ts"

const temperature = "/28.000028D70100/temperature"

/** A connection with Deno's interface, over a socket of Node. */
const connect = (host: string, port: number) => (signal: AbortSignal): Promise<streams.Connection> =>
  new Promise((resolve, reject) => {
    const socket = Net.connect({ host, port, noDelay: true })
    signal.addEventListener("abort", () => socket.destroy())
    socket.once("error", reject)
    socket.once("connect", () => {
      const { readable, writable } = Duplex.toWeb(socket)
      // One of the two declarations of the same streams is the browser's.
      resolve({ readable, writable, close: () => socket.destroy() } as streams.Connection)
    })
  })

const layers = {
  sockets: sockets.layer,
  streams: (host: string, port: number) => streams.layer(`${host}:${port}`, connect(host, port))
}

describe.each(Object.keys(layers) as Array<keyof typeof layers>)("a client over %s", (name) => {
  it.live("reads, is told why there is no connection, and finds a server that is back", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5 },
        "28.000028D70200": { temperature: 21.5 }
      })
      yield* Effect.gen(function*() {
        const ow = yield* OwClient.OwClient
        // No single device uses all connections.
        const paths = Array.from({ length: 50 }, (_, at) => at % 2 === 0 ? temperature : "/28.000028D70200/temperature")
        const readings = Effect.forEach(paths, (path) => ow.readText(path), { concurrency: 10 })
        assert.deepStrictEqual(new Set(yield* readings), new Set(["21.5"]))
        assert.strictEqual((yield* server.statistics).connections, 4)
        yield* server.disconnect
        assert.deepStrictEqual(new Set(yield* readings), new Set(["21.5"]))
        yield* server.stop
        const error = yield* Effect.flip(ow.readText(temperature))
        assert.strictEqual(error._tag, "ConnError")
        yield* server.start
        assert.strictEqual(yield* ow.readText(temperature), "21.5")
      }).pipe(Effect.provide(layers[name](server.host, server.port)))
      // The server notices it a moment later.
      yield* Effect.repeat(server.statistics, {
        until: ({ connections }) => connections === 0,
        schedule: Schedule.spaced("5 millis")
      })
    }))

  it.live("says what the platform says of a refusal", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Layer.build(layers[name]("127.0.0.1", 1)))
      assert.strictEqual(error._tag, "ConnError")
      assert.include(error.message, "127.0.0.1:1 did not open (connect ECONNREFUSED 127.0.0.1:1)")
    }))
})

describe("the program", () => {
  it.live("prints all temperatures by each client", () =>
    Effect.gen(function*() {
      const { host, port } = yield* NodeSimulatedServer.start({ "28.000028D70100": { temperature: 21.5 } })
      const main = yield* ChildProcess.make(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url))], {
        extendEnv: true,
        env: { OWSERVER: `${host}:${port}`, FORCE_COLOR: "0" },
        stdin: "ignore",
        stderr: "inherit"
      })
      const lines = yield* main.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runCollect)
      assert.deepStrictEqual(lines, [
        "@effect-ownet/node 28.000028D70100 21.5",
        "effect/socket 28.000028D70100 21.5"
      ])
    }).pipe(Effect.provide(NodeServices.layer)))
})
