import { Device, type Merged, OwError, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { Merge } from "../../../src/internal/fleet/Merge.ts"
import * as SeenText from "../../../src/internal/fleet/SeenText.ts"
import * as Followed from "../../../src/internal/Followed.ts"
import { clientOf } from "../../fixtures/seen.ts"

type Said = Merged.ServerEvent

const ids = [1, 2, 3, 4].map((serial) => RomId.fromStringUnsafe(`28.${serial.toString(16).padStart(12, "0")}`))

const numberOf = ({ id }: Device.Device): number => ids.indexOf(id)

const deviceOf = (server: string, number: number, { bus = "bus.0", name = `device ${number}` } = {}): Device.Device =>
  Device.located(Catalogue.of, {
    id: ids[number]!,
    name,
    path: `/${bus}/${RomId.format(ids[number]!)}`,
    place: { bus, branches: [] },
    ow: clientOf(server)
  })

const dateOf = (now: number) => new Date(now * 1000)

const errorOf = (server: string) =>
  new OwError.ConnError({
    reason: { _tag: "Unreachable" },
    operation: "connect",
    server,
    problem: "it is away",
    attempts: [],
    requestSent: false
  })

/** What a follower says of a device, of a bus and of its server. */
const says = (server: string, now: number) => {
  const at = dateOf(now)
  const of = { server, at }
  return {
    begins: { _tag: "ServerAdded", ...of } as const,
    appeared: (device: Device.Device): Said => ({ _tag: "Appeared", ...of, device }),
    vanished: (device: Device.Device): Said => ({ _tag: "Vanished", ...of, device, lastSeen: at }),
    raised: (device: Device.Device): Said => ({ _tag: "Raised", ...of, device }),
    found: (devices: ReadonlyArray<Device.Device>): Said => ({
      _tag: "Found",
      ...of,
      properties: devices.map((device) => device.property("temperature")),
      missing: []
    }),
    read: (device: Device.Device, value: number): Said => ({
      _tag: "Reading",
      ...of,
      device,
      property: "temperature",
      value,
      unit: "°C",
      verdict: { _tag: "Plausible" }
    }),
    unread: (device: Device.Device): Said => ({
      _tag: "Failed",
      ...of,
      device,
      property: "temperature",
      error: new OwError.ArgumentError({ operation: "read", argument: "path", problem: "it is none" })
    }),
    recovered: (since: number): Said => ({ _tag: "ServerRecovered", ...of, since: dateOf(since) }),
    failed: { _tag: "ServerFailed", ...of, error: errorOf(server) } satisfies Said,
    busFailed: (bus: string): Said => ({ _tag: "BusFailed", ...of, bus, error: errorOf(server) }),
    busRecovered: (bus: string, since: number): Said => ({ _tag: "BusRecovered", ...of, bus, since: dateOf(since) })
  }
}

/** A merge whose hub moves when it is told to, with all that it has told. */
const merging = (servers: ReadonlyArray<string>) => {
  const rows = new Map<string, string>()
  const told: Array<string> = []
  let merge = new Merge(Followed.targets, () => undefined)
  const note = (events: ReturnType<Merge["tick"]>): void => {
    for (const event of events) {
      const { _tag, at, server } = event
      const what = "device" in event
        ? ` ${event.device.name} on ${event.device.bus}`
        : "bus" in event
        ? ` ${event.bus}`
        : ""
      const before = "since" in event ? ` since ${event.since.getTime() / 1000}` : ""
      told.push(`${at.getTime() / 1000} ${server} ${_tag}${what}${before}`)
    }
    for (const [server, known] of merge.takeChanged()) {
      if (known === undefined) rows.delete(server)
      else rows.set(server, SeenText.encodeKnown(known).text)
    }
  }
  note(merge.register(servers, 0))
  return {
    told,
    rows,
    take: (event: Parameters<Merge["take"]>[0], now: number) => note(merge.take(event, now)),
    tick: (now: number) => note(merge.tick(now)),
    miss: (server: string, now: number) => note(merge.miss(server, "nobody follows it", now)),
    register: (servers: ReadonlyArray<string>, now: number) => note(merge.register(servers, now)),
    /** Another hub goes on, with a registry of its own. */
    move: (servers: ReadonlyArray<string>, now: number) => {
      merge = new Merge(Followed.targets, () => undefined)
      for (const [server, text] of rows) {
        const { broken, known } = SeenText.decodeKnown(text, clientOf)
        assert.isUndefined(broken)
        merge.restore(server, known, now)
      }
      merge.resume(servers, now)
      merge.takeChanged()
      note(merge.register(servers, now))
    }
  }
}

type Told = ReturnType<typeof merging>

/** What a hub tells that never moves, and one that moves when it may. */
const both = (
  servers: ReadonlyArray<string>,
  script: (hub: Told, move: (now: number) => void) => void
): readonly [calm: ReadonlyArray<string>, moved: ReadonlyArray<string>] => {
  const calm = merging(servers)
  script(calm, () => undefined)
  const moved = merging(servers)
  script(moved, (now) => moved.move(servers, now))
  return [calm.told, moved.told]
}

const home = deviceOf("pi", 0)
const attic = deviceOf("pi", 1, { bus: "bus.1" })

/** A house with an alarm and a failing bus, whose follower ends; and another one begins at 20 seconds. */
const story = (rest: (hub: Told, move: (now: number) => void) => void) => (hub: Told, move: (now: number) => void) => {
  const before = says("pi", 1)
  hub.take(before.appeared(home), 1)
  hub.take(before.appeared(attic), 1)
  hub.take(before.raised(home), 1)
  hub.take(before.found([home, attic]), 1)
  hub.take(before.busFailed("bus.2"), 1)
  hub.take(says("pi", 20).begins, 20)
  move(21)
  rest(hub, move)
  pass(hub, move, 220, 400)
}

/** Lets time pass. */
const pass = (hub: Told, move: (now: number) => void, from: number, to: number): void => {
  for (let now = from; now < to; now++) {
    hub.tick(now)
    if (now % 7 === 0) move(now)
  }
}

describe("a hub that moves while it waits for what a new follower says", () => {
  const cases: Record<string, readonly [Parameters<typeof story>[0], ReadonlyArray<string>]> = {
    "tells that a bus has recovered, an alarm has ended, and a device is gone": [
      (hub, move) => {
        hub.take(says("pi", 21).appeared(home), 21)
        move(21)
        hub.take(says("pi", 21).found([home]), 21)
        move(21)
        pass(hub, move, 22, 220)
      },
      [
        "36 pi BusRecovered bus.2 since 1",
        "36 pi Cleared device 0 on bus.0 since 1",
        "141 pi Vanished device 1 on bus.1"
      ]
    ],
    "tells where a device is now that is found late, and what it is called": [
      (hub, move) => {
        hub.take(says("pi", 21).appeared(home), 21)
        hub.take(says("pi", 21).raised(home), 21)
        hub.take(says("pi", 21).found([home]), 21)
        hub.take(says("pi", 21).busFailed("bus.2"), 21)
        pass(hub, move, 22, 50)
        hub.take(says("pi", 50).appeared(deviceOf("pi", 1, { bus: "bus.3", name: "attic" })), 50)
        move(50)
        hub.take(says("pi", 50).busRecovered("bus.2", 21), 50)
        pass(hub, move, 51, 220)
      },
      ["50 pi BusRecovered bus.2 since 1", "65 pi Moved attic on bus.3", "65 pi Renamed attic on bus.3"]
    ],
    "tells both changes of a device if one of them comes at once": [
      (hub, move) => {
        for (const device of [home, deviceOf("pi", 1, { bus: "bus.3" })]) hub.take(says("pi", 21).appeared(device), 21)
        hub.take(says("pi", 21).found([home]), 21)
        move(21)
        const renamed = deviceOf("pi", 1, { bus: "bus.3", name: "attic" })
        hub.take({ _tag: "Renamed", server: "pi", at: dateOf(25), device: renamed, from: "device 1", to: "attic" }, 25)
        pass(hub, move, 26, 220)
      },
      [
        "25 pi Moved device 1 on bus.3",
        "25 pi Renamed attic on bus.3",
        "36 pi BusRecovered bus.2 since 1",
        "36 pi Cleared device 0 on bus.0 since 1"
      ]
    ],
    "waits for the devices of a bus that fails, and of a server that does": [
      (hub, move) => {
        hub.take(says("pi", 21).appeared(home), 21)
        hub.take(says("pi", 21).raised(home), 21)
        hub.take(says("pi", 21).found([home]), 21)
        hub.take(says("pi", 21).busFailed("bus.1"), 21)
        move(21)
        hub.take(says("pi", 22).busFailed("bus.2"), 22)
        pass(hub, move, 23, 200)
        hub.take(says("pi", 200).failed, 200)
        move(200)
        hub.take(says("pi", 201).busRecovered("bus.1", 21), 201)
        pass(hub, move, 202, 210)
        hub.take(says("pi", 210).recovered(200), 210)
        hub.take(says("pi", 210).appeared(attic), 210)
      },
      [
        "21 pi BusFailed bus.1",
        "200 pi ServerFailed",
        "201 pi BusRecovered bus.1 since 21",
        "210 pi ServerRecovered since 200"
      ]
    ],
    "does not take for gone what nobody looks for": [
      (hub, move) => {
        hub.take(says("pi", 21).found([]), 21)
        pass(hub, move, 22, 45)
        hub.miss("pi", 45)
        pass(hub, move, 46, 220)
      },
      ["36 pi BusRecovered bus.2 since 1", "45 pi ServerFailed"]
    ]
  }
  for (const [name, [rest, expected]] of Object.entries(cases)) {
    it(name, () => {
      const [calm, moved] = both(["pi"], story(rest))
      assert.deepStrictEqual(calm.filter((line) => Number.parseInt(line) > 20 && !line.includes("Found")), expected)
      assert.deepStrictEqual(moved, calm)
    })
  }
})

describe("a hub that moves", () => {
  it("knows the devices of a server that has not told all of them yet", () => {
    const [calm, moved] = both(["pi"], (hub, move) => {
      hub.take(says("pi", 1).appeared(home), 1)
      move(1)
      hub.take(says("pi", 1).found([home]), 1)
      move(2)
      hub.take(says("pi", 3).read(home, 20), 3)
      hub.take(says("pi", 4).vanished(home), 4)
    })
    assert.deepStrictEqual(moved, calm)
    assert.lengthOf(calm, 5)
  })

  it("knows what a follower has said of a server before the registry had it", () => {
    const [calm, moved] = [false, true].map((moves) => {
      const hub = merging(["pi"])
      hub.take(says("barn", 1).begins, 1)
      hub.take(says("barn", 1).appeared(deviceOf("barn", 2)), 1)
      hub.take(says("barn", 1).found([deviceOf("barn", 2)]), 1)
      if (moves) hub.move(["pi", "barn"], 2)
      else hub.register(["pi", "barn"], 2)
      hub.take(says("barn", 3).read(deviceOf("barn", 2), 20), 3)
      return hub.told
    })
    assert.deepStrictEqual(moved, calm)
    assert.deepStrictEqual(calm?.slice(1), [
      "2 barn ServerAdded",
      "1 barn Appeared device 2 on bus.0",
      "1 barn Found",
      "3 barn Reading device 2 on bus.0"
    ])
  })

  it("tells that a server was removed meanwhile, and forgets it", () => {
    const [calm, moved] = [false, true].map((moves) => {
      const hub = merging(["pi", "barn"])
      hub.take(says("barn", 1).appeared(deviceOf("barn", 2)), 1)
      hub.take(says("barn", 1).found([deviceOf("barn", 2)]), 1)
      if (moves) hub.move(["pi"], 2)
      else hub.register(["pi"], 2)
      hub.tick(70)
      assert.isFalse(hub.rows.has("barn"))
      return hub.told
    })
    assert.deepStrictEqual(moved, calm)
    assert.deepStrictEqual(calm?.slice(-2), ["2 barn Vanished device 2 on bus.0", "2 barn ServerRemoved"])
  })

  it("goes on from what the version before has kept", () => {
    const hub = merging(["pi"])
    const before = says("pi", 1)
    hub.rows.set("pi", SeenText.encode([before.appeared(home), before.found([home]), before.busFailed("bus.2")]).text)
    hub.move(["pi"], 10)
    hub.take(says("pi", 11).read(home, 20), 11)
    hub.take(says("pi", 12).busRecovered("bus.2", 9), 12)
    assert.deepStrictEqual(hub.told.slice(1), ["11 pi Reading device 0 on bus.0", "12 pi BusRecovered bus.2 since 1"])
  })

  const steps = Effect.fnUntraced(function*() {
    const script: Array<(hub: Told, move: (now: number) => void) => void> = []
    let now = 1
    const servers = ["pi", "barn"]
    const shown = new Map(servers.map((server) => [server, new Map<number, Device.Device>()]))
    const buses = new Map(servers.map((server) => [server, new Set<string>()]))
    const failing = new Set<string>()
    for (let step = 0; step < 150; step++) {
      const server = servers[yield* Random.nextIntBetween(0, 1)]!
      const number = yield* Random.nextIntBetween(0, 3)
      const bus = `bus.${yield* Random.nextIntBetween(0, 1)}`
      const what = yield* Random.nextIntBetween(0, 12)
      now += yield* Random.nextIntBetween(0, 12)
      const at = now
      const say = says(server, at)
      const own = shown.get(server)!
      const failed = buses.get(server)!
      const before = own.get(number)
      const events: Array<Parameters<Told["take"]>[0]> = []
      if (what <= 1) {
        events.push(say.begins)
        if (yield* Random.nextBoolean) {
          failing.delete(server)
          for (const device of own.values()) {
            if (yield* Random.nextBoolean) events.push(say.appeared(device))
            else own.delete(numberOf(device))
          }
          for (const bus of failed) {
            if (yield* Random.nextBoolean) events.push(say.busFailed(bus))
            else failed.delete(bus)
          }
          events.push(say.found([...own.values()]))
        } else {
          own.clear()
          failed.clear()
          failing.add(server)
          events.push(say.failed)
        }
      } else if (failing.has(server)) {
        failing.delete(server)
        events.push(say.recovered(at), say.found([]))
      } else if (what <= 4) {
        if (before === undefined) {
          const device = deviceOf(server, number, { bus })
          own.set(number, device)
          events.push(say.appeared(device), say.found([device]))
        } else events.push(say.read(before, at))
      } else if (what === 5 && before !== undefined) {
        own.delete(number)
        events.push(say.vanished(before))
      } else if (what === 6 && before !== undefined) events.push(say.raised(before))
      else if (what === 7) {
        failing.add(server)
        events.push(say.failed)
      } else if (what === 8) {
        events.push(failed.delete(bus) ? say.busRecovered(bus, at) : (failed.add(bus), say.busFailed(bus)))
      } else if (what === 9 && before !== undefined) events.push(say.unread(before))
      else if (before !== undefined) events.push(say.read(before, at))
      script.push((hub, move) => {
        for (const event of events) {
          hub.take(event, at)
          move(at)
        }
        for (let later = at; later < at + 3; later++) hub.tick(later)
        move(at + 2)
      })
    }
    return script
  })

  for (const seed of ["a", "b", "c", "d", "e", "f"]) {
    it.effect(`tells the same, whatever it knows and waits for (${seed})`, () =>
      Effect.gen(function*() {
        const script = yield* Random.withSeed(steps(), seed)
        const [calm, moved] = both(["pi", "barn"], (hub, move) => {
          for (const step of script) step(hub, move)
        })
        assert.isAbove(calm.length, 75)
        for (const tag of ["Rerouted", "Failed", "BusRecovered", "Vanished"]) assert.include(calm.join("\n"), tag)
        // What is told in one second may come in another order.
        assert.deepStrictEqual(moved.toSorted(), calm.toSorted())
      }))
  }
})
