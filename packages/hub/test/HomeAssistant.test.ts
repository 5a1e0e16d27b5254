import type { Family } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { type Api, HomeAssistant, Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Followed from "../src/internal/Followed.ts"
import * as Parts from "../src/internal/Parts.ts"
import { decode, discoveryTopic, render } from "./fixtures/homeAssistantRules.ts"

const values = { number: 1.5, boolean: true, text: "abc", bytes: "00ff", date: "2026-03-29T01:00:00.000Z" }

const kindOf = (kind: string): keyof typeof values =>
  kind === "y"
    ? "boolean"
    : kind === "a" || kind === "l"
    ? "text"
    : kind === "b"
    ? "bytes"
    : kind === "d"
    ? "date"
    : "number"

const romId = ({ codes: [code = "00"] }: Family.Family): string => `${code}.0000000000${code}`

const property = (
  name: string,
  value: Api.Reading["value"] | undefined,
  more: Partial<Api.Property> = {}
): Api.Property => ({
  name,
  ...(value === undefined ? {} : { reading: { value, at: 0 } }),
  isKept: typeof value === "number",
  isWritable: false,
  ...more
})

const placeOf = (
  device: string,
  properties: ReadonlyArray<Api.Property>,
  more: Partial<Api.PlaceState> = {}
): Api.PlaceState => ({
  ...Places.ofDevice(device),
  title: device,
  chip: "DS18B20",
  properties,
  ...more
})

/** A place with each property that its family has, be it followed or not; of an array, the first elements and the last. */
const wholeOf = (family: Family.Family, isWritable: boolean): Api.PlaceState => {
  const all = Parts.all(family)
  const few = all.filter(([, { name }], index) => {
    const [before, after] = [all[index - 2]?.[1].name, all[index + 1]?.[1].name]
    return before !== name || after !== name
  })
  return placeOf(
    romId(family),
    few.map(([name, { kind }]) => property(name, values[kindOf(kind)], { isWritable })),
    { chip: family.chip }
  )
}

const options: HomeAssistant.PlaceOptions = { version: "1.0.0", topic: "onewire/cellar/freezer" }

const messageOf = (place: Api.PlaceState, more: Partial<HomeAssistant.PlaceOptions> = {}) => {
  const messages = HomeAssistant.messages(place, { ...options, ...more })
  assert.strictEqual(messages.length, 1)
  const [[topic, payload] = ["", ""]] = messages
  assert.match(topic, discoveryTopic)
  return { topic, payload, message: decode(payload) }
}

/** Components that are entities, by their keys. */
const entitiesOf = (place: Api.PlaceState, more: Partial<HomeAssistant.PlaceOptions> = {}) =>
  Object.fromEntries(
    Object.entries(messageOf(place, more).message.components).flatMap(([key, component]) =>
      "unique_id" in component ? [[key, component] as const] : []
    )
  )

const idsOf = (place: Api.PlaceState, more: Partial<HomeAssistant.PlaceOptions> = {}): ReadonlyArray<string> =>
  Object.values(entitiesOf(place, more)).map(({ unique_id }) => unique_id)

const thermometer = (more: Partial<Api.PlaceState> = {}): Api.PlaceState =>
  placeOf("28.000028D70100", [property("temperature", 21.5, { unit: "°C" })], more)

const hostile = [
  "",
  "  ",
  "kitchen\u0000\n\u2028sink",
  "{{ states('x') }}",
  "{% for a in range(9) %}",
  "<img src=x onerror=alert(1)>",
  "a/+/#/b",
  "$SYS/x",
  "\uD800",
  "冷凍庫",
  "🧊".repeat(300),
  "__proto__",
  "x".repeat(70_000),
  "\"'\\"
]

describe("HomeAssistant", () => {
  for (const family of Catalogue.families) {
    it(`announces each property of a ${family.chip} by the rules, read and written`, () => {
      for (const isWritable of [false, true]) {
        const place = wholeOf(family, isWritable)
        for (const output of ["json", "attribute", "attribute_and_json"] as const) {
          // What has too many properties for one message is announced piece by piece here.
          for (let from = 0; from < place.properties.length; from += 100) {
            messageOf({ ...place, properties: place.properties.slice(from, from + 100) }, { output })
          }
        }
      }
    })
  }

  it("has an entity for whatever the hub follows of a chip, and shows it", () => {
    for (const family of Catalogue.families) {
      const followed = Followed.of(family)
      if (followed.size === 0) continue
      const kinds = new Map(Parts.all(family).map(([name, { kind }]) => [name, kindOf(kind)]))
      const properties = [...followed].map((name) => property(name, values[kinds.get(name) ?? "text"]))
      const shown = Object.values(entitiesOf(placeOf(romId(family), properties))).filter(({ enabled_by_default }) =>
        enabled_by_default !== false
      )
      // The numerous properties of some families are not all in one message.
      assert.strictEqual(shown.length, Math.min(followed.size, 255), family.chip)
    }
  })

  it("gives no id twice in a house of all families, and hubs with other base topics have their own", () => {
    const ids = ["onewire", "one/wire"].flatMap((baseTopic) =>
      Catalogue.families.flatMap((family) => {
        const { properties, ...place } = wholeOf(family, true)
        const pieces = Array.from(
          { length: Math.ceil(properties.length / 100) },
          (_, index) => ({ ...place, properties: properties.slice(index * 100, index * 100 + 100) })
        )
        return pieces.flatMap((piece, index) =>
          idsOf(piece, { baseTopic }).filter((id) => index === 0 || !id.endsWith("_last_seen"))
        )
      })
    )
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.isAbove(ids.length, 2 * 1500)
  })

  it("tells similar names of unknown chips apart", () => {
    const names = ["a.b", "a_b", "a/b", "a b", "a-b", "A.B", "a.b-12345678", "ä.b", "🧊", "\u{1F9CA}x"]
    const ids = idsOf(placeOf("99.000000000001", names.map((name) => property(name, 1)), { chip: "family 99" }))
    assert.strictEqual(new Set(ids).size, names.length + 1)
    const derived = ["a", "a_b", "a-b", "bridge"].flatMap((key) =>
      idsOf(placeOf(key, [property("min", 1), property("b_min", 1)]))
    )
    assert.isAbove(new Set(derived).size, derived.length - 2)
  })

  it("keeps all ids when a place is renamed, or filled by another chip", () => {
    const before = idsOf(thermometer())
    for (const title of hostile) {
      assert.deepStrictEqual(idsOf(thermometer({ title }), { topic: "onewire/other" }), before)
    }
    assert.deepStrictEqual(idsOf(thermometer({ device: "28.0000FFFFFFFF" })), before)
    assert.strictEqual(
      messageOf(thermometer({ device: "28.0000FFFFFFFF", title: "b" })).topic,
      messageOf(thermometer({ title: "a" })).topic
    )
  })

  it("keeps to the rules with hostile names of places, properties, units and bases", () => {
    for (const text of hostile) {
      messageOf(thermometer({ title: text, chip: text }))
      HomeAssistant.hubMessages({ title: text }, { version: text }).forEach(([, payload]) => decode(payload))
      const properties = [
        property(text, 1, { unit: text, isWritable: true }),
        property("safe", "x", { isWritable: true })
      ]
      messageOf(placeOf("99.000000000001", properties, { chip: "family 99" }))
      messageOf(placeOf("99.000000000001", properties, { chip: "family 99" }), { output: "attribute" })
    }
    const many = Array.from({ length: 9999 }, (_, index) => property(`p${index}`, index))
    assert.isAtMost(Object.keys(messageOf(placeOf("99.000000000001", many)).message.components).length, 258)
  })

  it("finds the value of any property in the message of the place", () => {
    const names = [
      "temperature",
      "PIO.0",
      "8bit/volt.A",
      "items",
      "get",
      "_x",
      "it's",
      "back\\slash",
      "}} {{",
      "%}",
      "🧊",
      "ä",
      " "
    ]
    const payload = JSON.stringify(Object.fromEntries([...names.entries()].map(([index, name]) => [name, index])))
    const place = placeOf("99.000000000001", names.map((name) => property(name, 1)), { chip: "family 99" })
    const found = Object.values(entitiesOf(place)).map(({ value_template = "" }) => render(value_template, payload))
    assert.deepStrictEqual(found.slice(0, names.length), names.map((_, index) => String(index)))
  })

  it("gives a thermometer as a thermometer", () => {
    const { message } = messageOf(thermometer({ title: "cellar/freezer" }), { pageUrl: "http://pi.local:8080/hub/" })
    assert.deepStrictEqual(message.device, {
      identifiers: ["onewire_28_000028D70100"],
      name: "cellar/freezer",
      manufacturer: "Maxim Integrated",
      model: "DS18B20",
      model_id: "28",
      serial_number: "28.000028D70100",
      configuration_url: "http://pi.local:8080/hub/s/28.000028D70100",
      via_device: "onewire_bridge"
    })
    assert.deepStrictEqual(message.availability, [
      { topic: "onewire/bridge/state", value_template: "{{ value_json.state }}" },
      { topic: "onewire/cellar/freezer/availability", value_template: "{{ value_json.state }}" }
    ])
    assert.strictEqual(message.availability_mode, "all")
    assert.strictEqual(message.state_topic, "onewire/cellar/freezer")
    assert.deepStrictEqual(message.components["sensor_temperature"], {
      platform: "sensor",
      unique_id: "onewire_28_000028D70100_temperature",
      name: "Temperature",
      default_entity_id: "sensor.cellar_freezer_temperature",
      object_id: "cellar_freezer_temperature",
      value_template: "{{ value_json.temperature }}",
      device_class: "temperature",
      unit_of_measurement: "°C",
      state_class: "measurement",
      suggested_display_precision: 1
    })
  })

  it("has one value whatever the output is: a number, on or off, or unknown", () => {
    const place = placeOf("29.000029D60300", [property("PIO.0", true)])
    const json = entitiesOf(place)["binary_sensor_PIO_0"]
    const bare = entitiesOf(place, { output: "attribute" })["binary_sensor_PIO_0"]
    assert.strictEqual(bare?.state_topic, "onewire/cellar/freezer/PIO.0")
    for (const [value, shown] of [[true, "True"], [false, "False"], [null, "None"], [2.5, "2.5"]] as const) {
      assert.strictEqual(render(json?.value_template ?? "", JSON.stringify({ "PIO.0": value })), shown)
      assert.strictEqual(render(bare?.value_template ?? "", JSON.stringify(value)), shown)
    }
    assert.include(json, { payload_on: "True", payload_off: "False" })
  })

  it("turns what may be written into a switch, a number or a text, and takes the other entity of it out", () => {
    const relay = placeOf("29.000029D60300", [property("PIO.0", true, { isWritable: true })])
    const { components } = messageOf(relay).message
    assert.deepInclude(components["switch_PIO_0"], {
      command_topic: "onewire/cellar/freezer/set/PIO.0",
      payload_on: "ON",
      payload_off: "OFF",
      state_on: "True",
      state_off: "False"
    })
    assert.deepStrictEqual(components["binary_sensor_PIO_0"], { platform: "binary_sensor" })
    const locked = messageOf(placeOf("29.000029D60300", [property("PIO.0", true)])).message.components
    assert.deepStrictEqual(locked["switch_PIO_0"], { platform: "switch" })
    const limits = [property("temphigh", 30, { isWritable: true }), property("alias", "a", { isWritable: true })]
    const entities = entitiesOf(placeOf("28.000028D70100", limits))
    assert.deepInclude(entities["number_temphigh"], { min: -128, max: 127, step: 0.5, entity_category: "config" })
    assert.deepInclude(entities["text_alias"], { max: 255, command_topic: "onewire/cellar/freezer/set/alias" })
  })

  it("tells the classes of humidity, light, pressure, voltage, counters, clocks and faults", () => {
    const classOf = (device: string, name: string, value: Api.Reading["value"] = 1) => {
      const [entity] = Object.values(entitiesOf(placeOf(device, [property(name, value)])))
      return entity !== undefined && "device_class" in entity
        ? [entity.device_class, "unit_of_measurement" in entity ? entity.unit_of_measurement : undefined]
        : entity?.platform
    }
    assert.deepStrictEqual(classOf("26.000026A10100", "humidity"), ["humidity", "%"])
    assert.deepStrictEqual(classOf("26.000026A10100", "S3-R1-A/illuminance"), ["illuminance", "lx"])
    assert.deepStrictEqual(classOf("26.000026A10100", "B1-R1-A/pressure"), ["pressure", "mbar"])
    assert.deepStrictEqual(classOf("26.000026A10100", "VAD"), ["voltage", "V"])
    assert.deepStrictEqual(classOf("24.000024A10100", "date", "2026-03-29T01:00:00Z"), ["timestamp", undefined])
    assert.deepStrictEqual(classOf("3B.00003BA10100", "fault", true), ["problem", undefined])
    assert.deepStrictEqual(classOf("28.000028A10100", "power", true), ["power", undefined])
    // Converted to Fahrenheit, a difference would be wrong by 32.
    assert.strictEqual(classOf("EE.0000EEA10100", "temperature_offset"), "sensor")
    const counter = entitiesOf(placeOf("1D.00001DA10100", [property("counter.A", 1)]))["sensor_counter_A"]
    assert.deepInclude(counter, { state_class: "total_increasing" })
  })

  it("lets the user have the last word, except on what identifies an entity", () => {
    const place = placeOf("26.000026A10100", [property("temperature", 1), property("humidity", 1), property("VAD", 1)])
    const { components } = messageOf(place, {
      overrides: {
        temperature: {
          icon: "mdi:fridge",
          name: null,
          suggested_display_precision: 2,
          unique_id: "mine",
          platform: "x"
        },
        humidity: null,
        constructor: { icon: "mdi:nothing" }
      }
    }).message
    assert.deepInclude(components["sensor_temperature"], {
      platform: "sensor",
      unique_id: "onewire_26_000026A10100_temperature",
      icon: "mdi:fridge",
      suggested_display_precision: 2
    })
    assert.notProperty(components["sensor_temperature"], "name")
    assert.deepStrictEqual(components["sensor_humidity"], { platform: "sensor" })
    assert.property(components, "sensor_VAD")
    assert.deepStrictEqual(HomeAssistant.messages(place, { ...options, overrides: null }), [])
  })

  it("says nothing of what is hidden, of bytes, of arrays in one piece, and of what has no value yet and is not known", () => {
    assert.deepStrictEqual(HomeAssistant.messages(thermometer({ isHidden: true }), options), [])
    const bytes = placeOf("2D.00002DA10100", [property("memory", "00ff"), property("pages/page.0", "00")])
    assert.deepStrictEqual(HomeAssistant.messages(bytes, options), [])
    const unknown = placeOf("99.000000000001", [property("a", undefined), property("b.ALL", [1, 2])])
    assert.deepStrictEqual(HomeAssistant.messages(unknown, options), [])
  })

  it("announces a derived value before it is known", () => {
    const place = placeOf("dew-point", [property("dew_point", undefined, { unit: "°C" })], { chip: "derived" })
    const { message, topic } = messageOf(place)
    assert.strictEqual(topic, "homeassistant/device/onewire_DERIVED_dew-point/config")
    assert.notProperty(message.device, "serial_number")
    assert.deepInclude(message.components["sensor_dew_point"], { device_class: "temperature" })
  })

  it("announces the hub, which is there even if it is not connected", () => {
    const [[topic, payload] = ["", ""]] = HomeAssistant.hubMessages({ title: "House" }, { version: "1.0.0" })
    assert.strictEqual(topic, "homeassistant/device/onewire_bridge/config")
    const { components, ...message } = decode(payload)
    assert.notProperty(message, "availability")
    assert.deepInclude(components["binary_sensor_connection"], { payload_on: "online", payload_off: "offline" })
    const templateOf = (key: string): string => {
      const component = components[key]
      return component !== undefined && "value_template" in component ? component.value_template ?? "" : ""
    }
    assert.strictEqual(render(templateOf("binary_sensor_connection"), "{\"state\":\"online\"}"), "online")
    assert.strictEqual(render(templateOf("sensor_notices"), "[{},{}]"), "2")
    assert.strictEqual(render(templateOf("sensor_version"), "{\"version\":\"1.0.0\"}"), "1.0.0")
  })

  it("gives no link that is none", () => {
    for (const pageUrl of ["javascript:alert(1)", "pi.local:8080", "", "/hub"]) {
      assert.notProperty(messageOf(thermometer(), { pageUrl }).message.device, "configuration_url")
    }
  })
})
