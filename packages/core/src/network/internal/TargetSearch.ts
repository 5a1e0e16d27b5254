/**
 * Finds the devices of some targets, search by search, and their wanted properties.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as Device from "../../device/Device.ts"
import type * as Discovery from "../../device/Discovery.ts"
import * as Family from "../../device/Family.ts"
import { nameOf } from "../../device/internal/alias.ts"
import { deviceAt } from "../../device/internal/device.ts"
import * as DeviceSearch from "../../device/internal/DeviceSearch.ts"
import * as MainValues from "../../device/MainValues.ts"
import { isPresent, Presence, type Scan } from "../../monitor/internal/Presence.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import type * as Follow from "../Follow.ts"

export interface Rules {
  readonly targets: ReadonlyArray<Follow.Target>
  /** Options for searching and looking up devices. */
  readonly call: OwClient.CallOptions
  readonly couplers: boolean | undefined
  readonly absences: number
  /** In milliseconds. */
  readonly grace: number
}

/** The result of one search. */
export interface Found {
  readonly at: Date
  readonly scan: Scan<Device.AnyDevice>
  /** Wanted properties, by their devices. Some may be known from an earlier search. */
  readonly listed: ReadonlyArray<readonly [id: RomId.RomId, names: ReadonlyArray<string>]>
  /** Everything that is missing. */
  readonly missing: ReadonlyArray<Follow.Missing>
}

/** The properties of a device that a target reads, and the errors of those that it cannot. */
interface Listing {
  readonly target: Follow.Target
  readonly names: ReadonlyArray<string>
  readonly errors: ReadonlyArray<Device.Failure>
}

/** A device that is present. */
interface Present {
  device: Device.AnyDevice
  listings: ReadonlyArray<Listing>
}

/** Maximum number of requests in flight. */
const concurrency = 4

/** Maximum number of distinct listings that devices share. */
const mostKinds = 100

const isOpen = (target: Follow.Target): target is Follow.Devices => target._tag === "Devices"

const isNamed = (target: Follow.Target): target is Follow.Named => target._tag === "Named"

export class TargetSearch {
  private readonly ow: OwClient.Client
  private readonly call: OwClient.CallOptions
  private readonly couplers: boolean | undefined
  private readonly targets: ReadonlyArray<Follow.Target>
  private readonly open: ReadonlyArray<Follow.Devices>
  private readonly named: ReadonlyArray<Follow.Named>
  /** Whether all reads of a device failed last time. */
  private readonly isSilent: (id: RomId.RomId) => boolean
  private readonly memory: DeviceSearch.Memory
  private readonly presence: Presence<Device.AnyDevice>
  private readonly present = new Map<RomId.RomId, Present>()
  /** The devices that named targets lead to, and the targets that lead to each. */
  private readonly led = new Map<Follow.Target, Device.AnyDevice>()
  private readonly leading = new Map<RomId.RomId, ReadonlySet<Follow.Named>>()
  /** Named devices that no longer answer. */
  private readonly lost = new Set<RomId.RomId>()
  /** Listings without errors, one of each kind. */
  private readonly whole: Array<Listing> = []
  /** Named targets that lead to no device. */
  private absent: ReadonlyArray<Follow.Missing> = []

  constructor(ow: OwClient.Client, rules: Rules, isSilent: (id: RomId.RomId) => boolean) {
    this.ow = ow.with(rules.call)
    this.call = rules.call
    this.couplers = rules.couplers
    this.targets = rules.targets
    this.open = rules.targets.filter(isOpen)
    this.named = rules.targets.filter(isNamed)
    this.isSilent = isSilent
    this.memory = new DeviceSearch.Memory(isSilent)
    this.presence = new Presence({
      search: Effect.suspend(() => this.search),
      call: rules.call,
      absences: rules.absences,
      grace: rules.grace,
      isPatient: true,
      listsBuses: this.open.length > 0,
      isWanted: (device) => this.targetsOf(device).length > 0
    })
  }

  /** Searches once. Fails only if the client is closed. */
  get next(): Effect.Effect<Found, OwError.OwError> {
    return Effect.flatMap(
      Effect.provideService(this.presence.scan, OwClient.OwClient, this.ow),
      (scan) => {
        for (const { _tag, device } of scan.events) {
          const present = this.present.get(device.id)
          if (_tag === "Vanished") {
            this.present.delete(device.id)
            if (this.namedTargetsOf(device).length > 0) this.lost.add(device.id)
          } else if (present === undefined) this.present.set(device.id, { device, listings: none })
          else present.device = device
        }
        // If the server does not answer, nothing can be listed either.
        return Effect.zipWith(
          scan.isAnswered ? this.list : Effect.succeed([]),
          DateTime.nowAsDate,
          (listed, at): Found => ({ at, scan, listed, missing: this.missing })
        )
      }
    )
  }

