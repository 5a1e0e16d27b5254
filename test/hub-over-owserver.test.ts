/**
 * The hub over the real owserver: the displayed values and the history while the server is killed and restarted, with viewers who
 * read, and some who never do. Finally all of it ends at once, and leaves nothing behind.
 */
import { History, Hub, Routes } from "@effect-ownet/hub"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Schedule, Scope, Stream } from "effect"
import { HttpServer } from "effect/http"
import { NetAddress } from "effect/net"
import { createServer } from "node:http"
import { connect } from "node:net"
import { eventually, leavesNothing } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"

const kitchen = "28.000028D70000"
const args = ["--tester=28,10,29"]
const of = { place: kitchen, property: "temperature" }

/** A viewer of the live stream, with the number of received messages. */
const view = (port: number, reads: boolean) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = connect(port, "127.0.0.1")
      const viewer = { socket, messages: 0, isOver: false }
      socket.write("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
      socket.on("close", () => void (viewer.isOver = true)).on("error", () => {})
      if (reads) socket.on("data", (data) => void (viewer.messages += data.toString().split("data: ").length - 1))
      else socket.pause()
      return viewer
    }),
    ({ socket }) => Effect.sync(() => socket.destroy())
  )

/** Checks repeatedly until a condition holds. */
const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (found: A) => boolean) =>
  Effect.filterOrFail(look, isSo, () => "it did not come about" as const).pipe(
    Effect.retry(Schedule.upTo(Schedule.spaced("10 millis"), { duration: "40 seconds" }))
  )

/** A hub over a server, until it is stopped, and its port. */
const start = Effect.fnUntraced(function*(port: number) {
  const scope = yield* Effect.acquireRelease(Scope.make(), Scope.close)
  const hub = Hub.layer({ every: "100 millis", flush: "1 hour" }).pipe(
    Layer.provideMerge(History.layerMemory),
    Layer.provide(NodeNetwork.layer({ servers: [{ name: "pi", host: "127.0.0.1", port }] }))
  )
  const http = NodeHttpServer.layer(() => createServer(), {
    host: "127.0.0.1",
    port: 0,
    gracefulShutdownTimeout: "250 millis"
  })
  const context = yield* Layer.buildWithScope(
    Routes.serve(Routes.layer()).pipe(Layer.provideMerge([hub, http])),
    scope
  )
  const { state } = Context.get(context, Hub.Hub)
  const history = Context.get(context, History.History)
  const { address } = Context.get(context, HttpServer.HttpServer)
  yield* until(state, ({ places }) => places.length === 3)
  return {
    state,
    history,
    port: NetAddress.isInetAddress(address) ? address.port : 0,
    rows: Stream.runCollect(history.rows({ ...of, from: 0, to: 1e10 })),
    stop: Scope.close(scope, Exit.void)
  }
})

owserver.describe("a hub over owserver", () => {
  it.live("says what is so while the server is killed and comes back", () =>
    Effect.gen(function*() {
      const first = yield* Effect.acquireRelease(Scope.make(), Scope.close)
      const { port } = yield* Scope.provide(owserver.start(args), first)
      const { history, rows, state } = yield* start(port)
      yield* until(rows, (rows) => rows.at(-1)?.value !== undefined)

      yield* Scope.close(first, Exit.void)
      yield* until(state, ({ servers }) => servers[0]?.failing !== undefined)
      assert.isUndefined((yield* rows).at(-1)?.value)
      const now = (yield* Clock.currentTimeMillis) / 1000
      const [gap] = yield* history.buckets({ of: [of], edges: [now + 2, now + 3], now: now + 3 })
      assert.deepStrictEqual(gap?.mean, [undefined])

      yield* owserver.start(args, port)
      yield* until(state, ({ servers }) => servers[0]?.failing === undefined)
      yield* until(rows, (rows) => rows.at(-1)?.value !== undefined)
      const events = yield* history.events({ from: 0, to: 1e10, limit: 100 })
      assert.includeMembers(events.map(({ kind }) => kind), ["Started", "Appeared", "ServerFailed", "ServerRecovered"])
    }))

  it.live("ends with all its viewers, those that read and those that never do, and leaves nothing", () =>
    Effect.gen(function*() {
      const { port } = yield* owserver.start(args)
      yield* leavesNothing(Effect.gen(function*() {
        const hub = yield* start(port)
        const viewers = yield* Effect.all(Array.from({ length: 12 }, (_, i) => view(hub.port, i % 2 === 0)))
        const reading = viewers.filter((_, i) => i % 2 === 0)
        yield* eventually(() => reading.every(({ messages }) => messages > 1))
        yield* hub.stop
        yield* eventually(() => reading.every(({ isOver }) => isOver))
      }))
    }))
})
