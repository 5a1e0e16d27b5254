/**
 * The bridge against a real broker.
 */
import type { SimulatedNetwork } from "@effect-ownet/core/testing"
import { Hub, Mqtt } from "@effect-ownet/hub"
import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Layer, References, Schedule, Schema, Scope } from "effect"
import { ChildProcess } from "effect/process"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Desired from "../src/internal/mqtt/Desired.ts"
import * as Shelf from "../src/internal/mqtt/Shelf.ts"
import { house as houseOf } from "./fixtures/houses.ts"
import * as mosquitto from "./fixtures/mosquitto.ts"

const kitchen = "28.000028D70100"
const attic = "28.000028D70200"
const relay = "29.000029D60300"

const rooms = {
  [kitchen]: { temperature: 20, alias: "kitchen" },
  [attic]: { temperature: 10, alias: "attic" },
  [relay]: { "PIO.BYTE": 0, alias: "relay" }
}

const base = "house"

/** A house whose rounds are short. */
const house = (description: SimulatedNetwork.Description = rooms) =>
  houseOf(description, {
    every: "300 millis",
    search: { every: "300 millis", absences: 2, grace: "100 millis" },
    allowWrite: ["PIO.*"]
  })

/** A bridge, until it is stopped. */
const bridge = Effect.fnUntraced(function*(
  hub: Hub.Hub["Service"],
  server: string,
  options: Partial<Mqtt.Options> = {}
) {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  yield* Layer.buildWithScope(
    Layer.provide(Mqtt.layer({ server, baseTopic: base, ...options }), Layer.succeed(Hub.Hub, hub)),
    scope
  )
  return { stop: Scope.close(scope, Exit.void) }
})

const eventually = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, Schedule.spaced("150 millis").pipe(Schedule.upTo({ duration: "25 seconds" })))

