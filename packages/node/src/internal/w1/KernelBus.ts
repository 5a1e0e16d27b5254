/**
 * The kernel's buses in the form that a server can serve.
 */
import type { Property } from "@effect-ownet/core/device/Property"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import { decodeText, encodeText } from "@effect-ownet/core/protocol/Payload"
import type { AliasTable } from "@effect-ownet/core/server/AliasTable"
import * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Code from "./Code.ts"
import type { Driver, Files } from "./Driver.ts"
import * as DriverFile from "./DriverFile.ts"
import * as Drivers from "./Drivers.ts"
import * as Inventory from "./Inventory.ts"
import { KeptAliases } from "./KeptAliases.ts"
import { Lookout } from "./Lookout.ts"
import * as Moment from "./Moment.ts"
import { Slot } from "./Slot.ts"
import * as Temperatures from "./Temperatures.ts"

/** Durations in milliseconds. */
export interface Times {
  /** Minimum time between two looks for devices. */
  readonly look: number
  /** Maximum time that a request waits for such a look. */
  readonly lookLimit: number
  /** Time between two looks for the files of a device. */
  readonly files: number
  /** Maximum time of an operation on a bus. The driver of thermometers tries a conversion up to ten times. */
  readonly work: number
}

export const defaultTimes: Times = { look: 1000, lookLimit: 5000, files: 10_000, work: 30_000 }

export interface Options {
  readonly folder: string
  readonly isWritable: boolean
  readonly aliases: string | undefined
  readonly times: Times
}

/** Maximum number of files in use at a time: Node has four threads for files, and one is left for the rest of the process. */
const mostFiles = 3

/** Milliseconds for which the limits of an alarm are cached. */
const limitsFor = 60_000

/** The temperature in thousandths of a degree. */
const temperature = "temperature"

/** Files of a thermometer that make it convert. */
const conversions: ReadonlySet<string> = new Set([temperature, "w1_slave"])

/** Content of `therm_bulk_read` while chips convert, and while a result waits to be read. */
const isConverting = "-1"
const hasConverted = "1"

/**
 * Milliseconds between two requests to a chip while another program lets all chips convert, and the number of requests: a
 * conversion takes up to 750.
 */
const pause = 50
const mostTries = 60

/** Maximum length of a text that the kernel returns. */
const longestText = 4096

const simultaneous: Bus.Contents = {
  properties: new Map(
    [...Bus.simultaneous().properties].filter(([name]) => ["present", "single", "temperature"].includes(name))
  ),
  directories: new Set()
}

export class KernelBus implements Bus.Bus {
  readonly isSlow = true
  readonly look: Effect.Effect<void>
  private readonly isWritable: boolean
  private readonly inventory: Inventory.Inventory
  private readonly lookout: Lookout
  private readonly kept: KeptAliases
  private readonly threads = Semaphore.makeUnsafe(mostFiles)
  /** Buses with a requested conversion that has not begun yet. */
  private readonly converting = new Set<Inventory.Master>()
  private readonly structured = new Map<string, Bus.Contents>()

  constructor({ aliases, folder, isWritable, times }: Options) {
    this.isWritable = isWritable
    this.kept = new KeptAliases(aliases)
    this.inventory = new Inventory.Inventory(folder, times.files, () => new Slot(times.work))
    this.lookout = new Lookout(
      Effect.andThen(this.inventory.look, this.kept.refresh),
      { every: times.look, limit: times.lookLimit }
    )
    this.look = this.lookout.look
  }

  get masters(): ReadonlyArray<Bus.Master> {
    // The name is that of owserver's bus master of this kind.
    return this.inventory.masters.map(({ folder }) => ({ name: "w1", address: folder }))
  }

  get aliases(): AliasTable {
    return this.kept.table
  }

  device(id: RomId.RomId): Bus.Device | undefined {
    return this.inventory.get(id)?.device
  }

  devicesAt(place: string): ReadonlyArray<Bus.Device> {
    const master = this.inventory.masterAt(place)
    return master === undefined ? [] : this.inventory.devicesOf(master).map(({ device }) => device)
  }

  /** Returns the devices that the kernel has found. It searches its buses itself. */
  search(place: string): Effect.Effect<ReadonlyArray<Bus.Device>, number> {
    return Effect.suspend(() => {
      const { failure } = this.inventory.masterAt(place) ?? { failure: Code.noMaster }
      return failure === undefined ? Effect.succeed(this.devicesAt(place)) : Effect.fail(failure)
    })
  }

  /** Finds alarms by the last temperatures: the kernel offers no alarm search. */
  alarms(place: string): Effect.Effect<ReadonlyArray<Bus.Device>, number> {
    return Effect.suspend(() => {
      const master = this.inventory.masterAt(place)
      if (master === undefined) return Effect.fail(Code.noMaster)
      if (master.failure !== undefined) return Effect.fail(master.failure)
      return Effect.map(
        Effect.filter(this.inventory.devicesOf(master), (known) =>
          Temperatures.isKnown(known.measured)
            // A chip that fails is not in alarm; if the bus fails, it has not been searched.
            ? Effect.catchIf(
              master.slot.run(this.isAlarming(known)),
              (code) => code !== Code.busy,
              () => Effect.succeed(false)
            )
            : Effect.succeed(false)),
        (alarming) => alarming.map(({ device }) => device)
      )
    })
  }

