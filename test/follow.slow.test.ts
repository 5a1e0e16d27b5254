/**
 * Follow and its snapshot of a server, real or simulated, that is killed, halted and restarted.
 */
import { Network, OwClient, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as Follow from "@effect-ownet/core/network/Follow"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { eventually, leavesNothing } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"

const kitchen = "28.000028D70000"
const attic = "10.000010EF0100"
const relay = "29.000029D60200"
const args = ["--tester=28,10,29"]

const all = [kitchen, attic, relay]

const networkOf = (ow: OwClient.Client) => Layer.provide(Network.fromClient, Layer.succeed(OwClient.OwClient, ow))

/** All events of a stream so far, and the state derived from them. */
const follow = Effect.fnUntraced(function*<A, E, R>(events: Stream.Stream<Follow.Event<A>, E, R>, ow: OwClient.Client) {
  const seen: Array<Follow.Event<A>> = []
  let snapshot: Snapshot.Snapshot<A> = Snapshot.empty
  const fiber = yield* events.pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        seen.push(event)
        snapshot = Snapshot.take(snapshot, event)
      })
    ),
    Effect.provide(networkOf(ow)),
    Effect.forkChild
  )
  return {
    fiber,
    seen,
    now: () => snapshot,
    count: (tag: Follow.Event["_tag"]) => seen.filter(({ _tag }) => _tag === tag).length
  }
})

const names = (snapshot: Snapshot.Snapshot<unknown>) =>
  Snapshot.devices(snapshot).map(({ device }) => RomId.format(device.id))

const often: Follow.Options = { jitter: 0, search: { every: "50 millis", absences: 1, grace: "1 milli" } }

/** The failure of the only server, if it has one. */
const failingOf = ({ servers }: Snapshot.Snapshot<unknown>) => [...servers.values()][0]?.failing

/** Whether all values were read after a given time, and nothing fails. */
const isFresh = (snapshot: Snapshot.Snapshot<unknown>, from: number): boolean =>
  failingOf(snapshot) === undefined && [...snapshot.servers.values()].every(({ buses }) => buses.size === 0) &&
  Snapshot.devices(snapshot).every(({ properties }) =>
    [...properties.values()].every(({ failing, reading }) =>
      failing === undefined && reading !== undefined && reading.at.getTime() > from
    )
  )

