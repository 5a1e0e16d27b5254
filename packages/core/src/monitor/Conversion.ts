/**
 * Measures temperatures with all thermometers of a bus at the same time.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import type * as OwClient from "../client/OwClient.ts"
import * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import type * as Plausibility from "../device/Plausibility.ts"
import { monotonicMillis } from "../internal/clock.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as RomId from "../onewire/RomId.ts"
import * as ControlFlags from "../protocol/ControlFlags.ts"
import { UntilLost } from "./internal/UntilLost.ts"
import * as Observation from "./Observation.ts"

/**
 * A device that measures its temperature on command and keeps it: a DS18S20, DS18B20, DS1822, DS1825, DS28EA00, DS2437 or DS2438.
 *
 * @category models
 * @since 0.1.0
 */
export interface Thermometer extends
  Device.Device<{
    readonly read: { readonly temperature: number; readonly latesttemp: number; readonly power?: boolean }
    readonly write: object
  }>
{}

/**
 * Options of `convertAll`: how to read each thermometer, and how long to give the chips.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions {
  /**
   * How to treat an implausible value. `keep`, the default, emits it with its verdict. `reject` fails this sensor with a
   * `DeviceError`. `readAgain` reads `temperature` a second time, from this chip alone, and emits that value. Chips that measure
   * one by one anyway are read up to two more times, and the first plausible value is emitted.
   */
  readonly implausible?: Plausibility.Policy["implausible"]
  /**
   * Time between the command to measure and the first reading. Default 1 second, or 10 milliseconds if there are only DS2437 and
   * DS2438.
   *
   * According to its datasheet, a chip needs 750 milliseconds for a resolution of 12 bits, 375 for 11, 188 for 10 and 94 for 9;
   * copies of a chip may need more. If the wait is too short, the chip still has its previous value, and nothing shows that it is
   * old. Do not rely on `tempres`: it is only the resolution that a chip starts with when it gets power. A server sets 12 bits
   * whenever somebody reads `temperature`, as this function does for chips that measure by themselves, and 9 bits for `fasttemp`.
   */
  readonly wait?: Duration.Input | undefined
}

/**
 * Lets all thermometers measure at the same time and emits one element for each, in any order: a reading of its `temperature`, or
 * a failure. A hundred thermometers on a bus take about one second instead of a hundred, plus a little to read each one. The
 * stream itself fails only with an `ArgumentError`, if an option is invalid.
 *
 * **Details**
 *
 * On each bus, and on all buses in parallel:
 *
 * 1. It reads `power` of each thermometer, unless the same object has reported it within the last five minutes. A thermometer
 *    that has failed since, or has returned an implausible value, is asked again. This bypasses the server's cache, which also
 *    keeps `power` for five minutes.
 * 2. If all have their own supply, it writes 1 to the `simultaneous/temperature` of their bus. All chips directly on the bus
 *    measure, including those that are not among the sensors. After the `wait`, it reads the result from the memory of each chip
 *    (`latesttemp`), one chip after another.
 * 3. It reads the `temperature` of all others, so that each chip measures by itself, one after another. These are the chips
 *    behind couplers, which the command does not reach, and all chips of a bus with a thermometer on parasite power, which the
 *    command would starve and which needs a quiet bus. One thermometer on parasite power makes its bus slow: 750 milliseconds for
 *    each chip.
 *
 * - Devices found by `Discovery` know their bus, and so do those made from a path such as `"/bus.0/28.000028D70100"`. For a
 *   device that does not, all buses of its server measure, and count as one.
 * - A thermometer on parasite power that is not among the sensors goes unnoticed, and may disturb the others.
 * - A chip with too little power shows 85 °C, or its previous value. With `implausible: "readAgain"`, an implausible value is
 *   read again from `temperature`, for which the chip measures by itself.
 * - If the server refuses to let a bus measure, as a read-only server does, its thermometers measure one by one.
 * - For 15 seconds after the command, the server assumes that all thermometers have measured, on other buses too. To read
 *   `temperature` of a thermometer that is not among the sensors, bypass the cache during that time (`flags.uncached`).
 *
 * **Example** (Measuring once a minute)
 *
 * ```ts
 * import { Conversion, Discovery } from "@effect-ownet/core"
 * import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
 * import { Console, Effect, Schedule, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
 *   yield* Conversion.convertAll(devices, { implausible: "readAgain" }).pipe(
 *     Stream.repeat(Schedule.spaced("1 minute")),
 *     Stream.runForEach((seen) =>
 *       Console.log(seen.device.name, seen._tag === "Reading" ? seen.value : seen.error.message)
 *     )
 *   )
 * })
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const convertAll = (
  sensors: ReadonlyArray<Thermometer>,
  options: Options = {}
): Stream.Stream<Observation.Observation<number>, OwError.ArgumentError> =>
  Stream.unwrap(Effect.gen(function*() {
    if (options.wait !== undefined) yield* checked.millis("wait", options.wait)
    yield* checked.call(options)
    return Stream.mergeAll(
      busesOf(sensors).map((bus) => new Pass(bus, options).observations),
      // A value that waited in a buffer would be old when it is taken.
      { concurrency: "unbounded", bufferSize: 0 }
    )
  }))

const checked = Checked.of("Conversion.convertAll")

/** The role of a chip in a simultaneous conversion. */
interface Chip {
  /** Milliseconds for the finest resolution, enough for chips that are slower than their datasheets. */
  readonly wait: number
  /** Whether it may be on parasite power, and reports it. */
  readonly tellsPower: boolean
}

