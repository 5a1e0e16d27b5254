import { MulticastDns } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Announcements, type Change } from "../../src/internal/Announcements.ts"
import { address, location, packet, pointer, service, whole } from "../fixtures/announced.ts"

const source = { address: "10.77.0.9", zone: undefined }
const onV0 = { address: "fe80::9%v0", zone: "v0" }
const onV1 = { address: "fe80::9%v1", zone: "v1" }

/** Lets a time pass as a program does that follows, and gives what is told on the way, and what is asked. */
const until = (announcements: Announcements, from: number, to: number) => {
  const told: Array<Change> = []
  const asked: Array<readonly [now: number, questions: string, known: number]> = []
  let steps = 0
  for (let now = from; now <= to; now = announcements.next) {
    if (++steps > 1000) assert.fail(`does not get beyond ${now}`)
    told.push(...announcements.changes(now))
    const packet = announcements.ask(now)
    if (packet === undefined) continue
    const questions = packet.questions.map(({ name, type }) => `${type} ${name[0]}`).join()
    asked.push([now, questions, packet.records.length])
  }
  return { told, asked }
}

const shown = (changes: ReadonlyArray<Change>) =>
  changes.map(({ _tag, server: { addresses, host, name, port } }) =>
    `${_tag} ${name} ${host}:${port} ${addresses.join()}`
  )

describe("questions", () => {
  it("are asked at once, after 1 and 4 seconds, and then less and less often, each hour at last", () => {
    const { asked } = until(new Announcements(0), 0, 4 * 3_600_000)
    const times = asked.map(([now]) => now / 1000)
    assert.deepStrictEqual(times.slice(0, 6), [0, 1, 4, 13, 40, 121])
    assert.deepStrictEqual(times.slice(1).map((time, at) => time - times[at]).slice(-3), [3600, 3600, 3600])
    assert.isTrue(asked.every(([, questions]) => questions === "PTR _owserver"))
  })

  it("say which answers are known, as long as half of their time is left", () => {
    const announcements = new Announcements(0)
    announcements.ask(0)
    announcements.receive(whole({ ttl: 20 }), source, 100)
    const known = announcements.ask(1000)?.records
    assert.deepStrictEqual(known, [{ _tag: "PTR", name: service, ttl: 19, target: ["attic", ...service] }])
    assert.deepStrictEqual(announcements.ask(12_000)?.records, [])
  })

  it("are for the port and then the addresses if a server is named alone", () => {
    const announcements = new Announcements(0)
    until(announcements, 0, 0)
    announcements.receive(packet(pointer()), source, 50)
    assert.deepStrictEqual(until(announcements, 50, 60), { told: [], asked: [[50, "SRV attic", 0]] })
    announcements.receive(packet(location()), source, 70)
    assert.deepStrictEqual(until(announcements, 70, 80), { told: [], asked: [[70, "A pi,AAAA pi", 0]] })
    announcements.receive(packet(address("10.77.0.1")), source, 90)
    const { asked, told } = until(announcements, 90, 900)
    assert.deepStrictEqual(asked, [])
    assert.deepStrictEqual(shown(told), ["Announced attic pi.local:4304 10.77.0.1"])
  })

  it("are asked again before what they are about is over", () => {
    const announcements = new Announcements(0)
    announcements.ask(0)
    announcements.receive(whole(), source, 0)
    const { asked, told } = until(announcements, 0, 125_000)
    assert.deepStrictEqual(asked.filter(([, questions]) => !questions.startsWith("PTR")).slice(0, 4), [
      [96_000, "SRV attic,A pi,AAAA pi", 0],
      [102_000, "SRV attic,A pi,AAAA pi", 0],
      [108_000, "SRV attic,A pi,AAAA pi", 0],
      [114_000, "SRV attic,A pi,AAAA pi", 0]
    ])
    assert.deepStrictEqual(told.map(({ _tag }) => _tag), ["Announced", "Withdrawn"])
  })

  it("come no more often than each second, whatever a host says", () => {
    const announcements = new Announcements(0)
    announcements.ask(0)
    for (let now = 0; now < 1000; now += 100) {
      announcements.receive(whole({ ttl: 1, hostTtl: 1 }), source, now)
      assert.deepStrictEqual(until(announcements, now, now + 99).asked, [])
    }
  })
})

