/**
 * A bridge to Home Assistant over MQTT. Sensors and relays announce themselves (`homeassistant/sensor/…/config`), also those that
 * are plugged in later. Their states are kept by the broker. What cannot be read, or is gone, is unavailable, and all of it is
 * once the bridge has gone: that is its last will. A relay is switched by its command topic, but not by a command that the broker
 * has kept, which would switch it at each start. To run it, set `OWSERVER` and `MQTT_URL`, such as `mqtt://localhost`:
 *
 *     pnpm exec node examples/src/mqtt/main.ts
 */
import { Device, type Family, Follow, OwRetry, Poll, RomId, Snapshot } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408, DS2438 } from "@effect-ownet/core/families"
import { type Duration, Effect, HashMap, Option, Schema, Stream } from "effect"
import { type Message, MqttClient } from "./MqttClient.ts"

/** Whether the bridge is there. */
export const status = "onewire/status"

/** What Home Assistant is told of a sensor or a switch. */
const Announcement = Schema.fromJsonString(Schema.Struct({
  unique_id: Schema.String,
  name: Schema.String,
  device: Schema.Struct({
    identifiers: Schema.Array(Schema.String),
    name: Schema.String,
    serial_number: Schema.String
  }),
  availability: Schema.Array(Schema.Struct({ topic: Schema.String })),
  availability_mode: Schema.Literal("all"),
  state_topic: Schema.String,
  command_topic: Schema.optional(Schema.String),
  device_class: Schema.optional(Schema.String),
  state_class: Schema.optional(Schema.Literal("measurement")),
  unit_of_measurement: Schema.optional(Schema.String)
}))

const encode = Schema.encodeSync(Announcement)

/** The device class for a unit, and how Home Assistant writes the unit. */
const classes = new Map([
  ["°C", { device_class: "temperature", unit_of_measurement: "°C" }],
  ["°F", { device_class: "temperature", unit_of_measurement: "°F" }],
  ["%RH", { device_class: "humidity", unit_of_measurement: "%" }]
])

const relays = ["PIO.0", "PIO.1", "PIO.2", "PIO.3", "PIO.4", "PIO.5", "PIO.6", "PIO.7"] as const

const topicOf = ({ id }: Device.AnyDevice, property: string): string => `onewire/${id}/${property}`

const stateOf = (value: Family.Value): string => typeof value === "boolean" ? (value ? "ON" : "OFF") : String(value)

const announcementOf = (
  device: Device.AnyDevice,
  { property, unit, value }: Device.Reading
): readonly [topic: string, payload: string] => {
  const topic = topicOf(device, property)
  const object = `${device.id}_${property.replaceAll(/\W/g, "_")}`
  const [component, own] = typeof value === "boolean"
    ? ["switch", { command_topic: `${topic}/set` }]
    : ["sensor", { state_class: "measurement" as const, ...classes.get(unit ?? "") }]
  const announcement = encode({
    unique_id: `onewire_${object}`,
    name: property,
    device: { identifiers: [device.id], name: device.name, serial_number: RomId.format(device.id) },
    availability: [{ topic: status }, { topic: `${topic}/status` }],
    availability_mode: "all",
    state_topic: topic,
    ...own
  })
  return [`homeassistant/${component}/${object}/config`, announcement]
}

/** What the broker is to keep: the payload of each topic. */
const payloadsOf = (house: Snapshot.Snapshot): ReadonlyMap<string, string> => {
  const payloads = new Map<string, string>()
  for (const { device, properties } of HashMap.values(house.devices)) {
    for (const { name, reading } of properties.values()) {
      const topic = topicOf(device, name)
      const known = Option.filter(Snapshot.reading(house, device.id, name), (now) => now.verdict._tag === "Plausible")
      // The unit is known with the first value.
      if (reading !== undefined) payloads.set(...announcementOf(device, reading))
      if (Option.isSome(known)) payloads.set(topic, stateOf(known.value.value))
      payloads.set(`${topic}/status`, Option.isSome(known) ? "online" : "offline")
    }
  }
  return payloads
}

/** What is to be told if these payloads follow on those. What is no longer there is unavailable. */
const changes = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>) => {
  const statuses = [...before.keys()].filter((topic) => topic.endsWith("/status"))
  const all = new Map([...statuses.map((topic) => [topic, "offline"] as const), ...now])
  return [...all].filter(([topic, payload]) => before.get(topic) !== payload)
}

/** Switches a relay for whoever commands it, and tells what has come of that. */
const obey = Effect.fnUntraced(function*({ isKept, payload, topic }: Message, house: Snapshot.Snapshot) {
  const mqtt = yield* MqttClient
  const [, id = "", name] = topic.split("/")
  const relay = relays.find((relay) => relay === name)
  const state = Option.flatMap(RomId.fromString(id), (id) => HashMap.get(house.devices, id))
  const device = Option.filter(Option.map(state, ({ device }) => device), Device.is(DS2408))
  if (isKept) return yield* Effect.logWarning(`${topic} was kept by the broker, and may be old: publish without retain`)
  if (relay === undefined || Option.isNone(device)) return yield* Effect.logWarning(`${topic}: no such relay is there`)
  if (payload !== "ON" && payload !== "OFF") {
    return yield* Effect.logWarning(`${topic} takes ON and OFF, not ${JSON.stringify(payload)}`)
  }
  yield* device.value.write(relay, payload === "ON", { verify: true, retry: OwRetry.transient }).pipe(
    Effect.matchEffect({
      onFailure: (error) => Effect.logWarning(error.message),
      onSuccess: () => mqtt.publish(topicOf(device.value, relay), payload)
    })
  )
})

const devices = [
  Follow.families([DS18B20, DS18S20, DS2438], ["temperature"]),
  Follow.families([DS2438], ["humidity"]),
  Follow.families([DS2408], relays)
]

export const bridge = Effect.fnUntraced(function*({ every, search }: {
  readonly every: Duration.Input
  readonly search?: Follow.Search | undefined
}) {
  const mqtt = yield* MqttClient
  const commands = yield* mqtt.subscribe("onewire/+/+/set")
  // What was there when the bridge ran last may be gone.
  for (const topic of yield* mqtt.kept("onewire/+/+/status")) yield* mqtt.publish(topic, "offline")
  const house = yield* Snapshot.hold(
    Follow.follow(devices, every, { search, implausible: "readAgain" }).pipe(
      Poll.changes({ deadBand: 0.05 }),
      Stream.tap((event) => "error" in event ? Effect.logWarning(event.error.message) : Effect.void)
    )
  )
  const states = house.changes.pipe(
    Stream.map(payloadsOf),
    Stream.zipWithPrevious,
    Stream.flatMap(([before, now]) => Stream.fromIterable(changes(Option.getOrElse(before, () => new Map()), now))),
    Stream.runForEach(([topic, payload]) => mqtt.publish(topic, payload))
  )
  const obeying = Stream.runForEach(commands, (command) => Effect.flatMap(house.ready, (house) => obey(command, house)))
  yield* Effect.all([states, obeying], { concurrency: "unbounded", discard: true })
}, Effect.scoped)
