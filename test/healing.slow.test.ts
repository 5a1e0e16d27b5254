/**
 * The client when its server dies, hangs, disappears silently, or has callers that interrupt their calls.
 */
import { Connector, OwClient, type OwError, OwRetry } from "@effect-ownet/core"
import { NodeConnector, NodeOwClient } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import {
  Array as Arr,
  Cause,
  Config,
  ConfigProvider,
  Effect,
  Exit,
  Fiber,
  Layer,
  Metric,
  Option,
  Random,
  Schedule,
  Stream
} from "effect"
import * as Net from "node:net"
import { eventually, leavesNothing, sockets } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"
import { reason } from "./fixtures/owserver.ts"
import { about, ask, devices } from "./fixtures/questions.ts"

const sensor = "/28.000028D70100"

const numbers = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

/** Starts the given number of fibers at the same time. */
const crowd = <A, E, R>(size: number, member: (index: number) => Effect.Effect<A, E, R>) =>
  Effect.forEach(numbers(size), member, { concurrency: "unbounded" })

const retried = <A, R>(call: Effect.Effect<A, OwError.OwError, R>) =>
  Effect.retry(call, { while: (error) => error.isRetryable, schedule: Schedule.spaced("30 millis") })

/** One of each kind of call. */
const everyKind: ReadonlyArray<(ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>> = [
  (ow) => ow.readText(`${sensor}/type`),
  (ow) => ow.write(`${sensor}/templow`, "10"),
  (ow) => ow.present(sensor),
  (ow) => ow.dir(),
  (ow) => Stream.runCollect(ow.dirStream()),
  (ow) => ow.get(sensor)
]

/** Counts the actions of a connector. */
const watched = (connector: Connector.Connector["Service"]) => {
  const counts = { opened: new Map<string, number>(), unanswered: 0, heardAt: 0 }
  const endpoint = (endpoint: Connector.Endpoint): Connector.Endpoint => ({
    address: endpoint.address,
    connect: (receiver) => {
      counts.opened.set(endpoint.address, (counts.opened.get(endpoint.address) ?? 0) + 1)
      let isAsked = false
      const link = endpoint.connect({
        onOpen: () => receiver.onOpen(),
        onData: (chunk, length) => {
          isAsked = false
          counts.heardAt = performance.now()
          receiver.onData(chunk, length)
        },
        onEnd: (cause) => {
          if (isAsked) counts.unanswered++
          receiver.onEnd(cause)
        }
      })
      return {
        buffer: link.buffer,
        write: (bytes) => {
          isAsked = true
          link.write(bytes)
        },
        close: () => link.close()
      }
    }
  })
  return {
    counts,
    connector: { server: connector.server, resolve: Effect.map(connector.resolve, Arr.map(endpoint)) }
  }
}

/** A client over the test's own connector. */
const clientOver = (connector: Connector.Connector["Service"], options?: OwClient.Options) =>
  owserver.client(Layer.provide(OwClient.layer(options), Layer.succeed(Connector.Connector, connector)))

/** One name for several addresses, tried in this order. */
const named = (addresses: Arr.NonEmptyReadonlyArray<readonly [host: string, port: number]>) =>
  Effect.map(
    Effect.forEach(addresses, ([host, port]) => NodeConnector.make({ host, port })),
    (connectors) =>
      watched({
        server: "name",
        resolve: Effect.map(Effect.forEach(connectors, ({ resolve }) => resolve), Arr.flatten)
      })
  )

/** A server that is not an owserver. */
const stranger = (onConnection: (socket: Net.Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
        const sockets = new Set<Net.Socket>()
        const server = Net.createServer((socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          socket.on("close", () => sockets.delete(socket))
          onConnection(socket)
        })
        server.listen(0, "127.0.0.1", () => {
          const address = server.address()
          resume(Effect.succeed({
            port: typeof address === "object" && address !== null ? address.port : 0,
            close: () => {
              server.close()
              for (const socket of sockets) socket.destroy()
            }
          }))
        })
      }),
      (server) => Effect.sync(() => server.close())
    ),
    ({ port }) => port
  )

const mute = stranger((socket) => void socket.resume())

const web = stranger((socket) => {
  socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"))
})

/** A port where nothing listens. */
const nobody = Effect.scoped(mute)