describe("a server", () => {
  it("is told once, with the addresses of all interfaces, IPv4 first and link-local ones last", () => {
    const announcements = new Announcements(0)
    announcements.receive(whole({ addresses: ["fe80::1", "10.77.0.1"] }), onV0, 0)
    announcements.receive(whole({ addresses: ["fe80::1", "2001:db8::1"] }), onV1, 40)
    announcements.receive(whole({ addresses: ["fe80::1", "10.77.0.1"] }), source, 80)
    assert.deepStrictEqual(shown(until(announcements, 80, 3000).told), [
      "Announced attic pi.local:4304 10.77.0.1,2001:db8::1,fe80::1%v0,fe80::1%v1"
    ])
  })

  it("is told with the address that its packet came from if it tells none", () => {
    const announcements = new Announcements(0)
    announcements.receive(packet(location(), pointer()), onV0, 0)
    assert.deepStrictEqual(shown(until(announcements, 0, 499).told), [])
    assert.deepStrictEqual(shown(until(announcements, 500, 600).told), ["Announced attic pi.local:4304 fe80::9%v0"])
    announcements.receive(packet(address("10.77.0.1")), onV0, 700)
    assert.deepStrictEqual(shown(until(announcements, 700, 800).told), ["Changed attic pi.local:4304 10.77.0.1"])
  })

  it("is this machine only if this machine says so", () => {
    const announcements = new Announcements(0)
    announcements.receive(whole({ addresses: ["127.0.0.1", "::1"] }), source, 0)
    announcements.receive(whole({ name: "own", host: "own", addresses: ["127.0.0.1"] }), {
      address: "127.0.0.1",
      zone: undefined
    }, 0)
    assert.deepStrictEqual(shown(until(announcements, 0, 600).told), [
      "Announced own own.local:4304 127.0.0.1",
      "Announced attic pi.local:4304 10.77.0.9"
    ])
  })

  it("is withdrawn a second after it has said farewell, unless it is announced meanwhile", () => {
    const announcements = new Announcements(0)
    announcements.receive(whole(), source, 0)
    assert.lengthOf(until(announcements, 0, 900).told, 1)
    announcements.receive(whole({ ttl: 0, hostTtl: 0 }), source, 1000)
    announcements.receive(whole(), source, 1500)
    assert.deepStrictEqual(until(announcements, 1500, 4000).told, [])
    announcements.receive(whole({ ttl: 0, hostTtl: 0 }), source, 5000)
    assert.deepStrictEqual(until(announcements, 5000, 5999).told, [])
    assert.deepStrictEqual(shown(until(announcements, 6000, 6000).told), ["Withdrawn attic pi.local:4304 10.77.0.1"])
    announcements.receive(whole(), source, 7000)
    assert.deepStrictEqual(shown(until(announcements, 7000, 8000).told), ["Announced attic pi.local:4304 10.77.0.1"])
  })

  it("is withdrawn when its time is over", () => {
    const announcements = new Announcements(0)
    announcements.receive(whole({ ttl: 10 }), source, 0)
    assert.lengthOf(until(announcements, 0, 9999).told, 1)
    assert.deepStrictEqual(until(announcements, 10_000, 10_000).told.map(({ _tag }) => _tag), ["Withdrawn"])
  })

  it("has changed with its port, its host and its addresses, and with nothing else", () => {
    const announcements = new Announcements(0)
    announcements.receive(whole(), source, 0)
    until(announcements, 0, 500)
    announcements.receive(whole(), source, 1000)
    assert.deepStrictEqual(until(announcements, 1000, 1500).told, [])
    announcements.receive(whole({ port: 4305 }), source, 2000)
    announcements.receive(whole({ port: 4305, addresses: ["10.77.0.2"] }), source, 2000)
    const { told } = until(announcements, 2000, 2500)
    assert.deepStrictEqual(shown(told), ["Changed attic pi.local:4305 10.77.0.1,10.77.0.2"])
    const [change] = told
    assert.strictEqual(change._tag === "Changed" && change.before.port, 4304)
  })

  it.each([
    ["OWFS (1-wire) Server <4304>", 53_264, 4304],
    ["attic <4304> #2", 53_264, 4304],
    ["attic <4398> (3)", 11_793, 4398],
    ["OWFS (1-wire) Server <4304>", 4304, 4304],
    ["OWFS (1-wire) Server <4304>", 4305, 4305],
    ["attic 4304", 53_264, 53_264],
    ["owserver on pi", 53_264, 53_264],
    ["attic <4304> in the house", 53_264, 53_264]
  ])("%s, announced with %i, has port %i", (name, announced, port) => {
    const announcements = new Announcements(0)
    announcements.receive(whole({ name, port: announced }), source, 0)
    assert.deepStrictEqual(until(announcements, 0, 500).told.map(({ server }) => server.port), [port])
  })

  it("is of this service, named in either case, and answered and not asked for", () => {
    const announcements = new Announcements(0)
    const { records } = whole()
    announcements.receive({ isResponse: false, questions: [], records }, source, 0)
    announcements.receive(
      packet({ _tag: "PTR", name: ["_http", "_tcp", "local"], ttl: 10, target: ["x", "_http", "_tcp", "local"] }),
      source,
      0
    )
    announcements.receive(
      packet({ _tag: "PTR", name: service, ttl: 10, target: ["x", "_http", "_tcp", "local"] }),
      source,
      0
    )
    announcements.receive(packet({ ...location(), port: 0 }), source, 0)
    assert.deepStrictEqual(until(announcements, 0, 3000).told, [])
    const upper = { ...pointer(), name: ["_OWSERVER", "_TCP", "LOCAL"] }
    announcements.receive(packet(address("10.77.0.1"), location(), upper), source, 4000)
    assert.lengthOf(until(announcements, 4000, 4500).told, 1)
  })
})