  private get missing(): ReadonlyArray<Follow.Missing> {
    const missing = [...this.absent]
    for (const { device, listings } of this.present.values()) {
      for (const { errors, target } of listings) {
        if (errors.length === 0 || !this.targetsOf(device).includes(target)) continue
        for (const error of errors) missing.push({ target, device, error })
      }
    }
    return missing
  }

  /** The targets that include a device. */
  private targetsOf(device: Device.AnyDevice): ReadonlyArray<Follow.Target> {
    return [
      ...this.open.filter((target) => isWanted(target, device)),
      ...this.namedTargetsOf(device)
    ]
  }

  private namedTargetsOf({ id }: Device.AnyDevice): ReadonlyArray<Follow.Named> {
    return [...this.leading.get(id) ?? []]
  }

  /** Records the device that a target leads to now, if any. */
  private lead(target: Follow.Named, device: Device.AnyDevice | undefined): void {
    const before = this.led.get(target)
    if (before !== undefined && before.id !== device?.id) {
      const others = new Set(this.leading.get(before.id))
      others.delete(target)
      if (others.size === 0) this.leading.delete(before.id)
      else this.leading.set(before.id, others)
    }
    if (device === undefined) this.led.delete(target)
    else {
      this.led.set(target, device)
      if (before?.id !== device.id) {
        this.leading.set(device.id, new Set([...this.leading.get(device.id) ?? [], target]))
      }
    }
  }

  private get search(): Effect.Effect<Discovery.Found, OwError.OwError, OwClient.OwClient> {
    return Effect.zipWith(this.discovered, this.lookedUp, (found, named) => {
      const ids = new Set(found.devices.map(({ id }) => id))
      const others = new Map<RomId.RomId, Device.AnyDevice>()
      for (const device of named) {
        // Several targets may lead to one device, and only some of them name its bus.
        if (!ids.has(device.id) && others.get(device.id)?.bus === undefined) others.set(device.id, device)
      }
      return { ...found, devices: [...found.devices, ...[...others.values()].map((device) => this.placed(device))] }
    })
  }

  /** The devices on the buses, if any target is open. */
  private get discovered(): Effect.Effect<Discovery.Found, OwError.OwError, OwClient.OwClient> {
    const { couplers, open } = this
    if (open.length === 0) return Effect.succeed({ devices: [], buses: [], failures: [], ghosts: [] })
    const catalogue: Family.Lookup = (code) => Option.firstSomeOf(open.map(({ families }) => families(code)))
    return Effect.map(DeviceSearch.search({ catalogue, couplers }, this.memory), (found) => ({
      ...found,
      devices: found.devices.filter((device) => open.some((target) => isWanted(target, device)))
    }))
  }

  /** A device with its known place, if the address that led to it does not include one. */
  private placed(device: Device.AnyDevice): Device.AnyDevice {
    const known = this.present.get(device.id)?.device
    return known === undefined || device.bus !== undefined ? device : renamed(known, device.name)
  }

  /** The devices that the named targets lead to. */
  private get lookedUp(): Effect.Effect<ReadonlyArray<Device.AnyDevice>, OwError.OwError, OwClient.OwClient> {
    return Effect.map(
      Effect.forEach(this.named, (target) =>
        Effect.matchEffect(this.lookUp(target), {
          onFailure: (error) => this.onFailure(target, error),
          onSuccess: (device) => {
            this.lead(target, device)
            return Effect.succeed(Result.succeed(device))
          }
        }), { concurrency }),
      (results) => {
        this.absent = results.flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
        return results.flatMap((result) => Result.isSuccess(result) ? [result.success] : [])
      }
    )
  }

  private onFailure(
    target: Follow.Named,
    error: Device.Failure
  ): Effect.Effect<Result.Result<Device.AnyDevice, Follow.Missing>, OwError.OwError> {
    const known = this.led.get(target)
    const missing = Result.fail({ target, error })
    // The address leads to a device of another family now.
    if (error._tag === "DeviceError") {
      this.lead(target, undefined)
      return Effect.succeed(missing)
    }
    if (OwError.isServerFailure(error)) return Effect.fail(error)
    if (known === undefined) return Effect.succeed(missing)
    // An error that says nothing about the device changes nothing.
    return isNotFound(error) ? Effect.as(this.forget(target, known), missing) : Effect.succeed(Result.succeed(known))
  }

  /** Forgets the device of an alias if it is present and no longer has the alias. */
  private forget(target: Follow.Named, device: Device.AnyDevice): Effect.Effect<void> {
    if (device.name === RomId.format(device.id)) return Effect.void
    return Effect.match(this.ow.readText(`${device.path}/alias`, { flags: { uncached: true } }), {
      onFailure: () => undefined,
      onSuccess: (alias) => {
        if (alias !== device.name) this.lead(target, undefined)
      }
    })
  }

