/**
 * Measuring temperatures with all thermometers of a bus at once.
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
 * A device that measures its temperature when it is told to, and keeps it: a DS18S20, DS18B20, DS1822, DS1825, DS28EA00,
 * DS2437 or DS2438.
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
 * How temperatures are measured together: how each is read, and how long the chips are given.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions {
  /**
   * What happens to a value that may not be true. `keep`, the default, gives it with its verdict. `reject` fails that sensor
   * with a `DeviceError`. `readAgain` reads `temperature` once more by itself, and gives what that says; those that measure
   * one by one anyway are read up to twice more, and the first plausible value is given.
   */
  readonly implausible?: Plausibility.Policy["implausible"]
  /**
   * How long to wait between the command to measure and the first reading. Default 1 second, and 10 milliseconds where there
   * are only DS2437 and DS2438.
   *
   * By its datasheet a chip needs 750 milliseconds for 12 bits of resolution, 375 for 11, 188 for 10 and 94 for 9; copies of
   * a chip may need more. After too short a wait it still has the value before, and nothing tells that it is old. Do not go
   * by `tempres`, which is what a chip begins with when it gets power: a server sets it to 12 bits where anybody reads its
   * `temperature`, as is done here of a chip that measures by itself, and to 9 bits for its `fasttemp`.
   */
  readonly wait?: Duration.Input | undefined
}

/**
 * Has all thermometers measure at the same time, and emits one element for each, in any order: a reading of its
 * `temperature`, or the failure to get one. A hundred of them on a bus take about a second for it and not a hundred, and a
 * little for each to be read. The stream itself fails only with an `ArgumentError`, where an option makes no sense.
 *
 * **Details**
 *
 * On each bus, all buses side by side:
 *
 * 1. `power` is read of each thermometer, unless the same object has told it within five minutes. One that has failed since, or has
 *    given an implausible value, is asked again past the server's cache, which remembers it for five minutes, too.
 * 2. Where all have a supply of their own, 1 is written to the `simultaneous/temperature` of their bus: all chips that are
 *    directly on it measure, also those that are not among the sensors. What one measures is in its memory after the
 *    `wait`, and is read there (`latesttemp`), one chip after another.
 * 3. All others are read by `temperature`, so that each measures by itself, one after another: those behind couplers, which
 *    the command does not reach; and all of a bus where one is on parasite power, which would starve it and needs a quiet
 *    bus. One thermometer on parasite power makes its bus slow: 750 milliseconds for each.
 *
 * - What was found by `Discovery` knows its bus, and so does what was made of `"/bus.0/28.000028D70100"`. For a device that
 *   does not, all buses of its server measure, and count as one.
 * - A thermometer on parasite power that is not among the sensors is not known of, and may disturb the others.
 * - A chip whose power is too weak after all shows 85 °C, or what it had before. With `implausible: "readAgain"`, what is
 *   implausible is read once more by `temperature`: the chip then measures by itself.
 * - Where the server refuses to have a bus measure, as one does that is read-only, its thermometers measure one by one.
 * - For 15 seconds after this a server takes all thermometers for measured, those of other buses too: whoever reads
 *   `temperature` then, of one that is not among the sensors, had better do it past the cache (`flags.uncached`).
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
      // Whatever waited in a buffer would be old when it is taken.
      { concurrency: "unbounded", bufferSize: 0 }
    )
  }))

const checked = Checked.of("Conversion.convertAll")

/** What takes part in a simultaneous conversion. */
interface Chip {
  /** Milliseconds for the finest resolution, and for chips that are slower than their datasheets. */
  readonly wait: number
  /** Whether it may be on parasite power, and then tells it. */
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

/** How a chip gets its power. */
interface Supply {
  readonly isOwn: boolean
  /** From when on it is asked again, on the monotonic clock. */
  readonly until: number
}

/** What thermometers have said of their supplies. It is forgotten with the thermometer. */
const supplies = new WeakMap<Thermometer, Supply>()

/** Milliseconds for which that is believed: a supply hardly ever changes. */
const supplyLasts = 300_000

/** Has a thermometer asked again. */
const doubt = (sensor: Thermometer): void => {
  const supply = supplies.get(sensor)
  if (supply !== undefined) supplies.set(sensor, { ...supply, until: 0 })
}

/** A thermometer that the command to all of its bus reaches. */
interface Member extends Chip {
  readonly sensor: Thermometer
}

interface Bus {
  readonly ow: OwClient.Client
  /** Its path, empty for all buses of a server. */
  readonly path: string
  readonly members: Array<Member>
  /** Those that measure by themselves only. */
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
    // What a server is told of all its buses, or of all those of a server behind it, reaches each of them.
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

/** What takes part of a device. Couplers are switched off for the command. */
const chipOf = (sensor: Thermometer): Chip | undefined => isBehindCoupler(sensor) ? undefined : chips[codeOf(sensor)]

const codeOf = ({ id }: Device.AnyDevice): string => FamilyCode.driver(RomId.familyCode(id))

/**
 * Whether a device is one that measures its temperature when it is told to.
 *
 * **Example** (Taking those that can be converted)
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
 * Whether some thermometers measure faster together than one after another: if several that need most of a second are directly on
 * one bus. Those behind couplers measure by themselves, and a DS2437 or DS2438 takes 10 milliseconds.
 *
 * @category predicates
 * @since 0.1.0
 */
export const pays = (sensors: ReadonlyArray<Thermometer>): boolean => {
  const slow = sensors.filter((sensor) => chipOf(sensor) === thermometer)
  return new Set(slow.map(({ bus }) => bus)).size < slow.length
}

/** The paths of a bus and of whatever it is part of, the widest first: nothing, `/bus.1`, `/bus.1/bus.0`. */
const widestOf = (path: string): ReadonlyArray<string> => {
  const segments = path.split("/")
  return segments.map((_, at) => segments.slice(0, at + 1).join("/"))
}

const pathOf = ({ bus }: Thermometer): string => bus === undefined ? "" : `/${bus}`

const isBehindCoupler = ({ place }: Thermometer): boolean => place.branches.length > 0

/** One pass over a bus. */
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

  /** A chip, and whether it has a supply of its own. */
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
      // What a server remembers may be what it has told before.
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
          // Whether they measure nobody knows, and to have each do so by itself may take a minute.
          : observeEach(sensors, () => Effect.fail(error)),
      onSuccess: () =>
        observeEach(sensors, (sensor) => this.asking.ask(`${sensor.path}/latesttemp`, this.latest(sensor)))
    }))
  }

  /** What a chip has measured; or what it measures by itself, where that is implausible and wanted again. */
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

  /** Neither what a server remembers, nor what it believes to be measured. */
  private get fresh(): Device.ReadingOptions {
    const { flags, wait: _, ...options } = this.options
    return { ...options, flags: ControlFlags.merge(flags, { uncached: true }) }
  }
}

/** A reading that tells whether the supply of its chip may have changed. An outage of the server tells nothing of it. */
const watched = (
  sensor: Thermometer,
  reading: Effect.Effect<Device.Reading<number>, Device.Failure>
): Effect.Effect<Device.Reading<number>, Device.Failure> =>
  reading.pipe(
    Effect.tapError((error) => Effect.sync(() => OwError.isServerFailure(error) || doubt(sensor))),
    Effect.tap(({ verdict }) => Effect.sync(() => verdict._tag === "Plausible" || doubt(sensor)))
  )

/** One sensor after another, and all as their `temperature`: so it is, however it was measured. */
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
