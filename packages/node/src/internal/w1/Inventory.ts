/**
 * Bus masters and devices that the kernel shows now.
 */
import * as FamilyCode from "@effect-ownet/core/onewire/FamilyCode"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Code from "./Code.ts"
import * as DriverFile from "./DriverFile.ts"
import * as Drivers from "./Drivers.ts"
import * as KernelName from "./KernelName.ts"
import * as Moment from "./Moment.ts"
import type { Slot } from "./Slot.ts"
import * as Temperatures from "./Temperatures.ts"

/** A bus master, which keeps the number of its bus after it is gone. */
export interface Master {
  readonly bus: number
  readonly folder: string
  readonly slot: Slot
  readonly devices: ReadonlyMap<RomId.RomId, Known>
  /** Return code of its failure, if it cannot be used. */
  readonly failure: number | undefined
  /** Whether its thermometers can convert simultaneously on a command from any process. */
  readonly hasBulkRead: boolean
  /** Whether this process may send that command. */
  readonly mayBulkRead: boolean
}

/** A device and its state. */
export interface Known {
  readonly device: Bus.Device
  readonly master: Master
  readonly folder: string
  readonly files: ReadonlySet<string>
  readonly measured: Temperatures.Measured
}

interface MutableMaster extends Master {
  devices: ReadonlyMap<RomId.RomId, MutableKnown>
  failure: number | undefined
  hasBulkRead: boolean
  mayBulkRead: boolean
  hasBulkFile: boolean
  mayWriteBulkFile: boolean
  filesAt: number
}

interface MutableKnown extends Known {
  device: Bus.Device
  files: ReadonlySet<string>
  /** Time at which the files were listed. */
  filesAt: number
  /** Whether the chip reports a ROM id that differs from its name: a disturbed search finds such ghosts. */
  isWrong: boolean
}

/** File that starts a simultaneous conversion of all thermometers. */
export const bulkFile = "therm_bulk_read"

/** The kernel returns at most one page of memory of a text; a folder that imitates it may contain more. */
const longestList = 65_536

/** Whether these files are enough for a property of a family. */
const canHave = (code: string, hasFile: (file: string) => boolean) => {
  const driver = Drivers.of(code)
  const id = sampleOf(code)
  return ({ name }: { readonly name: string }): boolean =>
    name === "alias" || Bus.identity(id, name) !== undefined || driver?.has(name, hasFile) === true
}

/** Any ROM id of a family: names derived from it are the same for all. */
const sampleOf = (code: string): RomId.RomId => RomId.fromStringUnsafe(`${code}.000000000000`)

/** The chip of a family code with the properties that these files offer. */
export const chipOf = (code: string, hasFile: (file: string) => boolean): Bus.Chip =>
  Bus.part(Bus.chip(code), canHave(code, hasFile))

/** Whether a device is a thermometer of the driver `w1_therm`. */
const isThermometer = (id: RomId.RomId): boolean =>
  ["10", "22", "28", "3B", "42"].includes(FamilyCode.driver(RomId.familyCode(id)))

/** Whether a thermometer takes part in a simultaneous conversion: a DS28EA00 does not. */
export const isBulkRead = (id: RomId.RomId): boolean =>
  isThermometer(id) && FamilyCode.driver(RomId.familyCode(id)) !== "42"

const isListed = (): boolean => true

export class Inventory {
  private readonly folder: string
  private readonly filesEvery: number
  private readonly makeSlot: () => Slot
  private readonly all: Array<MutableMaster> = []
  private byId: ReadonlyMap<RomId.RomId, MutableKnown> = new Map()

  constructor(folder: string, filesEvery: number, makeSlot: () => Slot) {
    this.folder = `${folder}/devices`
    this.filesEvery = filesEvery
    this.makeSlot = makeSlot
  }

  /** The bus masters, by the numbers of their buses. */
  get masters(): ReadonlyArray<Master> {
    return this.all
  }

  /** A device, if it is present. If it is on two buses, the one on the first bus. */
  get(id: RomId.RomId): Known | undefined {
    return this.byId.get(id)
  }

  /** The bus master of a place. */
  masterAt(place: string): Master | undefined {
    const bus = /^bus\.(\d+)$/.exec(place)?.[1]
    return bus === undefined ? undefined : this.all[Number(bus)]
  }

  /** The devices on a bus. */
  devicesOf(master: Master): ReadonlyArray<Known> {
    return [...master.devices.values()].filter((known) => this.byId.get(known.device.id) === known)
  }

  /** Makes the next look list the files of a device again. */
  doubt(id: RomId.RomId): void {
    const known = this.byId.get(id)
    if (known !== undefined) known.filesAt = -Infinity
  }

