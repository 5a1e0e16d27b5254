import { OwMetrics } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Metric, Scope } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, keepalive, pass, pathOf, reply, settle } = scripted

/** Runs a test with a registry of its own. */
const isolated = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.provideService(test, Metric.MetricRegistry, new Map()))

const of = <I, S>(metric: Metric.Metric<I, S>, attributes: Record<string, string> = {}) =>
  Metric.value(Metric.withAttributes(metric, { server: "scripted:4304", ...attributes }))

const count = (metric: typeof OwMetrics.requests, attributes?: Record<string, string>) =>
  Effect.map(of(metric, attributes), ({ count }) => count)

describe("OwMetrics", () => {
  it.effect("count requests and their errors, and time them apart from their waiting", () =>
    isolated(Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          const path = pathOf(payload)
          yield* Effect.sleep("2 seconds")
          yield* peer.send(reply(header, path, path === "/bad" ? { ret: -5, payload: 0, size: 0 } : {}))
        }))
      )
      const ow = yield* scripted.client(server, { metrics: true, maxConnections: 1 })
      const fiber = yield* Effect.forEach(["/a", "/b"], (path) => ow.readText(path), { concurrency: 2 }).pipe(
        Effect.forkChild({ startImmediately: true })
      )
      yield* pass("2 seconds")
      yield* pass("2 seconds")
      yield* ended(fiber)
      assert.strictEqual(yield* count(OwMetrics.requests, { operation: "read" }), 2)
      const duration = yield* of(OwMetrics.requestDuration, { operation: "read" })
      assert.deepInclude(duration, { count: 2, sum: 4, min: 2, max: 2 })
      const wait = yield* of(OwMetrics.waitDuration, { operation: "read" })
      assert.deepInclude(wait, { count: 2, sum: 2, min: 0, max: 2 })
    })))

  it.effect("count errors by their reason, once each", () =>
    isolated(Effect.gen(function*() {
      const server = yield* scripted.make(scripted.answers((_, path) => path === "/busy" ? -5 : -1))
      const ow = yield* scripted.client(server, { metrics: true })
      yield* Effect.flip(ow.read("/busy"))
      yield* Effect.flip(ow.dir("/busy"))
      yield* Effect.flip(ow.read("/gone"))
      assert.isFalse(yield* ow.present("/gone"))
      yield* Effect.flip(ow.read("/\0"))
      assert.strictEqual(yield* count(OwMetrics.errors, { reason: "BusFault" }), 2)
      assert.strictEqual(yield* count(OwMetrics.errors, { reason: "NotFound" }), 1)
      assert.strictEqual(yield* count(OwMetrics.errors, { reason: "ArgumentError" }), 0)
      assert.strictEqual(yield* count(OwMetrics.requests, { operation: "present" }), 1)
    })))

  it.effect("count what a program gives up", () =>
    isolated(Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.forever(peer.receive))
      const ow = yield* scripted.client(server, { metrics: true, maxConnections: 1 })
      const fibers = yield* Effect.forEach(
        [["/sent", "2 seconds"], ["/waiting", "1 second"]] as const,
        ([path, patience]) =>
          Effect.forkChild(Effect.timeoutOption(ow.read(path), patience), { startImmediately: true })
      )
      yield* pass("1 second")
      yield* pass("1 second")
      yield* Fiber.joinAll(fibers)
      assert.strictEqual(yield* count(OwMetrics.requests, { operation: "read" }), 2)
      assert.strictEqual(yield* count(OwMetrics.errors, { reason: "Interrupted" }), 2)
      assert.deepInclude(yield* of(OwMetrics.requestDuration, { operation: "read" }), { count: 1, sum: 2 })
      assert.deepInclude(yield* of(OwMetrics.waitDuration, { operation: "read" }), { count: 2, sum: 1 })
    })))

  it.effect("count pings that nobody answered", () =>
    isolated(Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.forever(peer.receive), { handshake: false })
      const ow = yield* scripted.client(server, { metrics: true, lazy: true, connectTimeout: "1 second" })
      const fiber = yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
      yield* pass("1 second")
      yield* ended(fiber)
      assert.strictEqual(yield* count(OwMetrics.requests, { operation: "connect" }), 1)
      assert.strictEqual(yield* count(OwMetrics.errors, { reason: "Silent" }), 1)
    })))

  it.effect("count connections, keepalives and replays", () =>
    isolated(Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          const path = pathOf(payload)
          if (path === "/closed" && peer.index === 0) return yield* peer.close
          yield* peer.send(keepalive)
          yield* peer.send(keepalive)
          yield* peer.send(reply(header, path))
        }))
      )
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(server, { metrics: true }), scope)
      const connections = Effect.map(of(OwMetrics.connections), ({ value }) => value)
      assert.strictEqual(yield* connections, 1)
      yield* Effect.forEach(["/a", "/b", "/c"], (path) => ow.read(path), { concurrency: 3 })
      assert.strictEqual(yield* connections, 3)
      assert.strictEqual(yield* count(OwMetrics.keepalives), 6)
      for (let i = 0; i < 3; i++) yield* ow.read("/closed")
      assert.strictEqual(yield* count(OwMetrics.replays), 1)
      yield* Scope.close(scope, Exit.void)
      yield* settle
      assert.strictEqual(yield* connections, 0)
    })))

  it.effect("stay out of the way unless they are asked for", () =>
    Effect.gen(function*() {
      const registry: Metric.MetricRegistry = new Map()
      yield* Effect.gen(function*() {
        const ow = yield* scripted.client(yield* scripted.make(echo))
        yield* ow.read("/a")
      }).pipe(Effect.provideService(Metric.MetricRegistry, registry))
      assert.strictEqual(registry.size, 0)
    }))
})