const thermometer: Chip = { wait: 1000, tellsPower: true }
const monitor: Chip = { wait: 10, tellsPower: false }

const chips: Readonly<Record<string, Chip>> = {
  "10": thermometer,
  "22": thermometer,
  "28": thermometer,
  "3B": thermometer,
  "42": thermometer,
  "1E": monitor,
  "26": monitor,
  "A6": monitor
}

/** The power supply of a chip. */
interface Supply {
  readonly isOwn: boolean
  /** Time on the monotonic clock from which it is asked again. */
  readonly until: number
}

/** The supplies that thermometers have reported. Each entry is dropped with its thermometer. */
const supplies = new WeakMap<Thermometer, Supply>()

/** Milliseconds for which a reported supply is trusted: it hardly ever changes. */
const supplyLasts = 300_000

/** Makes a thermometer be asked again. */
const doubt = (sensor: Thermometer): void => {
  const supply = supplies.get(sensor)
  if (supply !== undefined) supplies.set(sensor, { ...supply, until: 0 })
}

/** A thermometer that the command to its whole bus reaches. */
interface Member extends Chip {
  readonly sensor: Thermometer
}

interface Bus {
  readonly ow: OwClient.Client
  /** Its path. Empty for all buses of a server. */
  readonly path: string
  readonly members: Array<Member>
  /** Thermometers that can only measure by themselves. */
  readonly others: Array<Thermometer>
}

const busesOf = (sensors: ReadonlyArray<Thermometer>): ReadonlyArray<Bus> => {
  const byServer = new Map<OwClient.Client, Array<Thermometer>>()
  for (const sensor of sensors) {
    const own = byServer.get(sensor.ow)
    if (own === undefined) byServer.set(sensor.ow, [sensor])
    else own.push(sensor)
  }
  return [...byServer].flatMap(([ow, own]) => {
    // A command to all buses of a server, or to all those of a server behind it, reaches each of them.
    const told = new Set(own.filter((sensor) => chipOf(sensor) !== undefined).map(pathOf))
    const buses = new Map<string, Bus>()
    for (const sensor of own) {
      const place = pathOf(sensor)
      const path = widestOf(place).find((bus) => told.has(bus)) ?? place
      const bus = buses.get(path) ?? { ow, path, members: [], others: [] }
      buses.set(path, bus)
      const chip = chipOf(sensor)
      if (chip === undefined) bus.others.push(sensor)
      else bus.members.push({ ...chip, sensor })
    }
    return [...buses.values()]
  })
}

/** The role of a device in the conversion. Couplers are switched off during the command. */
const chipOf = (sensor: Thermometer): Chip | undefined => isBehindCoupler(sensor) ? undefined : chips[codeOf(sensor)]

const codeOf = ({ id }: Device.AnyDevice): string => FamilyCode.driver(RomId.familyCode(id))

/**
 * Whether a device measures its temperature on command.
 *
 * **Example** (Selecting the devices that can be converted)
 *
 * ```ts
 * import { Conversion, Discovery } from "@effect-ownet/core"
 * import { Effect, Stream } from "effect"
 *
 * const temperatures = Discovery.devices().pipe(
 *   Effect.map(({ devices }) => Conversion.convertAll(devices.filter(Conversion.isThermometer))),
 *   Stream.unwrap
 * )
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isThermometer = (device: Device.AnyDevice): device is Thermometer => Object.hasOwn(chips, codeOf(device))

/**
 * Whether some thermometers measure faster together than one after another: true if several that need most of a second are
 * directly on one bus. Those behind couplers measure by themselves, and a DS2437 or DS2438 takes 10 milliseconds.
 *
 * @category predicates
 * @since 0.1.0
 */
export const pays = (sensors: ReadonlyArray<Thermometer>): boolean => {
  const slow = sensors.filter((sensor) => chipOf(sensor) === thermometer)
  return new Set(slow.map(({ bus }) => bus)).size < slow.length
}

/** The paths of a bus and of everything that it is part of, widest first: the empty path, `/bus.1`, `/bus.1/bus.0`. */
const widestOf = (path: string): ReadonlyArray<string> => {
  const segments = path.split("/")
  return segments.map((_, at) => segments.slice(0, at + 1).join("/"))
}

const pathOf = ({ bus }: Thermometer): string => bus === undefined ? "" : `/${bus}`

const isBehindCoupler = ({ place }: Thermometer): boolean => place.branches.length > 0

/** One conversion on one bus. */
class Pass {
  private readonly bus: Bus
  private readonly options: Options
  private readonly asking = new UntilLost()

  constructor(bus: Bus, options: Options) {
    this.bus = bus
    this.options = options
  }

