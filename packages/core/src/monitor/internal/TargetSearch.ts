/**
 * The devices of some targets, search by search, and which of their properties are wanted.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as Device from "../../device/Device.ts"
import * as Discovery from "../../device/Discovery.ts"
import * as Family from "../../device/Family.ts"
import { deviceAt } from "../../device/internal/device.ts"
import * as MainValues from "../../device/MainValues.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import type * as Follow from "../Follow.ts"
import { isPresent, Presence, type Scan } from "./Presence.ts"

export interface Rules {
  readonly targets: ReadonlyArray<Follow.Target>
  /** How devices are searched and looked up. */
  readonly call: OwClient.CallOptions
  readonly couplers: boolean | undefined
  readonly absences: number
  /** In milliseconds. */
  readonly grace: number
}

/** What one search has shown, with the properties that are wanted of devices that are new. */
export interface Found {
  readonly at: Date
  readonly scan: Scan<Device.AnyDevice>
  readonly listed: ReadonlyArray<readonly [id: RomId.RomId, names: ReadonlyArray<string>]>
  readonly missing: ReadonlyArray<Follow.Missing>
}

/** How many requests are on their way at a time. */
const concurrency = 4

const isOpen = (target: Follow.Target): target is Follow.Devices => target._tag === "Devices"

const isNamed = (target: Follow.Target): target is Follow.Named => target._tag === "Named"

export class TargetSearch {
  private readonly ow: OwClient.Client
  private readonly rules: Rules
  /** Whether a device that is followed has not answered lastly, whatever was read of it. */
  private readonly isSilent: (id: RomId.RomId) => boolean
  private readonly presence: Presence<Device.AnyDevice>
  /** The devices that targets have led to. */
  private readonly led = new Map<Follow.Target, Device.AnyDevice>()
  /** Devices of which it is not known yet which properties are wanted. */
  private readonly unlisted = new Map<RomId.RomId, Device.AnyDevice>()
  private absent: ReadonlyArray<Follow.Missing> = []

  constructor(ow: OwClient.Client, rules: Rules, isSilent: (id: RomId.RomId) => boolean) {
    this.ow = ow.with(rules.call)
    this.rules = rules
    this.isSilent = isSilent
    this.presence = new Presence({
      search: this.search,
      call: rules.call,
      absences: rules.absences,
      grace: rules.grace,
      isPatient: true
    })
  }

  /** Searches once. It fails only if the client is closed. */
  readonly next: Effect.Effect<Found, OwError.OwError> = Effect.suspend(() =>
    Effect.flatMap(
      Effect.provideService(this.presence.scan, OwClient.OwClient, this.ow),
      (scan) => {
        for (const event of scan.events) {
          if (event._tag === "Vanished") this.unlisted.delete(event.device.id)
          else if (event._tag === "Appeared") this.unlisted.set(event.device.id, event.device)
        }
        // To list properties would fail as well.
        const listing = scan.isAnswered ? this.list : Effect.succeed({ listed: [], missing: [] })
        return Effect.zipWith(
          listing,
          DateTime.nowAsDate,
          ({ listed, missing }, at): Found => ({ at, scan, listed, missing: [...this.absent, ...missing] })
        )
      }
    )
  )

  private readonly search: Effect.Effect<Discovery.Found, OwError.OwError, OwClient.OwClient> = Effect.suspend(() =>
    Effect.zipWith(this.discovered, this.named, (found, named) => {
      const ids = new Set(found.devices.map(({ id }) => id))
      // Two targets may lead to one device.
      const others = new Map(named.filter(({ id }) => !ids.has(id)).map((device) => [device.id, device]))
      return { ...found, devices: [...found.devices, ...others.values()] }
    })
  )

  /** What is found of targets that any device may be one of. */
  private get discovered(): Effect.Effect<Discovery.Found, OwError.OwError, OwClient.OwClient> {
    const open = this.rules.targets.filter(isOpen)
    if (open.length === 0) return Effect.succeed({ devices: [], buses: [], failures: [], ghosts: [] })
    const catalogue: Family.Lookup = (code) => Option.firstSomeOf(open.map(({ families }) => families(code)))
    return Effect.map(Discovery.devices({ catalogue, couplers: this.rules.couplers }), (found) => ({
      ...found,
      devices: found.devices.filter((device) => open.some((target) => isWanted(target, device)))
    }))
  }

  /** The devices that are called by their names. */
  private get named(): Effect.Effect<ReadonlyArray<Device.AnyDevice>, OwError.OwError, OwClient.OwClient> {
    const absent: Array<Follow.Missing> = []
    return Effect.map(
      Effect.forEach(this.rules.targets.filter(isNamed), (target) =>
        Effect.matchEffect(this.lookUp(target), {
          onFailure: (error): Effect.Effect<ReadonlyArray<Device.AnyDevice>, OwError.OwError> => {
            if (OwError.isServerFailure(error) && error._tag !== "DeviceError") return Effect.fail(error)
            const known = this.led.get(target)
            // What says nothing of the device takes nothing away.
            if (known !== undefined && !isAbsence(error)) return Effect.succeed([known])
            absent.push({ target, error })
            return Effect.succeed([])
          },
          onSuccess: (device) => {
            this.led.set(target, device)
            return Effect.succeed([device])
          }
        }), { concurrency }),
      (devices) => {
        this.absent = absent
        return devices.flat()
      }
    )
  }