  /** The device of an address, with its alias, even if the address is its ROM id. */
  private lookUp(target: Follow.Named): Effect.Effect<Device.AnyDevice, Device.Failure, OwClient.OwClient> {
    return Device.at(target.family, target.address).pipe(
      Effect.flatMap((device) => this.withAlias(device)),
      Effect.tap((device) => this.isSilent(device.id) || this.lost.has(device.id) ? this.confirm(device) : Effect.void)
    )
  }

  /**
   * Fails unless a device answers. A server reports a device as present for a short while after it is gone, and always if the
   * path begins with a bus. Only silent devices are asked, because simulated ones report that they are absent.
   */
  private confirm(device: Device.AnyDevice): Effect.Effect<void, OwError.OwError> {
    return Effect.flatMap(isPresent(device, this.call), (is) => {
      if (!is) return Effect.fail(absence(device))
      this.lost.delete(device.id)
      return Effect.void
    })
  }

  private withAlias(device: Device.AnyDevice): Effect.Effect<Device.AnyDevice, OwError.OwError> {
    if (device.name !== RomId.format(device.id)) return Effect.succeed(device)
    return this.ow.readText(`${device.path}/alias`).pipe(
      Effect.map((alias) => renamed(device, nameOf(device.id, alias))),
      Effect.catchReason("OwnetError", "NotFound", (_, error) =>
        // A device for which the server has no driver has no alias, but can still be present.
        Effect.flatMap(this.ow.present(device.path), (is) => is ? Effect.succeed(device) : Effect.fail(error)))
    )
  }

  /**
   * Lists the properties that targets read of devices, target by target, unless they are known. A listing that failed, or was
   * shorter than usual, is tried again.
   */
  private get list(): Effect.Effect<Found["listed"]> {
    const unlisted = new Map<Follow.Target, Array<Present>>(this.targets.map((target) => [target, []]))
    for (const present of this.present.values()) {
      for (const target of this.targetsOf(present.device)) {
        if (!present.listings.some((listing) => listing.target === target && isFinal(listing, present.device))) {
          unlisted.get(target)?.push(present)
        }
      }
    }
    return Effect.map(
      Effect.forEach(
        [...unlisted],
        ([target, some]) =>
          Effect.forEach(some, (present) =>
            Effect.map(this.listingOf(target, present.device), (listing) => {
              const others = present.listings.filter((other) => other.target !== target)
              // A spread would allocate more.
              present.listings = others.length === 0 ? [listing] : others.concat(listing)
              return [present.device.id, listing.names] as const
            }), { concurrency })
      ),
      (listed) => listed.flat()
    )
  }

  private listingOf(target: Follow.Target, device: Device.AnyDevice): Effect.Effect<Listing> {
    const listed = target.properties === undefined
      ? Effect.match(MainValues.of(device), {
        onFailure: (error): Listing => ({ target, names: none, errors: [error] }),
        onSuccess: (names): Listing => ({ target, names, errors: none })
      })
      : Effect.map(
        Effect.partition(target.properties, (name) => Effect.as(readable(device, name), name)),
        ([names, errors]): Listing => ({
          target,
          names,
          // If many devices are listed, some have a property and others do not.
          errors: isOpen(target) ? errors.filter(({ _tag }) => _tag !== "ArgumentError") : errors
        })
      )
    return Effect.map(listed, (listing) => this.known(listing))
  }

  /** One shared listing for all devices with the same properties. */
  private known(listing: Listing): Listing {
    if (listing.errors.length > 0) return listing
    const known = this.whole.find(({ names, target }) => target === listing.target && isSame(names, listing.names))
    if (known === undefined && this.whole.length < mostKinds) this.whole.push(listing)
    return known ?? listing
  }
}

const none: ReadonlyArray<never> = []

const renamed = ({ family = Family.unknown, id, ow, path, place }: Device.AnyDevice, name: string): Device.AnyDevice =>
  deviceAt(family, { id, name, ow, path, place })

const isWanted = ({ families, isAny }: Follow.Devices, { id }: Device.AnyDevice): boolean =>
  isAny || Option.isSome(families(RomId.familyCode(id)))

const isNotFound = (error: Device.Failure): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a === b || (a.length === b.length && a.every((name, at) => name === b[at]))

/** Whether there is nothing more to find out. */
const isFinal = ({ errors, names, target }: Listing, device: Device.AnyDevice): boolean =>
  errors.every(({ _tag }) => _tag === "ArgumentError") &&
  !(target.properties === undefined && MainValues.isLess(device, names))

const absence = ({ ow, path }: Device.AnyDevice): OwError.OwnetError =>
  OwError.refused(ReturnCode.absent, MessageType.Presence, { operation: "present", path, server: ow.server })

const readable = (device: Device.AnyDevice, name: string): Effect.Effect<void, Device.Failure> =>
  // Any device can be treated as one of an unknown family.
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