  /** Looks for all bus masters and devices. State that cannot be read is left unchanged. */
  readonly look: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    const listed = yield* Effect.result(DriverFile.list(this.folder))
    if (Result.isFailure(listed)) {
      if (DriverFile.isGone(listed.failure)) this.all.forEach(vacate)
      else this.all.forEach((master) => master.failure ??= listed.failure)
    } else {
      const numbers = listed.success.flatMap((name) => KernelName.masterNumber(name) ?? []).toSorted((a, b) => a - b)
      const folders = new Set(numbers.map((number) => `${this.folder}/w1_bus_master${number}`))
      for (const folder of folders) if (!this.all.some((master) => master.folder === folder)) this.add(folder)
      for (const master of this.all) {
        if (folders.has(master.folder)) yield* this.lookAt(master)
        else vacate(master)
      }
    }
    const byId = new Map<RomId.RomId, MutableKnown>()
    for (const { devices } of this.all) {
      for (const [id, known] of devices) if (!known.isWrong && !byId.has(id)) byId.set(id, known)
    }
    this.byId = byId
  })

  private add(folder: string): void {
    this.all.push({
      bus: this.all.length,
      folder,
      slot: this.makeSlot(),
      devices: new Map(),
      failure: undefined,
      hasBulkRead: false,
      mayBulkRead: false,
      hasBulkFile: false,
      mayWriteBulkFile: false,
      filesAt: -Infinity
    })
  }

  private readonly lookAt = Effect.fnUntraced(function*(this: Inventory, master: MutableMaster) {
    const text = yield* Effect.result(DriverFile.read(`${master.folder}/w1_master_slaves`, longestList))
    if (Result.isFailure(text)) {
      if (DriverFile.isGone(text.failure)) vacate(master)
      else master.failure = text.failure
      return
    }
    const list = Buffer.from(text.success).toString("latin1")
    const ids = KernelName.devices(list)
    const now = yield* Moment.now
    const isNew = ids.length !== master.devices.size || ids.some((id) => !master.devices.has(id))
    if (isNew || now - master.filesAt >= this.filesEvery) {
      const files = yield* Effect.result(DriverFile.list(master.folder))
      if (Result.isSuccess(files)) {
        master.hasBulkFile = files.success.includes(bulkFile)
        master.mayWriteBulkFile = yield* DriverFile.isWritable(`${master.folder}/${bulkFile}`)
        master.filesAt = now
      }
    }
    // If there is any other chip on the bus, the driver refuses the command, and reports that only in the kernel's log. If there
    // is a DS28E04 or a DS28E17, even reading the status is unsafe: the driver interprets its data about such a chip as data
    // about a thermometer.
    master.hasBulkRead = master.hasBulkFile && ids.some(isBulkRead) && ids.every(isThermometer) &&
      ids.length === KernelName.count(list)
    master.mayBulkRead = master.hasBulkRead && master.mayWriteBulkFile
    const devices = new Map<RomId.RomId, MutableKnown>()
    for (const id of ids) {
      const known = master.devices.get(id) ?? newcomer(id, master)
      if (now - known.filesAt >= this.filesEvery) yield* lookFor(known, now)
      devices.set(id, known)
    }
    master.devices = devices
    master.failure = undefined
  })
}

const newcomer = (id: RomId.RomId, master: MutableMaster): MutableKnown => ({
  device: { id, place: `bus.${master.bus}`, chip: chipOf(RomId.familyCode(id), () => false), isListed },
  master,
  folder: `${master.folder}/${KernelName.ofDevice(id)}`,
  files: new Set(),
  measured: Temperatures.unmeasured(),
  filesAt: -Infinity,
  isWrong: false
})

/** Looks for the files of a device, which appear when its driver is loaded. */
const lookFor = Effect.fnUntraced(function*(known: MutableKnown, now: number) {
  const listed = yield* Effect.result(DriverFile.list(known.folder))
  if (Result.isFailure(listed)) return
  known.filesAt = now
  const { device } = known
  const files = new Set(listed.success)
  const isNew = files.size !== known.files.size || listed.success.some((file) => !known.files.has(file))
  if (!isNew && !known.isWrong) return
  known.files = files
  known.device = { ...device, chip: chipOf(RomId.familyCode(device.id), (file) => files.has(file)) }
  const said = files.has("id") ? yield* Effect.result(DriverFile.read(`${known.folder}/id`, 8)) : undefined
  known.isWrong = said !== undefined && Result.isSuccess(said) && said.success.length === 8 &&
    !Option.contains(RomId.fromBytes(said.success), device.id)
})

/** A bus master that is gone has no devices. */
const vacate = (master: MutableMaster): void => {
  master.devices = new Map()
  master.failure = Code.noMaster
  master.hasBulkRead = false
  master.mayBulkRead = false
  master.hasBulkFile = false
  master.filesAt = -Infinity
}