  read(
    device: Bus.Device,
    element: Bus.Element,
    reading: Bus.Reading
  ): Effect.Effect<ReadonlyArray<Bus.Value>, number> {
    const said = Bus.identity(device.id, element.property.name)
    return said === undefined
      ? this.work(device, element.property.name, (driver, known) => this.readOf(driver, known, element, reading))
      : Effect.succeed([encodeText(said)])
  }

  write(device: Bus.Device, written: Bus.Written): Effect.Effect<void, number> {
    if (!this.isWritable) return Effect.fail(Code.readOnly)
    return this.work(device, written.property.name, (driver, known) =>
      Effect.ensuring(
        driver.write(this.filesOf(known), written),
        Effect.sync(() => {
          known.measured.limits = undefined
        })
      ))
  }

  /**
   * Lets all thermometers of a bus convert. The kernel completes the write when they have finished. This runs in the background,
   * and the next read on the bus waits for it.
   */
  convertAll(what: string, place: string): Effect.Effect<void, number> {
    return Effect.suspend(() => {
      const master = this.inventory.masterAt(place)
      if (master === undefined) return Effect.fail(Code.noMaster)
      if (master.failure !== undefined) return Effect.fail(master.failure)
      if (what !== "temperature" || !master.mayBulkRead) return Effect.fail(Code.unsupported)
      if (this.converting.has(master)) return Effect.void
      this.converting.add(master)
      const begin = Effect.suspend(() => {
        this.converting.delete(master)
        for (const { measured } of this.inventory.devicesOf(master)) measured.isOutdated = true
        return Effect.andThen(
          // The kernel accepts only this word, with its line feed.
          this.onThread(DriverFile.write(`${master.folder}/${Inventory.bulkFile}`, "trigger\n")),
          Effect.map(Moment.now, (now) => {
            for (const { device, measured } of this.inventory.devicesOf(master)) {
              if (Inventory.isBulkRead(device.id)) measured.pendingSince = now
            }
          })
        )
      })
      return Effect.asVoid(Effect.forkDetach(
        master.slot.run(begin).pipe(
          Effect.ensuring(Effect.sync(() => this.converting.delete(master))),
          Effect.ignore
        ),
        { startImmediately: true }
      ))
    })
  }

  rename({ id }: Bus.Device, alias: string): Effect.Effect<void, number> {
    return this.isWritable ? this.kept.rename(id, alias) : Effect.fail(Code.readOnly)
  }

  get structures(): ReadonlyArray<string> {
    return this.mayBulkRead ? [...Drivers.codes, "simultaneous"] : Drivers.codes
  }

  structure(name: string): Bus.Contents | undefined {
    if (name === "simultaneous") return this.mayBulkRead ? simultaneous : undefined
    if (!Drivers.codes.includes(name)) return undefined
    let contents = this.structured.get(name)
    if (contents === undefined) {
      contents = Inventory.chipOf(name, () => true)
      this.structured.set(name, contents)
    }
    return contents
  }

  private get mayBulkRead(): boolean {
    return this.inventory.masters.some(({ mayBulkRead }) => mayBulkRead)
  }

  /** Uses the driver of a device while its bus master does nothing else. */
  private work<A>(
    { id }: Bus.Device,
    property: string,
    use: (driver: Driver, known: Inventory.Known) => Effect.Effect<A, number>
  ): Effect.Effect<A, number> {
    return Effect.suspend(() => {
      const known = this.inventory.get(id)
      if (known === undefined) return Effect.fail(Code.vanished)
      const driver = Drivers.of(RomId.familyCode(id))
      if (driver === undefined || !known.device.chip.properties.has(property)) return Effect.fail(Code.absent)
      return Effect.tapError(known.master.slot.run(use(driver, known)), (code) =>
        Effect.sync(() => {
          if (!DriverFile.isGone(code)) return
          this.inventory.doubt(id)
          this.lookout.soon()
        }))
    })
  }

  private onThread<A>(work: Effect.Effect<A, number>): Effect.Effect<A, number> {
    return this.threads.withPermits(1)(work)
  }

  private filesOf(
    known: Inventory.Known,
    { isUncached }: Pick<Bus.Reading, "isUncached"> = { isUncached: false }
  ): Files {
    const pathOf = (file: string): string => `${known.folder}/${file}`
    const plain: Files["text"] = (file) => {
      const text = this.textOf(pathOf(file))
      return Effect.filterOrFail(
        conversions.has(file) ? this.settled(known, text) : text,
        (text) => text !== "",
        () => Code.fault
      )
    }
    const text: Files["text"] = (file) =>
      conversions.has(file) ? this.converted(known, plain(file), isUncached) : plain(file)
    return {
      has: (file) => known.files.has(file),
      text,
      bytes: (file, size) =>
        Effect.filterOrFail(
          this.onThread(DriverFile.read(pathOf(file), size)),
          (bytes) => bytes.length > 0 || size === 0,
          () => Code.fault
        ),
      write: (file, data, offset) => this.onThread(DriverFile.write(pathOf(file), data, offset)),
      temperature: (which) =>
        which === "latest"
          ? this.latest(known, plain(temperature), isUncached)
          : this.measured(known, text(temperature)),
      isWritable: this.isWritable
    }
  }