const Step = Schema.Struct({
  kind: Schema.Literals(["whole", "pointer", "location", "address"]),
  name: Schema.Literals(["attic", "cellar"]),
  host: Schema.Literals(["pi", "box"]),
  port: Schema.Literals([4304, 4305]),
  ttl: Schema.Literals([0, 1, 3, 120]),
  hostTtl: Schema.Literals([0, 1, 2, 120]),
  source: Schema.Literals(["IPv4", "v0", "v1"]),
  pause: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 }))
})

it.prop(
  "whatever comes, each server is announced and withdrawn in turn, with an address, and at last withdrawn",
  [Schema.Array(Step)],
  ([steps]) => {
    const announcements = new Announcements(0)
    const told: Array<Change> = []
    let now = 0
    for (const { kind, pause, source: by, ...given } of steps) {
      const records = { whole: whole(given).records, pointer: [pointer(given)], location: [location(given)] }
      announcements.receive(
        kind === "address" ? packet(address("10.77.0.1", given)) : packet(...records[kind]),
        by === "IPv4" ? source : by === "v0" ? onV0 : onV1,
        now
      )
      told.push(...until(announcements, now, now + pause).told)
      now += pause
    }
    told.push(...until(announcements, now, now + 200_000).told)
    const known = new Map<string, string>()
    for (const change of told) {
      const { server } = change
      const shown = JSON.stringify(server)
      assert.isNotEmpty(server.addresses)
      if (change._tag === "Announced") assert.isFalse(known.has(server.name))
      else {assert.strictEqual(
          known.get(server.name),
          JSON.stringify(change._tag === "Changed" ? change.before : server)
        )}
      if (change._tag === "Withdrawn") known.delete(server.name)
      else {
        assert.notStrictEqual(known.get(server.name), shown)
        known.set(server.name, shown)
      }
    }
    assert.strictEqual(known.size, 0)
  },
  { arbitrary: { runs: 300, seed: "announcements" } }
)

it("a flood is bounded: servers, addresses, questions", () => {
  const announcements = new Announcements(0)
  for (let i = 0; i < 1000; i++) announcements.receive(packet(pointer({ name: `s${i}` })), source, 0)
  for (let i = 0; i < 100; i++) announcements.receive(whole({ name: "s0", addresses: [`10.0.0.${i}`] }), source, 0)
  const sizes: Array<number> = []
  for (let packet = announcements.ask(0); packet !== undefined; packet = announcements.ask(0)) {
    sizes.push(MulticastDns.encode(packet).length)
  }
  assert.isBelow(sizes.length, 30)
  assert.isBelow(Math.max(...sizes), 1400)
  const { told } = until(announcements, 0, 700)
  assert.lengthOf(told, 1)
  assert.lengthOf(told[0].server.addresses, 16)
})
