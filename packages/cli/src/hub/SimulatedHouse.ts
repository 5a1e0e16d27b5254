/**
 * A house that needs no hardware: the values of its devices at any time, also in the past, and its faults.
 */
import type * as SimulatedNetwork from "@effect-ownet/core/testing/SimulatedNetwork"
import * as TestNetwork from "@effect-ownet/core/testing/TestNetwork"
import type * as Derived from "@effect-ownet/hub/Derived"
import type * as Places from "@effect-ownet/hub/Places"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** A value at a time. Both times are in seconds since 1970: the requested one, and the start of the house. */
type Measured = (at: number, start: number) => number

export interface Sensor {
  readonly id: string
  readonly bus: number
  readonly name: string
  readonly group: string
  readonly values: Readonly<Record<string, { readonly unit?: string; readonly of: Measured }>>
  readonly limits?: Readonly<Record<string, { readonly above?: number; readonly below?: number }>>
  /** Other properties of the device. */
  readonly fixed?: SimulatedNetwork.DeviceDescription
}

export const hour = 3600
export const day = 86_400

const turn = (at: number, period: number, phase: number): number => Math.sin(2 * Math.PI * (at / period + phase))

const sixteenths = (value: number): number => Math.round(value * 16) / 16

/** The weather: warmer by day and in summer, with a front every few days. */
const outside: Measured = (at) =>
  8 + 9 * turn(at, 365 * day, -0.3) + 3.4 * turn(at, day, -0.42) + 2.5 * turn(at, 5.3 * day, 0.2) +
  0.6 * turn(at, 3.1 * hour, 0)

/** A room that is warm by day, cooler by night, and follows the weather a little. */
const room = (mean: number, swing: number, phase: number): Measured => (at, start) =>
  sixteenths(
    mean +
      swing *
        (0.7 * turn(at, day, phase) + 0.3 * turn(at, 6.1 * day, phase) + 0.1 * turn(at, 1.6 * hour, phase * 3) +
          0.1 * turn(at, 240, phase))
      + 0.04 * outside(at, start)
  )

const temperature = (of: Measured): Sensor["values"] => ({ temperature: { unit: "°C", of } })

/** Hot water that is heated each morning and evening, and cools down in between. */
const heated = (low: number, high: number, phase: number): Measured => (at) => {
  const since = ((at / day + phase) * 2 % 1) * 12 * hour
  const warm = Math.min(1, since / (0.8 * hour)) * Math.exp(-Math.max(0, since - 0.8 * hour) / (9 * hour))
  return sixteenths(low + (high - low) * warm + 0.2 * turn(at, 600, phase))
}

const burner = (high: number, low: number): Measured => (at) => {
  const since = at % 1500
  const share = since < 600 ? 1 - Math.exp(-since / 200) : Math.exp(-(since - 600) / 700)
  return sixteenths(low + (high - low) * share)
}

/** Seconds since the freezer door was left open: once soon after the start, and sometimes before. */
const isOpenFor = (at: number, start: number): number => {
  const period = 37 * hour
  const since = ((at - start - 20) % period + period) % period
  return since < 900 ? since : 0
}

const freezer: Measured = (at, start) => {
  const since = isOpenFor(at, start)
  const warmer = since === 0 ? 0 : since < 60 ? 7 * since / 60 : 7 * Math.exp(-(since - 60) / 300)
  return sixteenths(-18.4 + 0.4 * turn(at, 1.3 * hour, 0) + 0.2 * turn(at, 4.7 * hour, 0.3) + warmer)
}

/** A battery that the sun charges and that is used in the evening. */
const battery: Measured = (at) =>
  Math.round((3.71 + 0.33 * turn(at, day, -0.45) + 0.04 * turn(at, 1.1 * hour, 0)) * 100) / 100

const humidity = (mean: number, swing: number, phase: number): Measured => (at) =>
  Math.round(
    (mean + swing * turn(at, day, phase) + swing * 0.6 * Math.max(0, turn(at, 9 * hour, phase)) ** 6
      + 0.3 * turn(at, 300, 0)) * 10
  ) / 10

const litres = (a: number): Measured => (at) => Math.floor((at - 1.75e9) / 47 * a + 3 * turn(at, day, 0.1))

const bathroom = "26.5D1D8A010000"