/** Waits until what was asked holds. */
const until = (what: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.orDie(eventually(Effect.suspend(() => condition() ? Effect.void : Effect.fail(`not so: ${what}`))))

/** Without the times, which go on. */
const timeless = (messages: Iterable<readonly [string, string]>): ReadonlyMap<string, string> =>
  new Map([...messages].toSorted().map(([topic, payload]) => [topic, payload.replace(/"last_seen":"[^"]*"/, "")]))

/** Waits until all that a broker has retained is what should be there, and as expected. */
const agree = (
  broker: { readonly url: string },
  hub: Hub.Hub["Service"],
  expect: (found: ReadonlyMap<string, string>) => void = () => undefined
) =>
  eventually(Effect.gen(function*() {
    const state = yield* hub.state
    const options = { base, output: "json", retain: true, info: () => ({}), announce: undefined } as const
    const { messages } = Desired.of(state, Desired.remember(new Map(), state), options)
    const desired = new Map(messages.map(({ payload, topic }) => [topic, payload] as const))
    desired.set(Shelf.listTopic(base), JSON.stringify([...desired.keys()].toSorted()))
    const found = timeless(yield* mosquitto.retained(broker.url))
    yield* Effect.try(() => {
      assert.deepStrictEqual(found, timeless(desired))
      expect(found)
    })
  }))

/** Waits until all that a broker has retained is as expected. */
const finds = (broker: { readonly url: string }, expect: (found: ReadonlyMap<string, string>) => void) =>
  eventually(Effect.flatMap(mosquitto.retained(broker.url), (found) => Effect.try(() => expect(found))))

const Answer = Schema.fromJsonString(Schema.Struct({
  status: Schema.String,
  data: Schema.optional(Schema.Unknown),
  error: Schema.optional(Schema.String),
  transaction: Schema.optional(Schema.Unknown)
}))

const decodeAnswer = Schema.decodeUnknownEffect(Answer)

/** Somebody who asks and commands, and hears the answers. */
const person = Effect.fnUntraced(function*(url: string) {
  const { messages, publish } = yield* mosquitto.client(url)
  const heard = (topic: string) => messages.filter((message) => message.topic === `${base}/${topic}`)
  const ask = Effect.fnUntraced(function*(topic: string, payload: unknown, answering: string) {
    const before = heard(answering).length
    yield* publish(`${base}/${topic}`, typeof payload === "string" ? payload : JSON.stringify(payload))
    yield* until(`an answer to ${topic}`, () => heard(answering).length > before)
    return yield* decodeAnswer(heard(answering)[before]?.payload)
  })
  return { messages, heard, publish, ask }
})

const problemOf = (hub: Hub.Hub["Service"]) =>
  Effect.map(hub.state, ({ outlets }) => outlets.find(({ name }) => name === "MQTT")?.failing?.message)

const fails = (hub: Hub.Hub["Service"], words: RegExp) =>
  eventually(Effect.flatMap(problemOf(hub), (problem) => Effect.try(() => assert.match(problem ?? "", words))))

const works = (hub: Hub.Hub["Service"]) =>
  eventually(
    Effect.flatMap(hub.state, ({ outlets }) => Effect.try(() => assert.deepStrictEqual(outlets, [{ name: "MQTT" }])))
  )

/** Warnings of names that are no topics, and of brokers that are away, are meant. */
const quiet = Effect.provideService(References.MinimumLogLevel, "None")

// A minute is for a machine that is busy.
mosquitto.describe("Mqtt", () => {
  it.live("leaves nothing of names, chips and devices that are no more", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub, network } = yield* house()
      yield* bridge(hub, broker.url)
      yield* agree(broker, hub, (all) => {
        assert.include(all.get("house/kitchen"), `{"temperature":20,`)
        assert.strictEqual(all.get("house/kitchen/availability"), Desired.online)
      })

      yield* hub.edit(kitchen, { name: "cellar/freezer" })
      yield* network.set(`${attic}/alias`, "loft")
      yield* agree(broker, hub, (all) => {
        assert.isTrue(all.has("house/cellar/freezer/availability"))
        assert.deepStrictEqual([all.has("house/loft"), all.has("house/attic")], [true, false])
      })

      // Another chip takes over, and the old one is gone.
      yield* network.vanish(kitchen)
      yield* network.appear("28.000028D70400", { temperature: 5 })
      yield* agree(broker, hub, (all) => {
        assert.strictEqual(all.get("house/cellar/freezer/availability"), Desired.offline)
        assert.include(all.get("house/28.000028D70400"), `"temperature":5,`)
      })
      yield* hub.fill(kitchen, "28.000028D70400")
      yield* agree(broker, hub, (all) => {
        assert.include(all.get("house/cellar/freezer"), `"temperature":5,`)
        assert.isFalse(all.has("house/28.000028D70400"))
        assert.strictEqual(all.get("house/cellar/freezer/availability"), Desired.online)
      })

      for (const name of ["$+/#\u{1b}[2J\0b", "loft", "bridge/state"]) {
        yield* hub.edit(kitchen, { name })
        yield* agree(broker, hub)
      }
      yield* hub.edit(kitchen, { isHidden: true })
      yield* agree(broker, hub)
      assert.isUndefined(yield* problemOf(hub))
    }).pipe(quiet), 60_000)

  it.live("finds what an earlier run has left, also with other options", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub } = yield* house()
      const { publish } = yield* mosquitto.client(broker.url)
      yield* publish("garage/attic", "{}", true)
      yield* publish("garage/bridge/topics", `["garage/attic"]`, true)
      const others = yield* mosquitto.retained(broker.url)
      const all = { output: "attribute_and_json" } as const
      const announced = {
        announce: () => [["homeassistant/device/x/config", "{}"] as const]
      }
      const { stop } = yield* bridge(hub, broker.url, { ...all, ...announced })
      yield* finds(broker, (found) => {
        assert.isTrue(found.has("house/kitchen/temperature"))
        assert.isTrue(found.has("homeassistant/device/x/config"))
      })
      yield* stop
      assert.strictEqual((yield* mosquitto.retained(broker.url)).get("house/bridge/state"), Desired.offline)

      yield* hub.edit(kitchen, { name: "cellar" })
      const next = yield* bridge(hub, broker.url, { retain: false })
      yield* finds(broker, (found) =>
        assert.deepStrictEqual([...found.keys()].toSorted(), [
          "garage/attic",
          "garage/bridge/topics",
          "house/attic/availability",
          "house/bridge/devices",
          "house/bridge/info",
          "house/bridge/notices",
          "house/bridge/state",
          "house/bridge/topics",
          "house/cellar/availability",
          "house/relay/availability"
        ]))
      yield* next.stop
      yield* Mqtt.clear({ server: broker.url, baseTopic: base })
      assert.deepStrictEqual(yield* mosquitto.retained(broker.url), others)
    }).pipe(quiet), 60_000)

  it.live("takes what else it should say without a moment in which it is offline", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub } = yield* house()
      let current: Mqtt.Current = {}
      yield* bridge(hub, broker.url, { current: () => current })
      yield* agree(broker, hub)
      const { messages } = yield* mosquitto.client(broker.url)
      current = { output: "attribute", announce: () => [["homeassistant/device/x/config", "{}"]] }
      yield* finds(broker, (found) => {
        assert.includeMembers([...found.keys()], ["homeassistant/device/x/config", "house/attic/last_seen"])
        assert.notProperty(Object.fromEntries(found), "house/attic")
      })
      current = {}
      yield* agree(broker, hub)
      assert.deepStrictEqual(
        messages.filter(({ topic }) => topic === "house/bridge/state").map(({ payload }) => payload),
        [Desired.online]
      )
    }).pipe(quiet), 60_000)

  it("knows whether two bridges have the same topics", () => {
    const one = { server: "mqtt://me:secret@pi" }
    assert.isTrue(Mqtt.isSamePlace(one, { server: "tcp://pi:1883", baseTopic: "onewire", user: "me" }))
    assert.isFalse(Mqtt.isSamePlace(one, { server: "mqtt://pi:1884" }))
    assert.isFalse(Mqtt.isSamePlace(one, { ...one, baseTopic: "house" }))
  })

  it.live("tells an empty broker all, and one with a memory what has changed", () =>
    Effect.gen(function*() {
      const forgetful = yield* mosquitto.start()
      const faithful = yield* mosquitto.start({
        settings: ["allow_anonymous true", "persistence true", "persistence_location FOLDER/"]
      })
      const { hub } = yield* house()
      yield* Effect.forEach([forgetful, faithful], (broker) =>
        Effect.gen(function*() {
          yield* bridge(hub, broker.url)
          yield* agree(broker, hub)
          yield* broker.save
          yield* broker.kill
          yield* fails(hub, /closed the connection|cannot be reached: .*ECONNREFUSED/)
          yield* hub.edit(attic, { name: `loft of ${broker.port}` })
          yield* broker.start
          yield* agree(broker, hub)
        }), { discard: true })
      yield* works(hub)
    }).pipe(quiet), 60_000)

  it.live("waits for a broker that is frozen, and then tells it what is new", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub, network } = yield* house()
      yield* bridge(hub, broker.url)
      yield* agree(broker, hub)
      yield* broker.freeze(Effect.gen(function*() {
        for (let value = 0; value < 10; value++) {
          yield* network.set(`${kitchen}/temperature`, value)
          yield* hub.edit(attic, { name: `room ${value}` })
          yield* Effect.sleep("300 millis")
        }
      }))
      yield* agree(broker, hub, (all) => assert.isTrue(all.has("house/room 9")))
      yield* works(hub)
    }).pipe(quiet), 60_000)

  it.live("does what it is told, and answers with what was read back", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { ask, heard } = yield* person(broker.url)
      const { hub } = yield* house()
      yield* bridge(hub, broker.url)
      yield* until("the relay", () => heard("relay").length > 0)
      const set = (topic: string, payload: unknown) => ask(topic, payload, "bridge/response/set")

      assert.deepStrictEqual(yield* set("relay/set", { "PIO.0": "ON", "PIO.1": true, transaction: 7 }), {
        status: "ok",
        data: { name: "relay", id: relay, values: { "PIO.0": true, "PIO.1": true } },
        transaction: 7
      })
      // The state that has come of it is told before.
      assert.include(heard("relay").at(-1)?.payload, `"PIO.0":true,"PIO.1":true,"PIO.2":false`)
      assert.strictEqual((yield* set("relay/set/PIO.0", "off")).status, "ok")
      assert.include(heard("relay").at(-1)?.payload, `"PIO.0":false,"PIO.1":true,`)

      const errors = [
        ["relay/set/PIO.0", "TOGGLE", `set: PIO.0: takes ON or OFF, not "TOGGLE"`],
        ["relay/set", "ON", "the payload is not JSON"],
        ["relay/set", "{}", "it has no property"],
        ["kitchen/set/temperature", "5", "this hub may not write it: allow_write does not name it"],
        ["relay/set/..%2Fsettings", "5", "is not the name of a property"],
        ["nowhere/set", "{}", "there is no such place"],
        ["relay/set", "x".repeat(20_000), "the payload has more than 16384 bytes"]
      ] as const
      for (const [topic, payload, expected] of errors) {
        const { error, status } = yield* set(topic, payload)
        assert.strictEqual(status, "error")
        assert.include(error, expected)
      }
      assert.deepStrictEqual((yield* ask("kitchen/get", "", "bridge/response/get")).data, {
        name: "kitchen",
        id: kitchen,
        values: { temperature: 20 }
      })
      assert.include((yield* ask("kitchen/get/nothing", "", "bridge/response/get")).error, "nothing")
    }).pipe(quiet), 60_000)

  it.live("refuses commands that the broker has kept, and those of a flood", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { heard, publish } = yield* person(broker.url)
      yield* publish("house/relay/set", `{"PIO.7":"ON"}`, true)
      const { hub } = yield* house()
      yield* bridge(hub, broker.url)
      yield* until("the refusal", () =>
        heard("bridge/event").some(({ payload }) =>
          payload === `{"type":"refused","topic":"house/relay/set","error":`
              + `"the broker had retained it, so it may be old: publish it without retain"}`
        ))
      yield* Effect.forEach(Array.from({ length: 1000 }), () =>
        publish("house/relay/get", ""), {
        concurrency: "unbounded"
      })
      yield* publish("house/relay/set/PIO.1", "ON")
      yield* until("the flood", () =>
        heard("bridge/event").some(({ payload }) =>
          /"\d+ commands were refused: 100 were waiting"/.test(payload)
        ))
      assert.isBelow(heard("bridge/response/get").length, 900)
      assert.include(heard("relay").at(-1)?.payload, `"PIO.7":false`)
      yield* works(hub)
    }).pipe(quiet), 60_000)

  it.live("answers requests", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub } = yield* house()
      const { ask: asking, heard } = yield* person(broker.url)
      yield* bridge(hub, broker.url, { info: () => ({ version: "1.2.3" }) })
      yield* until("a value", () => heard("kitchen").length > 0)
      const ask = (name: string, payload: unknown) =>
        asking(`bridge/request/${name}`, payload, `bridge/response/${name}`)
      assert.include(heard("bridge/info").at(-1)?.payload, `"servers":[{"name":"pi"}],"version":"1.2.3"`)

      assert.deepStrictEqual(yield* ask("rename", { from: "kitchen", to: "cellar/freezer", transaction: "a" }), {
        status: "ok",
        data: { id: kitchen, from: "kitchen", to: "cellar/freezer" },
        transaction: "a"
      })
      yield* until("the new name", () => heard("cellar/freezer").length > 0)
      assert.strictEqual(
        (yield* ask("rename", { from: kitchen, to: "attic" })).error,
        `"attic" cannot be a topic: another place has it`
      )
      assert.include((yield* ask("rename", { from: kitchen })).error, `it takes {"from":`)
      assert.include((yield* ask("rename", { from: "nobody", to: "x" })).error, `there is no place "nobody"`)
      assert.deepStrictEqual((yield* ask("group", { place: "cellar/freezer", group: "Cellar" })).data, {
        id: kitchen,
        group: "Cellar"
      })
      assert.strictEqual(
        (yield* ask("limits", { place: kitchen, limits: { temperature: { above: -15 } } })).status,
        "ok"
      )
      const { data } = yield* ask("devices", "")
      assert.deepInclude(Array.isArray(data) ? data.find(({ id }) => id === kitchen) : undefined, {
        name: "cellar/freezer",
        family: "28",
        chip: "DS18B20",
        group: "Cellar",
        server: "pi",
        properties: [{ name: "temperature", unit: "°C", writable: false, limits: { above: -15 } }]
      })
      assert.deepInclude((yield* ask("health", {})).data, { places: { total: 3, available: 3 }, failures: {} })
      assert.strictEqual((yield* ask("state", "")).status, "ok")
      assert.strictEqual((yield* ask("state", "[")).error, "the payload is not JSON")
      assert.include((yield* ask("reboot", "")).error, `there is no request "reboot", but rename, `)
      yield* hub.edit(kitchen, { name: null })
      yield* until("an event", () => heard("bridge/event").some(({ payload }) => payload.includes(`"type":"event"`)))
    }).pipe(quiet), 60_000)

  it.live("says all once more when Home Assistant begins", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub } = yield* house()
      const { heard, messages, publish } = yield* person(broker.url)
      yield* bridge(hub, broker.url, { statusTopic: "homeassistant/status" })
      yield* until("all places", () =>
        ["kitchen", "attic", "relay"].every((name) =>
          heard(`${name}/availability`).at(-1)?.payload === Desired.online
        ))
      messages.length = 0
      for (let times = 0; times < 5; times++) yield* publish("homeassistant/status", "online")
      yield* until("all of it", () => heard("bridge/notices").length > 0)
      const topics = messages.map(({ topic }) => topic).filter((topic) =>
        /bridge\/(state|info)|availability/.test(topic)
      )
      assert.deepStrictEqual(topics.slice(0, 3), [
        "house/bridge/state",
        "house/bridge/info",
        "house/attic/availability"
      ])
    }).pipe(quiet), 60_000)

  it.live("leaves its last will when its process is killed", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { heard } = yield* person(broker.url)
      const child = yield* ChildProcess.make(
        process.execPath,
        [fileURLToPath(new URL("fixtures/bridge.ts", import.meta.url)), broker.url],
        { stdin: "ignore", stdout: "ignore", stderr: "ignore" }
      )
      yield* until("a value", () => heard("28.000028D70100").length > 0)
      process.kill(child.pid, "SIGKILL")
      yield* until("the will", () => heard("bridge/state").at(-1)?.payload === Desired.offline)
    }).pipe(Effect.provide(NodeServices.layer)), 60_000)

  it.live("says that a password is wrong, and goes in with the right one", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.make({
        settings: ["allow_anonymous false", "password_file FOLDER/passwords"],
        files: { passwords: "" }
      })
      execFileSync("mosquitto_passwd", ["-b", `${broker.folder}/passwords`, "ow", "secret#1"], { stdio: "ignore" })
      yield* broker.start
      const { hub } = yield* house()
      const { stop } = yield* bridge(hub, broker.url.replace("//", "//ow:wrong@"))
      yield* fails(hub, /^mqtt:\/\/127\.0\.0\.1:\d+: .*check user and password, and the rights of the user$/)
      yield* stop
      yield* bridge(hub, broker.url, { user: "ow", password: "secret#1" })
      yield* works(hub)
    }).pipe(quiet), 60_000)

  it.live("speaks TLS with a broker whose authority is named", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.make({
        scheme: "mqtts",
        settings: ["allow_anonymous true", "certfile FOLDER/cert.pem", "keyfile FOLDER/key.pem"]
      })
      const { folder, url } = broker
      execFileSync("openssl", [
        ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test".split(" "),
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        `${folder}/key.pem`,
        "-out",
        `${folder}/cert.pem`
      ], { stdio: "ignore" })
      yield* broker.start
      const { hub } = yield* house()
      const { stop } = yield* bridge(hub, url)
      yield* fails(hub, /self-signed certificate/)
      yield* stop
      yield* bridge(hub, url, { ca: `${folder}/cert.pem` })
      yield* works(hub)
    }).pipe(quiet), 60_000)

  it.live("tells that two connections have one name", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { hub } = yield* house()
      yield* bridge(hub, broker.url, { clientId: "same" })
      yield* mosquitto.client(broker.url, { clientId: "same", reconnectPeriod: 500 })
      yield* fails(hub, /perhaps another client also has the id "same"/)
    }).pipe(quiet), 60_000)

  it.live("tells what is wrong with its options", () =>
    Effect.gen(function*() {
      const { hub } = yield* house()
      yield* bridge(hub, "http://127.0.0.1")
      yield* fails(hub, /^server: the address should look like mqtt:\/\/HOST:PORT/)
      yield* bridge(hub, "mqtt://127.0.0.1:1", { baseTopic: "a/#" })
      yield* fails(hub, /base_topic "a\/#" cannot be a topic/)
      yield* bridge(hub, "mqtts://127.0.0.1:1", { ca: "/nonexistent.pem" })
      yield* fails(hub, /the certificate "\/nonexistent.pem" cannot be read/)
    }).pipe(quiet), 60_000)
})