  get observations(): Stream.Stream<Observation.Observation<number>> {
    const { members, others } = this.bus
    const asked = Effect.partition(members, (member) => this.withSupply(member))
    return Stream.unwrap(Effect.map(asked, ([able, failures]) => {
      const isStarved = able.some(({ hasSupply }) => !hasSupply)
      return Stream.fromIterable(failures).pipe(
        Stream.concat(isStarved ? this.oneByOne(able.map(({ sensor }) => sensor)) : this.together(able)),
        Stream.concat(this.oneByOne(others))
      )
    }))
  }

  /** Adds to a chip whether it has its own supply. */
  private withSupply(member: Member): Effect.Effect<Member & { readonly hasSupply: boolean }, Observation.Failed> {
    const { sensor, tellsPower } = member
    return Effect.matchEffect(tellsPower ? this.hasSupply(sensor) : Effect.succeed(true), {
      onFailure: (error) => Effect.flip(Observation.failed(sensor, property, error)),
      onSuccess: (hasSupply) => Effect.succeed({ ...member, hasSupply })
    })
  }

  private hasSupply(sensor: Thermometer): Effect.Effect<boolean, Device.Failure> {
    return Effect.clockWith((clock) => {
      const now = monotonicMillis(clock)
      const known = supplies.get(sensor)
      if (known !== undefined && now < known.until) return Effect.succeed(known.isOwn)
      const { flags, ...options } = this.options
      // The server's cache may hold the earlier answer.
      const merged = ControlFlags.merge(flags, { uncached: known !== undefined })
      return Effect.map(
        this.asking.ask(`${sensor.path}/power`, sensor.read("power", { ...options, flags: merged })),
        (power) => {
          supplies.set(sensor, { isOwn: power === true, until: now + supplyLasts })
          return power === true
        }
      )
    })
  }

  private together(members: ReadonlyArray<Member>): Stream.Stream<Observation.Observation<number>> {
    if (members.length === 0) return Stream.empty
    const { bus: { ow, path }, options } = this
    const sensors = members.map(({ sensor }) => sensor)
    const wait = options.wait ?? Math.max(...members.map(({ wait }) => wait))
    const measured = Effect.andThen(
      this.asking.ask(`${path}/simultaneous/temperature`, ow.write(`${path}/simultaneous/temperature`, "1", options)),
      Effect.sleep(wait)
    )
    return Stream.unwrap(Effect.match(measured, {
      onFailure: (error) =>
        error._tag === "OwnetError"
          ? this.oneByOne(sensors)
          // It is unknown whether they measure, and measuring one by one might take a minute.
          : observeEach(sensors, () => Effect.fail(error)),
      onSuccess: () =>
        observeEach(sensors, (sensor) => this.asking.ask(`${sensor.path}/latesttemp`, this.latest(sensor)))
    }))
  }

  /** The value that a chip has measured. If it is implausible and should be read again, the chip measures by itself. */
  private latest(sensor: Thermometer): Effect.Effect<Device.Reading<number>, Device.Failure> {
    const options = this.fresh
    if (options.implausible !== "readAgain") return watched(sensor, sensor.reading("latesttemp", options))
    const once = { ...options, implausible: "keep" } as const
    return Effect.filterOrElse(
      watched(sensor, sensor.reading("latesttemp", once)),
      ({ verdict }) => verdict._tag === "Plausible",
      () => sensor.reading("temperature", once)
    )
  }

  private oneByOne(sensors: ReadonlyArray<Thermometer>): Stream.Stream<Observation.Observation<number>> {
    return observeEach(
      sensors,
      (sensor) =>
        this.asking.ask(`${sensor.path}/temperature`, watched(sensor, sensor.reading("temperature", this.fresh)))
    )
  }

  /** Bypasses the server's cache, and its assumption that the chips have measured. */
  private get fresh(): Device.ReadingOptions {
    const { flags, wait: _, ...options } = this.options
    return { ...options, flags: ControlFlags.merge(flags, { uncached: true }) }
  }
}

/** A reading that notices if the supply of its chip may have changed. An outage of the server says nothing about the supply. */
const watched = (
  sensor: Thermometer,
  reading: Effect.Effect<Device.Reading<number>, Device.Failure>
): Effect.Effect<Device.Reading<number>, Device.Failure> =>
  reading.pipe(
    Effect.tapError((error) => Effect.sync(() => OwError.isServerFailure(error) || doubt(sensor))),
    Effect.tap(({ verdict }) => Effect.sync(() => verdict._tag === "Plausible" || doubt(sensor)))
  )

/** Reads one sensor after another. All readings are named `temperature`, however they were measured. */
const observeEach = (
  sensors: ReadonlyArray<Thermometer>,
  read: (sensor: Thermometer) => Effect.Effect<Device.Reading<number>, Device.Failure>
): Stream.Stream<Observation.Observation<number>> =>
  Stream.mapEffect(Stream.fromIterable(sensors), (sensor) =>
    Effect.matchEffect(read(sensor), {
      onFailure: (error) => Observation.failed(sensor, property, error),
      onSuccess: (reading) => Effect.succeed({ ...reading, property })
    }))

const property = "temperature"