  /** The device of an address, with its alias, whether it is called by that or by its ROM id. */
  private lookUp(target: Follow.Named): Effect.Effect<Device.AnyDevice, Device.Failure, OwClient.OwClient> {
    return Effect.flatMap(Device.at(target.family, target.address), (device) => {
      const named = device.name === RomId.format(device.id) ? this.withAlias(device) : Effect.succeed(device)
      return this.isSilent(device.id)
        ? Effect.flatMap(isPresent(device, this.rules.call), (is) => is ? named : Effect.fail(absence(device)))
        : named
    })
  }

  private withAlias(device: Device.AnyDevice): Effect.Effect<Device.AnyDevice, OwError.OwError> {
    return this.ow.readText(`${device.path}/alias`).pipe(
      Effect.map((alias) =>
        alias === "" ? device : deviceAt(device.family ?? Family.unknown, { ...located(device), name: alias })
      ),
      Effect.catchReason("OwnetError", "NotFound", (_, error) =>
        // A device that the server has no driver for has no alias, and is there all the same.
        Effect.flatMap(this.ow.present(device.path), (is) => is ? Effect.succeed(device) : Effect.fail(error)))
    )
  }

  /** Finds out what is wanted of the devices of which that is not known yet. */
  private get list(): Effect.Effect<Pick<Found, "listed" | "missing">> {
    const listed: Array<readonly [id: RomId.RomId, names: ReadonlyArray<string>]> = []
    const missing: Array<Follow.Missing> = []
    return Effect.as(
      Effect.forEach(
        // In the order in which they are wanted.
        [...this.unlisted.values()].toSorted((a, b) => this.rankOf(a) - this.rankOf(b)),
        (device) =>
          Effect.map(this.namesOf(device), ({ failures, names }) => {
            missing.push(...failures)
            // What could not be found out is tried again after the next search.
            if (!failures.some(({ error }) => error._tag !== "ArgumentError")) this.unlisted.delete(device.id)
            if (names.length > 0 || failures.length === 0) listed.push([device.id, names])
          }),
        { concurrency, discard: true }
      ),
      { listed, missing }
    )
  }

  private isFor(target: Follow.Target, device: Device.AnyDevice): boolean {
    return isOpen(target) ? isWanted(target, device) : this.led.get(target)?.id === device.id
  }

  private rankOf(device: Device.AnyDevice): number {
    return this.rules.targets.findIndex((target) => this.isFor(target, device))
  }

  private namesOf(device: Device.AnyDevice) {
    const targets = this.rules.targets.filter((target) => this.isFor(target, device))
    return Effect.map(
      Effect.forEach(targets, (target) =>
        Effect.match(namesIn(target, device), {
          onFailure: (error) => ({ names: [], failures: [{ target, device, error }] }),
          onSuccess: (names) => ({ names, failures: [] })
        })),
      (results) => ({
        names: [...new Set(results.flatMap(({ names }) => names))],
        failures: results.flatMap(({ failures }): ReadonlyArray<Follow.Missing> => failures)
      })
    )
  }
}

const located = ({ id, name, ow, path, place }: Device.AnyDevice) => ({ id, name, ow, path, place })

const isWanted = ({ families, isAny }: Follow.Devices, { id }: Device.AnyDevice): boolean =>
  isAny || Option.isSome(families(RomId.familyCode(id)))

/** Whether nothing is there, as far as the server knows. */
const isAbsence = (error: Device.Failure): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

const absence = ({ ow, path }: Device.AnyDevice): OwError.OwnetError =>
  OwError.refused(ReturnCode.absent, MessageType.Presence, { operation: "present", path, server: ow.server })

/** The names of the properties of a device that a target wants. */
const namesIn = (
  { _tag, properties }: Follow.Target,
  device: Device.AnyDevice
): Effect.Effect<ReadonlyArray<string>, Device.Failure> => {
  if (properties === undefined) return MainValues.of(device)
  return Effect.map(
    Effect.forEach(properties, (name) =>
      Effect.catchIf(
        Effect.as(readable(device, name), [name]),
        // Of many devices some have a property, and others have not.
        (error: Device.Failure) => _tag === "Devices" && error._tag === "ArgumentError",
        () => Effect.succeed([])
      )),
    (names) => names.flat()
  )
}

const readable = (device: Device.AnyDevice, name: string): Effect.Effect<void, Device.Failure> =>
  // Any device is one of a family that nothing is known of.
  Effect.flatMap((device as Device.Device).describe(name), ({ record }) =>
    TypeRecord.isReadable(record)
      ? Effect.void
      : Effect.fail(
        new OwError.ArgumentError({
          operation: "read",
          path: `${device.path}/${name}`,
          argument: "property",
          problem: "cannot be read"
        })
      ))
