/**
 * A bridge to Home Assistant over MQTT. Sensors and relays announce themselves (`homeassistant/sensor/…/config`), their states
 * are kept by the broker, and what cannot be read is unavailable, as all of it is once the bridge has gone: that is its last will.
 * A relay is switched by its command topic. To run it, set `OWSERVER` and `MQTT_URL`, such as `mqtt://localhost`:
 *
 *     pnpm exec node examples/src/mqtt/main.ts
 */
import { Device, Discovery, type Family, type Observation, OwRetry, Poll, RomId } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408, DS2438 } from "@effect-ownet/core/families"
import { type Duration, Effect, Schedule, Schema, Stream } from "effect"
import { MqttClient } from "./MqttClient.ts"

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

/** The device class for a unit, and how Home Assistant writes the unit. */
const classes = new Map([
  ["°C", { device_class: "temperature", unit_of_measurement: "°C" }],
  ["°F", { device_class: "temperature", unit_of_measurement: "°F" }],
  ["%RH", { device_class: "humidity", unit_of_measurement: "%" }]
])

const relays = ["PIO.0", "PIO.1", "PIO.2", "PIO.3", "PIO.4", "PIO.5", "PIO.6", "PIO.7"] as const

const topicOf = ({ id }: Device.AnyDevice, property: string): string => `onewire/${id}/${property}`

const stateOf = (value: Family.Value): string => typeof value === "boolean" ? (value ? "ON" : "OFF") : String(value)

const announce = Effect.fnUntraced(function*({ device, property, unit, value }: Device.Reading) {
  const mqtt = yield* MqttClient
  const topic = topicOf(device, property)
  const object = `${device.id}_${property.replaceAll(/\W/g, "_")}`
  const [component, own] = typeof value === "boolean"
    ? ["switch", { command_topic: `${topic}/set` }]
    : ["sensor", { state_class: "measurement" as const, ...classes.get(unit ?? "") }]
  const announcement = yield* Effect.orDie(
    Schema.encodeEffect(Announcement)({
      unique_id: `onewire_${object}`,
      name: property,
      device: { identifiers: [device.id], name: device.name, serial_number: RomId.format(device.id) },
      availability: [{ topic: status }, { topic: `${topic}/status` }],
      availability_mode: "all",
      state_topic: topic,
      ...own
    })
  )
  yield* mqtt.publish(`homeassistant/${component}/${object}/config`, announcement)
})

const tell = Effect.fnUntraced(function*(seen: Observation.Observation) {
  const mqtt = yield* MqttClient
  const topic = topicOf(seen.device, seen.property)
  const isKnown = seen._tag === "Reading" && seen.verdict._tag === "Plausible"
  if (isKnown) yield* mqtt.publish(topic, stateOf(seen.value))
  yield* mqtt.publish(`${topic}/status`, isKnown ? "online" : "offline")
})

/** Switches a relay for whoever commands it, and tells what has come of that. */
const obey = Effect.fnUntraced(function*(device: Device.Device<DS2408>, relay: typeof relays[number]) {
  const mqtt = yield* MqttClient
  const topic = topicOf(device, relay)
  yield* Stream.runForEach(
    mqtt.subscribe(`${topic}/set`),
    (command) =>
      command !== "ON" && command !== "OFF"
        ? Effect.logWarning(`${topic}/set takes ON and OFF, not ${JSON.stringify(command)}`)
        : device.write(relay, command === "ON", { verify: true, retry: OwRetry.transient }).pipe(
          Effect.matchEffect({
            onFailure: (error) => Effect.logWarning(error.message),
            onSuccess: () => mqtt.publish(topic, command)
          })
        )
  )
})

export const bridge = Effect.fnUntraced(function*({ every }: { readonly every: Duration.Input }) {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20, DS2408, DS2438] }).pipe(
    // The devices of a bus that fails would be missing for good.
    Effect.filterOrFail(({ failures }) => failures.length === 0, ({ failures }) => failures[0].error),
    Effect.tapError(({ message }) => Effect.logWarning(message)),
    Effect.retry({ schedule: Schedule.spaced("10 seconds"), while: OwRetry.isTransient })
  )
  const properties = devices.flatMap((device): ReadonlyArray<Device.DeviceProperty> => {
    if (Device.is(DS2408)(device)) return relays.map((relay) => device.property(relay))
    if (Device.is(DS2438)(device)) return [device.property("temperature"), device.property("humidity")]
    return Device.is(DS18B20, DS18S20)(device) ? [device.property("temperature")] : []
  })
  // What was there when the bridge ran last, and is there no more, nobody would ever say.
  const mqtt = yield* MqttClient
  const statuses = new Set(properties.map(({ device, name }) => `${topicOf(device, name)}/status`))
  for (const topic of yield* mqtt.kept("onewire/+/+/status")) {
    if (!statuses.has(topic)) yield* mqtt.publish(topic, "offline")
  }
  // What it is in is known with the first value.
  const announced = new Set<string>()
  const states = Poll.poll(properties, every, { implausible: "readAgain" }).pipe(
    Poll.changes({ deadBand: 0.05 }),
    Stream.tap((seen) => {
      const topic = topicOf(seen.device, seen.property)
      if (seen._tag === "Failed" || announced.has(topic)) return Effect.void
      announced.add(topic)
      return announce(seen)
    }),
    Stream.runForEach(tell)
  )
  const commands = devices.filter(Device.is(DS2408)).flatMap((device) => relays.map((relay) => obey(device, relay)))
  yield* Effect.all([states, ...commands], { concurrency: "unbounded", discard: true })
})