export const sensors: ReadonlyArray<Sensor> = [
  {
    id: "28.4A1F0C070000",
    bus: 0,
    name: "Kitchen",
    group: "House",
    values: temperature(room(21.2, 1.4, 0.6)),
    limits: { temperature: { above: 28, below: 15 } }
  },
  { id: "28.6B2E9D070000", bus: 0, name: "Living room", group: "House", values: temperature(room(21.6, 1.1, 0.55)) },
  { id: "28.91C3D2070000", bus: 0, name: "Bedroom", group: "House", values: temperature(room(18.1, 0.9, 0.4)) },
  {
    id: "28.0D55E1070000",
    bus: 0,
    name: "Nursery",
    group: "House",
    values: temperature(room(20.2, 0.7, 0.5)),
    limits: { temperature: { above: 24, below: 18 } }
  },
  {
    id: bathroom,
    bus: 0,
    name: "Bathroom",
    group: "House",
    values: {
      temperature: { unit: "°C", of: room(22.6, 1.7, 0.7) },
      humidity: { unit: "%RH", of: humidity(52, 8, 0.3) }
    },
    fixed: { VAD: 1.23, VDD: 5.01 }
  },
  {
    id: "28.C7A01B070000",
    bus: 0,
    name: "Attic",
    group: "House",
    values: temperature((at, start) => sixteenths(6 + 0.8 * outside(at - 2 * hour, start)))
  },
  { id: "28.13F7A9070000", bus: 1, name: "Boiler flow", group: "Heating", values: temperature(burner(62, 44)) },
  { id: "28.57B880070000", bus: 1, name: "Boiler return", group: "Heating", values: temperature(burner(47, 36)) },
  {
    id: "28.EE02C4070000",
    bus: 1,
    name: "Hot water",
    group: "Heating",
    values: temperature(heated(38, 58, 0.04)),
    limits: { temperature: { below: 35 } }
  },
  {
    id: "29.A4210C000000",
    bus: 1,
    name: "Heating pumps",
    group: "Heating",
    values: {},
    fixed: { "PIO.BYTE": 0b0000_0101 }
  },
  {
    id: "1D.77A20D000000",
    bus: 1,
    name: "Water meter",
    group: "Heating",
    values: { "counter.A": { of: litres(1) }, "counter.B": { of: litres(0.31) } }
  },
  {
    id: "28.E30BD4070000",
    bus: 2,
    name: "Freezer",
    group: "Cellar",
    values: temperature(freezer),
    limits: { temperature: { above: -15 } },
    fixed: { temphigh: -15, templow: -30 }
  },
  {
    id: "28.28D0F5070000",
    bus: 2,
    name: "Wine",
    group: "Cellar",
    values: temperature((at, start) =>
      sixteenths(12.4 + 0.05 * outside(at - 9 * hour, start) + 0.1 * turn(at, 2.2 * hour, 0))
    ),
    limits: { temperature: { above: 16, below: 8 } }
  },
  {
    id: "26.1A77B3010000",
    bus: 2,
    name: "Solar battery",
    group: "Cellar",
    values: {
      temperature: { unit: "°C", of: (at) => Math.round((15 + 2 * turn(at, day, -0.4)) * 32) / 32 },
      VAD: { unit: "V", of: battery },
      humidity: { unit: "%RH", of: humidity(41, 3, 0.6) },
      VDD: { unit: "V", of: (at) => Math.round((5.02 + 0.02 * turn(at, 5 * hour, 0)) * 100) / 100 }
    }
  },
  {
    id: "10.9E3B72020800",
    bus: 2,
    name: "Outside, north",
    group: "Outside",
    values: temperature((at, start) => Math.round(outside(at, start) * 2) / 2)
  },
  {
    id: "28.7F31AA070000",
    bus: 2,
    name: "Greenhouse",
    group: "Outside",
    values: temperature((at, start) =>
      sixteenths(
        Math.max(
          3.4 + 0.3 * turn(at, 0.7 * hour, 0),
          outside(at, start) + 3 + 7 * Math.max(0, turn(at, day, -0.32)) ** 2
        )
      )
    ),
    limits: { temperature: { below: 2 } }
  },
  {
    id: "28.3C90E6070000",
    bus: 2,
    name: "Pond",
    group: "Outside",
    values: temperature((at, start) => sixteenths(4 + 0.5 * outside(at - day, start)))
  },
  {
    id: "3A.B5C611000000",
    bus: 2,
    name: "Garden",
    group: "Outside",
    values: {},
    fixed: { "PIO.A": true, "PIO.B": false }
  }
]

/** Derived values, from those of the sensors. */
export const derived: Readonly<Record<string, Derived.Definition>> = {
  "bathroom-dew-point": {
    dew_point: { temperature: `${bathroom}/temperature`, humidity: `${bathroom}/humidity` }
  },
  "house-temperature": { group: "House", property: "temperature" }
}

/** Places of the derived values. */
export const derivedPlaces: ReadonlyArray<Places.Place> = [
  {
    key: "bathroom-dew-point",
    device: "bathroom-dew-point",
    name: "Bathroom dew point",
    group: "House",
    isHidden: false,
    limits: { dew_point: { above: 18 } }
  },
  {
    key: "house-temperature",
    device: "house-temperature",
    name: "Whole house",
    group: "House",
    isHidden: false,
    limits: {}
  }
]

/** The pond's sensor has a bad plug, and the bus of the heating has a bad joint. */
const pond = "28.3C90E6070000"
const heating = 1

const pathOf = ({ bus, id }: Pick<Sensor, "bus" | "id">): string => `/bus.${bus}/${id}`

export const server = "house"

const describe = (start: number): SimulatedNetwork.Description =>
  Object.fromEntries(sensors.map((sensor) => [pathOf(sensor), {
    alias: sensor.name.replaceAll(/[^\w]+/g, "-").toLowerCase(),
    ...sensor.fixed,
    ...Object.fromEntries(
      Object.entries(sensor.values).map((
        [property, { of }]
      ) => [property, (seconds: number) => of(start + seconds, start)])
    )
  }]))

/** The house, as a network with one server. */
export const layer = Layer.unwrap(
  Effect.map(Clock.currentTimeMillis, (millis) => TestNetwork.layer({ [server]: describe(millis / 1000) }))
)

/** Repeats the faults of the house. */
export const live = Effect.gen(function*() {
  const { network } = (yield* TestNetwork.TestNetwork).server(server)
  const unplug = Effect.gen(function*() {
    yield* Effect.sleep("5 seconds")
    yield* network.vanish(pond)
    yield* Effect.sleep("4 minutes")
    yield* network.appear(pathOf({ id: pond, bus: 2 }))
    yield* Effect.sleep("9 minutes")
  })
  const breakBus = Effect.gen(function*() {
    yield* Effect.sleep("3 minutes")
    yield* network.breakBus(heating, -5)
    yield* Effect.sleep("45 seconds")
    yield* network.breakBus(heating)
    yield* Effect.sleep("7 minutes")
  })
  return yield* Effect.all([Effect.forever(unplug), Effect.forever(breakBus)], { concurrency: 2 })
})