  private textOf(path: string): Effect.Effect<string, number> {
    return Effect.map(
      this.onThread(DriverFile.read(path, longestText)),
      (bytes) => decodeText(bytes).trim()
    )
  }

  /** State of a simultaneous conversion that any program may have started. */
  private conversionOf({ master }: Inventory.Known): Effect.Effect<string> {
    return master.hasBulkRead
      ? Effect.orElseSucceed(this.textOf(`${master.folder}/${Inventory.bulkFile}`), () => "")
      : Effect.succeed("")
  }

  /** The driver returns nothing while another program lets all chips convert, and soon afterwards the result. */
  private readonly settled = Effect.fnUntraced(function*(
    this: KernelBus,
    known: Inventory.Known,
    text: Effect.Effect<string, number>
  ) {
    let found = yield* text
    for (let tries = 0; found === "" && tries < mostTries; tries++) {
      if ((yield* this.conversionOf(known)) !== isConverting) break
      yield* Effect.sleep(pause)
      found = yield* text
    }
    return found
  })

  /**
   * The temperature that a chip measures now. After a simultaneous conversion the driver returns the result of that, but only
   * once. Another program may have left such a result, of unknown age.
   */
  private readonly converted = Effect.fnUntraced(function*(
    this: KernelBus,
    known: Inventory.Known,
    text: Effect.Effect<string, number>,
    isUncached: boolean
  ) {
    const { measured } = known
    const { isClear, pendingSince } = measured
    measured.pendingSince = undefined
    measured.isClear = true
    const isOld = pendingSince === undefined
      ? !isClear && (yield* this.conversionOf(known)) === hasConverted
      : isUncached || (yield* Moment.now) - pendingSince > Temperatures.freshFor
    if (isOld) yield* Effect.ignore(text)
    return yield* text
  })

  private measured({ measured }: Inventory.Known, text: Effect.Effect<string, number>): Effect.Effect<number, number> {
    return Effect.flatMap(text, (text) => {
      const celsius = Temperatures.celsius(text)
      if (celsius === undefined) return Effect.fail(Code.fault)
      return Effect.map(Moment.now, (at) => {
        measured.last = { celsius, at }
        measured.isOutdated = false
        return celsius
      })
    })
  }

  /**
   * The last temperature of a chip, from any conversion. If it is old, a request that bypasses the cache makes the chip measure
   * again: the driver gives no other sign of life.
   */
  private readonly latest = Effect.fnUntraced(function*(
    this: KernelBus,
    known: Inventory.Known,
    text: Effect.Effect<string, number>,
    isUncached: boolean
  ) {
    const { isOutdated, last, pendingSince } = known.measured
    if (pendingSince === undefined && last !== undefined && !isOutdated) {
      if (!isUncached || (yield* Moment.now) - last.at <= Temperatures.freshFor) return last.celsius
    }
    if (pendingSince === undefined) return yield* this.measured(known, this.converted(known, text, isUncached))
    known.measured.pendingSince = undefined
    known.measured.isClear = true
    return yield* this.measured(known, text)
  })

  /** Reads with a driver. If the driver rejects the temperature of a chip, it is forgotten. */
  private readOf(
    driver: Driver,
    known: Inventory.Known,
    element: Bus.Element,
    reading?: Bus.Reading
  ): Effect.Effect<ReadonlyArray<Bus.Value>, number> {
    return Effect.suspend(() => {
      const { measured } = known
      const { last } = measured
      return Effect.tapError(driver.read(this.filesOf(known, reading), element), () =>
        Effect.sync(() => {
          if (measured.last === last) return
          measured.last = last
          measured.isOutdated = true
        }))
    })
  }

  private readonly isAlarming = Effect.fnUntraced(function*(
    this: KernelBus,
    known: Inventory.Known
  ): Effect.fn.Return<boolean, number> {
    const { device, measured } = known
    const driver = Drivers.of(RomId.familyCode(device.id))
    const [latest, high, low] = ["latesttemp", "temphigh", "templow"].map((name) => device.chip.properties.get(name))
    if (driver === undefined || latest === undefined || high === undefined || low === undefined) return false
    const read = (property: Property) => this.readOf(driver, known, { property, index: 0 })
    const now = yield* Moment.now
    if (measured.limits === undefined || now - measured.limits.at >= limitsFor) {
      measured.limits = undefined
      const limits = [...yield* read(high), ...yield* read(low)]
      if (limits.every((limit) => typeof limit === "number")) {
        measured.limits = { high: limits[0], low: limits[1], at: now }
      }
    }
    if (measured.pendingSince !== undefined) yield* read(latest)
    const { last, limits } = measured
    return last !== undefined && limits !== undefined && Temperatures.isAlarming(last.celsius, limits)
  })
}