describe("the census", () => {
  it.live("tells a fiber, a socket and a timer that stay", () =>
    Effect.gen(function*() {
      const port = yield* mute
      const timer = { clear: () => {} }
      const socket = new Net.Socket()
      const leak = Effect.gen(function*() {
        const timeout = setTimeout(() => {}, 60_000)
        timer.clear = () => clearTimeout(timeout)
        socket.connect(port, "127.0.0.1")
        return yield* Effect.forkDetach(Effect.never)
      })
      let fiber: Fiber.Fiber<never> | undefined
      const error = yield* Effect.flip(leavesNothing(Effect.tap(leak, (leaked) =>
        Effect.sync(() => {
          fiber = leaked
        }))))
      assert.include(error.message, "fiber: 0 before, 1 after")
      assert.include(error.message, "socket: ")
      assert.include(error.message, "TCPSocketWrap: ")
      assert.include(error.message, "Timeout: 0 before, 1 after")
      timer.clear()
      socket.destroy()
      if (fiber !== undefined) yield* Fiber.interrupt(fiber)
    }))
})

for (const backend of owserver.everyBackend) {
  backend.describe(`the client of ${backend.name} heals`, () => {
    const { mostSockets, socketsEach, start } = backend

    it.live("when the server is killed five times among 500 calls", () =>
      Effect.gen(function*() {
        let server = yield* start([devices])
        /** Counts the starts of the server; undefined while it is down. */
        let life: number | undefined = 0
        let answered = 0
        let calm = 0
        const failures: Array<OwError.OwError> = []
        const unexcused: Array<OwError.OwError> = []
        const kills = yield* Effect.forkScoped(Effect.gen(function*() {
          for (let next = 1; next <= 5; next++) {
            yield* eventually(() => answered >= next * 70)
            const before = failures.length
            life = undefined
            yield* server.kill
            yield* eventually(() => failures.length > before)
            server = yield* start([devices], server.port)
            life = next
          }
        }))

        yield* leavesNothing(Effect.gen(function*() {
          const before = sockets()
          const ow = yield* owserver.client(NodeOwClient.layer({ host: server.host, port: server.port }))
          const questions = yield* about(ow)
          const call = Effect.suspend(() => {
            const began = life
            const isCalm = () => began !== undefined && began === life
            return ask(ow, questions).pipe(
              Effect.tap(() =>
                Effect.sync(() => {
                  answered++
                  if (isCalm()) calm++
                })
              ),
              Effect.tapError((error) =>
                Effect.sync(() => {
                  failures.push(error)
                  if (isCalm()) unexcused.push(error)
                })
              )
            )
          })
          const calls = (count: number, call: Effect.Effect<void, OwError.OwError>) =>
            crowd(10, () =>
              Effect.forEach(
                numbers(count),
                () => Effect.andThen(call, Effect.flatMap(Random.nextIntBetween(0, 10), Effect.sleep))
              ))
          yield* calls(40, retried(call))
          yield* Fiber.join(kills)
          yield* calls(10, call)
          assert.isAtMost(sockets() - before, mostSockets(4))
        }))

        assert.strictEqual(answered, 500)
        assert.isAtLeast(calm, 300)
        assert.isAtLeast(failures.length, 5)
        assert.isTrue(failures.every(({ isRetryable }) => isRetryable))
        assert.deepStrictEqual(unexcused, [])
      }).pipe(Random.withSeed("killed")), 60_000)

    it.live("when the server closes 200 idle connections at the moment of a read, twice", () =>
      Effect.gen(function*() {
        const { host, port } = yield* start([
          devices,
          "--timeout_persistent_low=1",
          "--timeout_persistent_high=1",
          "--clients_persistent_high=300"
        ])
        yield* leavesNothing(Effect.gen(function*() {
          const inner = yield* NodeConnector.make({ host, port })
          const clients = yield* crowd(50, () =>
            Effect.gen(function*() {
              const { connector, counts } = watched(inner)
              return { ow: yield* clientOver(connector, { lazy: true }), counts }
            }))
          const questions = yield* about((clients[0] ?? assert.fail()).ow)
          const four = (ow: OwClient.Client) => crowd(4, () => ask(ow, questions))
          const unanswered = () => clients.reduce((sum, { counts }) => sum + counts.unanswered, 0)

          // One client after another, each near its own server's deadline.
          yield* Effect.forEach(clients, ({ counts, ow }, index) =>
            Effect.gen(function*() {
              yield* Effect.sleep(index * 5)
              yield* four(ow)
              const deadline = counts.heardAt + 1001
              yield* Effect.sleep(deadline - performance.now() + (yield* Random.nextBetween(-3, 3)))
              yield* four(ow)
            }), { concurrency: "unbounded" })

          // All at the same time, by a program that was too busy to notice that the server closed them.
          const all = Effect.forEach(clients, ({ ow }) => four(ow), { concurrency: "unbounded" })
          yield* all
          const heardAt = clients.map(({ counts }) => counts.heardAt)
          yield* Effect.sleep(Math.min(...heardAt) + 850 - performance.now())
          const end = Math.max(...heardAt) + 1020
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, end - performance.now())
          yield* all
          // A server in this process receives nothing while the program is busy.
          assert.isAtLeast(unanswered(), backend === owserver.real ? 50 : 10)
        }))
      }).pipe(Random.withSeed("idle")), 60_000)

    const stopped: ReadonlyArray<readonly [string, boolean]> = [["idle", false], ["at work", true]]
    for (const [name, isBusy] of stopped) {
      it.live(`when the server is stopped while connections are ${name}`, () =>
        Effect.gen(function*() {
          const server = yield* start([devices])
          yield* leavesNothing(Effect.gen(function*() {
            const before = sockets()
            const ow = yield* owserver.client(NodeOwClient.layer({
              host: server.host,
              port: server.port,
              silenceTimeout: "500 millis",
              connectTimeout: "500 millis"
            }))
            const questions = yield* about(ow)
            yield* Effect.repeat(crowd(8, () => ask(ow, questions)), {
              until: () => sockets() - before === 4 * socketsEach
            })
            let answered = 0
            const count = Effect.sync(() => answered++)
            const work = crowd(isBusy ? 8 : 0, () => Effect.flip(Effect.forever(Effect.tap(ask(ow, questions), count))))
            const working = yield* Effect.forkChild(work)
            yield* eventually(() => !isBusy || answered >= 100)

            yield* server.signal("SIGSTOP")
            const impatient = Effect.forEach(everyKind, (call) =>
              Effect.gen(function*() {
                const error = yield* Effect.flip(Effect.timeout(call(ow), "50 millis"))
                assert.isTrue(Cause.isTimeoutError(error), error.message)
              }), { concurrency: "unbounded" })
            const [atWork, later] = yield* Effect.all([
              Fiber.join(working),
              Effect.forEach([...everyKind, ...everyKind], (call) => Effect.flip(call(ow)), {
                concurrency: "unbounded"
              }),
              impatient
            ], { concurrency: "unbounded" })
            for (const error of [...atWork, ...later]) {
              assert.include(["Silence", "Silent"], reason(error), error.message)
              const isSent = reason(error) === "Silence"
              assert.deepInclude(error, { requestSent: isSent })
              const isWrite = "operation" in error && error.operation === "write"
              assert.strictEqual(error.isRetryable, !(isWrite && isSent), error.message)
            }
            yield* impatient

            yield* server.signal("SIGCONT")
            yield* retried(ow.ping())
            yield* crowd(200, () => ask(ow, questions))
            for (const call of everyKind) yield* call(ow)
            assert.isAtMost(sockets() - before, mostSockets(4))
          }))
        }).pipe(Random.withSeed("stopped")), 60_000)
    }

    it.live("around the dead addresses of a name", () =>
      Effect.gen(function*() {
        const server = yield* start([devices])
        const refusing = [yield* nobody, "refused the connection (ECONNREFUSED)"] as const
        const silent = [yield* mute, "sent nothing for 0.3 s"] as const
        const other = [yield* web, "HTTP/1.1 400 Bad Request"] as const
        const options = { connectTimeout: "300 millis" } as const
        for (const [port] of [refusing, silent, other]) {
          yield* leavesNothing(Effect.gen(function*() {
            const { connector, counts } = yield* named([["127.0.0.1", port], ["127.0.0.1", server.port]])
            const ow = yield* clientOver(connector, options)
            const questions = yield* about(ow)
            yield* crowd(50, () => ask(ow, questions))
            assert.strictEqual(counts.opened.get(`127.0.0.1:${port}`), 1)
          }))
        }
        for (const dead of [[refusing], [silent], [refusing, silent], [refusing, silent, other]] as const) {
          yield* leavesNothing(Effect.gen(function*() {
            const { connector } = yield* named(Arr.map(dead, ([port]) => ["127.0.0.1", port]))
            const { message } = yield* Effect.flip(clientOver(connector, options))
            for (const [port, problem] of dead) {
              assert.include(message, `127.0.0.1:${port}`)
              assert.include(message, problem)
            }
          }))
        }
      }).pipe(Random.withSeed("addresses")), 60_000)

    it.live("by going to another address when the one that served is gone", () =>
      Effect.gen(function*() {
        for (const persistence of [true, false]) {
          const first = yield* start([devices])
          const second = yield* start([devices])
          yield* leavesNothing(Effect.gen(function*() {
            const { connector, counts } = yield* named([[first.host, first.port], [second.host, second.port]])
            const ow = yield* clientOver(connector, { flags: { persistence } })
            const questions = yield* about(ow)
            yield* crowd(20, () => ask(ow, questions))
            assert.deepStrictEqual([...counts.opened.keys()], [`127.0.0.1:${first.port}`])
            yield* first.kill
            yield* crowd(20, () => retried(ask(ow, questions)))
            assert.isAtLeast(counts.opened.get(`127.0.0.1:${second.port}`) ?? 0, 1)
            yield* crowd(20, () => ask(ow, questions))
          }))
        }
      }).pipe(Random.withSeed("another")), 60_000)

    // A simulated server listens at one address.
    if (backend === owserver.real) {
      it.live("whichever of IPv4 and IPv6 the server speaks", () =>
        Effect.gen(function*() {
          // On one port the server speaks only IPv6, on the other only IPv4.
          const port6 = yield* nobody
          const { host, port } = yield* start([devices, "-p", `::1:${port6}`])
          yield* leavesNothing(Effect.gen(function*() {
            const env = ConfigProvider.fromEnv({ env: { OWSERVER: `owserver://[::1]:${port6}` } })
            const directly = yield* owserver.client(
              Layer.provide(
                NodeOwClient.layerConfig({ retry: Config.succeed(OwRetry.transient) }),
                ConfigProvider.layer(env)
              )
            )
            const byName = yield* owserver.client(NodeOwClient.layer({ host: "localhost", port }))
            const over6 = yield* named([[host, port6], ["::1", port6]])
            const over4 = yield* named([["::1", port], [host, port]])
            const questions = yield* about(directly)
            for (
              const ow of [directly, byName, yield* clientOver(over6.connector), yield* clientOver(over4.connector)]
            ) {
              yield* crowd(20, () => ask(ow, questions))
            }
            assert.strictEqual(over6.counts.opened.get(`${host}:${port6}`), 1)
            assert.strictEqual(over4.counts.opened.get(`[::1]:${port}`), 1)
          }))
        }).pipe(Random.withSeed("families")), 60_000)
    }

    for (const limit of [20, 2]) {
      it.live(`when the server keeps ${limit} connections, and the pool wants 30`, () =>
        Effect.gen(function*() {
          const server = yield* start([devices, `--clients_persistent_high=${limit}`])
          yield* leavesNothing(Effect.gen(function*() {
            const before = sockets()
            const { connector, counts } = watched(yield* NodeConnector.make(server))
            const ow = yield* clientOver(connector, { maxConnections: 30 })
            const other = yield* owserver.client(
              NodeOwClient.layer({ host: server.host, port: server.port, lazy: true })
            )
            const questions = yield* about(ow)
            for (let round = 0; round < 5; round++) {
              yield* Effect.all([
                crowd(60, () => ask(ow, questions)),
                // Calls that involve no device may use any number of connections.
                crowd(30, () => ow.readText("/settings/units/temperature_scale")),
                Effect.forEach(numbers(10), () => ask(other, questions))
              ], { concurrency: "unbounded" })
              assert.isAtMost(sockets() - before, mostSockets(34))
            }
            // The others were closed after the single call that they were opened for.
            assert.isAbove(counts.opened.get(`${server.host}:${server.port}`) ?? 0, 30)
          }))
        }).pipe(Random.withSeed("crowded")), 60_000)
    }

    for (const args of [[], ["--pingcrazy"]]) {
      it.live(
        `after hundreds of interruptions${args.length === 0 ? "" : ", among keepalives"}`,
        () =>
          Effect.gen(function*() {
            const server = yield* start([devices, ...args])
            yield* leavesNothing(Effect.gen(function*() {
              const before = sockets()
              let most = 0
              const ends = { given: 0, interrupted: 0, tooLate: 0 }
              const ow = yield* owserver.client(NodeOwClient.layer({ host: server.host, port: server.port }))
              const questions = yield* about(ow)
              const within = <A>(limit: number, call: (millis: number) => Effect.Effect<A, OwError.OwError>) =>
                Effect.flatMap(Random.nextBetween(0.1, limit), (millis) => Effect.timeout(call(millis), millis))
              const calls: ReadonlyArray<Effect.Effect<unknown, OwError.OwError | Cause.TimeoutError>> = [
                ...numbers(6).map(() => ask(ow, questions)),
                ow.write(`${sensor}/templow`, "10"),
                Stream.runDrain(Stream.take(ow.dirStream(), 2)),
                within(20, () => ask(ow, questions)),
                within(20, () => ow.write(`${sensor}/templow`, "10")),
                within(50, () => Stream.runDrain(ow.dirStream())),
                within(20, (timeout) => ow.dir("/", { timeout: timeout / 2 }))
              ]
              yield* crowd(100, (index) =>
                Effect.gen(function*() {
                  for (let round = 0; round < 8; round++) {
                    const fiber = yield* Effect.forkChild(calls[(index + round) % calls.length] ?? assert.fail())
                    const exit = yield* Effect.timeoutOrElse(Fiber.await(fiber), {
                      duration: yield* Random.nextBetween(0, 300),
                      orElse: () => Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber))
                    })
                    if (Exit.isSuccess(exit)) ends.given++
                    else if (Cause.hasInterruptsOnly(exit.cause)) ends.interrupted++
                    else {
                      const error = Option.getOrElse(
                        Cause.findErrorOption(exit.cause),
                        () => assert.fail(Cause.pretty(exit.cause))
                      )
                      assert.isTrue(Cause.isTimeoutError(error) || reason(error) === "Call", String(error))
                      ends.tooLate++
                    }
                  }
                  most = Math.max(most, sockets() - before)
                }))
              assert.isAtMost(most, mostSockets(4))
              // How many of each depends on the machine.
              for (const count of Object.values(ends)) assert.isAbove(count, 0)
              yield* crowd(100, () => ask(ow, questions))
              for (const call of everyKind) yield* call(ow)
              assert.isAtMost(sockets() - before, mostSockets(4))
            }))
          }).pipe(Random.withSeed("storm")),
        60_000
      )
    }

    it.live(
      "when the server hangs in its shutdown, and is then killed and started again",
      () =>
        Effect.gen(function*() {
          const server = yield* start([devices])
          const options = { host: server.host, port: server.port, connectTimeout: "300 millis" } as const
          yield* leavesNothing(Effect.gen(function*() {
            // As long as this connection exists, the server does not end by itself.
            const witness = yield* owserver.client(NodeOwClient.layer({ ...options, maxConnections: 1 }))
            const ow = yield* owserver.client(NodeOwClient.layer(options))
            const questions = yield* about(ow)
            // The server sometimes misses the signal.
            const late = yield* server.signal("SIGTERM").pipe(
              Effect.andThen(Effect.scoped(owserver.client(NodeOwClient.layer(options)))),
              Effect.forever,
              Effect.flip
            )
            assert.strictEqual(reason(late), "Silent", late.message)
            yield* crowd(20, () => ask(ow, questions))

            // A caller that loses its connection gets no other.
            yield* Fiber.interrupt(yield* Effect.forkChild(ow.dir(), { startImmediately: true }))
            const lost = yield* crowd(8, () => Effect.flip(ask(ow, questions)))
            assert.deepStrictEqual([...new Set(lost.map(reason))], ["Silent"])
            yield* crowd(4, () => ask(witness, questions))

            const patient = yield* Effect.forkChild(crowd(20, () => retried(ask(ow, questions))))
            yield* Effect.sleep("100 millis")
            yield* server.kill
            yield* Metric.disableRuntimeMetrics(start([devices], server.port))
            yield* Fiber.join(patient)
            yield* crowd(50, () => ask(ow, questions))
            yield* crowd(4, () => ask(witness, questions))
          }))
        }).pipe(Random.withSeed("shutdown")),
      60_000
    )
  })
}