for (const backend of owserver.everyBackend) {
  backend.describe(`following ${backend.name}`, () => {
    const serve = owserver.serveBy(backend)

    it.live("knows all that there is, with the main values", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        const { count, now } = yield* follow(Follow.follow(Follow.all(), "50 millis", often), ow)
        yield* eventually(() => isFresh(now(), 0) && names(now()).length === 3)
        assert.sameMembers(names(now()), all)
        const properties = Snapshot.devices(now()).map(({ properties }) => [...properties.keys()])
        assert.sameDeepMembers(properties, [["temperature"], ["temperature"], ["PIO.ALL", "sensed.ALL"]])
        yield* Effect.sleep("300 millis")
        assert.strictEqual(count("Appeared"), 3)
        assert.strictEqual(count("Vanished") + count("Failed") + count("ServerFailed"), 0)
        assert.strictEqual(count("Found"), 1)
      }))

    it.live("knows families, and named devices by any address", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        yield* ow.write(`/${kitchen}/alias`, "kitchen")
        const thermometers = yield* follow(
          Follow.follow(Follow.families([Families.DS18B20, Families.DS18S20], ["temperature"]), "50 millis", often),
          ow
        )
        const named = yield* follow(
          Follow.follow(
            [
              Follow.device(Families.DS18B20, "kitchen", ["temperature", "temphigh"]),
              Follow.device(Catalogue.of, attic),
              Follow.device(Catalogue.of, `/bus.0/${relay}`, ["PIO.BYTE"]),
              Follow.device(Catalogue.of, "nobody")
            ],
            "50 millis",
            often
          ),
          ow
        )
        yield* eventually(() => isFresh(thermometers.now(), 0) && names(thermometers.now()).length === 2)
        yield* eventually(() => isFresh(named.now(), 0) && names(named.now()).length === 3)
        assert.sameMembers(names(thermometers.now()), [kitchen, attic])
        assert.sameMembers(names(named.now()), all)
        assert.strictEqual(named.now().missing?.length, 1)
        yield* Effect.sleep("300 millis")
        assert.strictEqual(named.count("Found"), 1)
        assert.strictEqual(named.count("Vanished"), 0)
      }))

    it.live("knows nothing of what is not there", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        const { count, now } = yield* follow(
          Follow.follow(
            [Follow.device(Catalogue.of, "28.000028D7FD00", []), Follow.device(Catalogue.of, "nobody")],
            "20 millis",
            often
          ),
          ow
        )
        yield* eventually(() => count("Found") > 0)
        yield* Effect.sleep("500 millis")
        assert.strictEqual(count("Appeared"), 0)
        assert.strictEqual(count("Found"), 1)
        assert.strictEqual(now().missing?.length, 2)
      }))

    it.live("goes with an alias to another device", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        yield* ow.write(`/${kitchen}/alias`, "room")
        const { count, now } = yield* follow(
          Follow.follow(Follow.device(Catalogue.of, "room"), "50 millis", often),
          ow
        )
        yield* eventually(() => names(now()).includes(kitchen))
        yield* ow.write(`/${kitchen}/alias`, "")
        yield* ow.write(`/${attic}/alias`, "room")
        yield* eventually(() => names(now()).includes(attic) && isFresh(now(), 0))
        assert.deepStrictEqual(names(now()), [attic])
        assert.strictEqual(count("Vanished"), 1)
        yield* ow.write(`/${attic}/alias`, "")
        yield* eventually(() => names(now()).length === 0)
        assert.strictEqual(now().missing?.length, 1)
      }))

    it.live("has the thermometers measure together", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(["--tester=28,28,10"])
        const { now } = yield* follow(
          Follow.follow(Follow.all(), "100 millis", { ...often, together: { wait: "10 millis" } }),
          ow
        )
        yield* eventually(() => names(now()).length === 3 && isFresh(now(), 0))
        const from = Date.now()
        yield* eventually(() => isFresh(now(), from))
      }))

    it.live("tells that a server is killed, and goes on with the next one", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(args)
        const { host, port } = server
        const ow = yield* owserver.client(NodeOwClient.layer({ host, port }))
        const { count, now, seen } = yield* follow(Follow.follow(Follow.all(), "50 millis", often), ow)
        yield* eventually(() => isFresh(now(), 0) && names(now()).length === 3)
        yield* server.kill
        yield* eventually(() => failingOf(now()) !== undefined)
        yield* Effect.sleep("300 millis")
        const told = seen.length
        yield* Effect.sleep("300 millis")
        assert.strictEqual(seen.length, told)
        assert.strictEqual(count("ServerFailed"), 1)
        const from = Date.now()
        yield* backend.start(args, port)
        yield* eventually(() => isFresh(now(), from))
        assert.sameMembers(names(now()), all)
        assert.strictEqual(count("ServerRecovered"), 1)
        assert.strictEqual(count("Vanished"), 0)
        assert.strictEqual(count("Failed"), 0)
      }))

    it.live("waits for a server that is not there yet", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(args)
        const { host, port } = server
        yield* server.kill
        const ow = yield* owserver.client(NodeOwClient.layer({ host, port, lazy: true }))
        const { count, now } = yield* follow(Follow.follow(Follow.all(), "50 millis", often), ow)
        yield* eventually(() => failingOf(now()) !== undefined)
        yield* Effect.sleep("300 millis")
        assert.strictEqual(count("ServerFailed"), 1)
        assert.strictEqual(now().missing, undefined)
        yield* backend.start(args, port)
        yield* eventually(() => names(now()).length === 3 && isFresh(now(), 0))
      }))

    it.live("goes on when a server has been halted for a while", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve(args, { timeout: "300 millis" })
        const { count, now } = yield* follow(
          Follow.follow(Follow.all(), "50 millis", { ...often, timeout: "300 millis" }),
          ow
        )
        yield* eventually(() => isFresh(now(), 0) && names(now()).length === 3)
        yield* server.signal("SIGSTOP")
        yield* eventually(() => failingOf(now()) !== undefined)
        yield* Effect.sleep("1 second")
        const from = Date.now()
        yield* server.signal("SIGCONT")
        yield* eventually(() => isFresh(now(), from))
        assert.strictEqual(count("Vanished"), 0)
        assert.strictEqual(count("ServerFailed"), count("ServerRecovered"))
      }))

    it.live("leaves nothing behind when it is interrupted, whenever that is", () =>
      Effect.gen(function*() {
        const { host, port } = yield* backend.start(args)
        const layer = NodeOwClient.layer({ host, port })
        yield* leavesNothing(Effect.gen(function*() {
          const ow = yield* owserver.client(layer)
          for (let round = 0; round < 50; round++) {
            const { fiber } = yield* follow(
              Follow.follow([Follow.all(), Follow.device(Catalogue.of, kitchen)], "1 milli", {
                search: { every: "1 milli" },
                alarms: { every: "1 milli" },
                together: { wait: "1 milli" }
              }),
              ow
            )
            yield* Effect.sleep(`${round % 20} millis`)
            yield* Fiber.interrupt(fiber)
          }
        }))
      }))

    it.live("holds what is known, and leaves nothing behind", () =>
      Effect.gen(function*() {
        const { host, port } = yield* backend.start(args)
        yield* leavesNothing(Effect.gen(function*() {
          const ow = yield* owserver.client(NodeOwClient.layer({ host, port }))
          const house = yield* Snapshot.hold(Follow.follow(Follow.all(), "20 millis", often)).pipe(
            Effect.provide(networkOf(ow))
          )
          const whole = yield* house.changes.pipe(
            Stream.filter((snapshot) => names(snapshot).length === 3 && isFresh(snapshot, 0)),
            Stream.runHead,
            Effect.timeoutOrElse({ duration: "40 seconds", orElse: () => Effect.die("no snapshot has all three") })
          )
          assert.strictEqual(whole._tag, "Some")
          assert.sameMembers(names(yield* house.now), all)
        }))
      }))
  })
}
