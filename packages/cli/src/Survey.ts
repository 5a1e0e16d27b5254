/**
 * What is on the network of a server, and what it measures.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Family from "@effect-ownet/core/device/Family"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import * as Conversion from "@effect-ownet/core/monitor/Conversion"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

/** A device, with its main values where they were wanted. */
export interface Surveyed {
  readonly device: Device.Device
  readonly seen: ReadonlyArray<Observation.Observation>
  /** Why it could not be found out what there is to be read. */
  readonly error: Device.Failure | undefined
}

export interface Survey {
  /** By bus, then by branch, then by ROM id. */
  readonly devices: ReadonlyArray<Surveyed>
  /** What could not be searched, and how the connection was lost. */
  readonly failures: ReadonlyArray<OwError.OwError>
}

export interface Options {
  /** All where there is none. */
  readonly families: ReadonlySet<string>
  readonly values: boolean
  /** What is told of devices that were found, and of those that were read. */
  readonly onFound: (count: number) => Effect.Effect<void>
  readonly onRead: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  { families, onFound, onRead, values }: Options
): Effect.fn.Return<Survey, OwError.OwError> {
  const found = yield* Effect.provideService(Discovery.devices({ catalogue: Catalogue.of }), OwClient.OwClient, ow)
  const devices = found.devices
    .filter(Device.is(Family.unknown))
    .filter(({ id }) => families.size === 0 || families.has(RomId.familyCode(id)))
    .toSorted((a, b) => Place.Order(a.place, b.place) || RomId.Order(a.id, b.id))
  yield* onFound(devices.length)
  const failures = found.failures.map(({ error }) => error)
  if (!values) return { devices: devices.map((device) => ({ device, seen: [], error: undefined })), failures }
  const reader = new Reader()
  const surveyed = yield* reader.read(devices, onRead)
  return { devices: surveyed, failures: reader.loss === undefined ? failures : [...failures, reader.loss] }
})

/** Reads devices until there is no connection any more: to find that out once more takes seconds, each time. */
class Reader {
  loss: OwError.ConnError | undefined

  /** The devices of a bus one after another, and the buses side by side. */
  read(
    devices: ReadonlyArray<Device.Device>,
    onRead: Effect.Effect<void>
  ): Effect.Effect<ReadonlyArray<Surveyed>, OwError.ArgumentError> {
    return Effect.gen({ self: this }, function*() {
      const measured = yield* this.measure(devices)
      const buses = new Set(devices.map(({ bus }) => bus))
      const surveyed = yield* Effect.forEach(buses, (bus) =>
        Effect.forEach(
          devices.filter((device) => device.bus === bus),
          (device) => Effect.tap(this.readOne(device, measured.get(device.id)), () => onRead)
        ), { concurrency: "unbounded" })
      // They came by bus, and each bus by itself is in order.
      return surveyed.flat()
    })
  }

  /** Temperatures that are worth measuring at once. */
  private measure(
    devices: ReadonlyArray<Device.AnyDevice>
  ): Effect.Effect<ReadonlyMap<RomId.RomId, Observation.Observation>, OwError.ArgumentError> {
    const thermometers = devices.filter(Conversion.isThermometer)
    const measured = new Map<RomId.RomId, Observation.Observation>()
    if (!pays(thermometers)) return Effect.succeed(measured)
    return Effect.as(
      Stream.runForEach(Conversion.convertAll(thermometers, { implausible: "readAgain" }), (seen) =>
        Effect.sync(() => {
          measured.set(seen.device.id, seen)
          if (seen._tag === "Failed") this.notice(seen.error)
        })),
      measured
    )
  }

  private readOne(device: Device.Device, temperature: Observation.Observation | undefined): Effect.Effect<Surveyed> {
    return Effect.gen({ self: this }, function*() {
      const names = yield* Effect.result(this.ask(MainValues.of(device)))
      if (Result.isFailure(names)) return { device, seen: [], error: names.failure }
      const seen = yield* Effect.forEach(
        names.success,
        (name) =>
          name === "temperature" && temperature !== undefined ? Effect.succeed(temperature) : this.observe(device, name)
      )
      return { device, seen, error: undefined }
    })
  }

  private observe(device: Device.Device, property: string): Effect.Effect<Observation.Observation> {
    return Effect.catch(
      this.ask(device.reading(property)),
      (error) =>
        Effect.map(Clock.currentTimeMillis, (now) => ({ _tag: "Failed", device, property, at: new Date(now), error }))
    )
  }

  private ask<A>(call: Effect.Effect<A, Device.Failure>): Effect.Effect<A, Device.Failure> {
    return Effect.suspend(() =>
      this.loss === undefined
        ? Effect.tapError(call, (error) => Effect.sync(() => this.notice(error)))
        : Effect.fail(this.loss)
    )
  }

  /** That one connection ended says nothing of the next one. */
  private notice(error: Device.Failure): void {
    if (error._tag === "ConnError" && error.reason._tag !== "Closed") this.loss ??= error
  }
}

/** Whether there is a bus with several that would take most of a second each. Those behind couplers measure by themselves. */
const pays = (thermometers: ReadonlyArray<Device.AnyDevice>): boolean => {
  const slow = thermometers.filter((device) =>
    device.place.branches.length === 0 && !quick.has(RomId.familyCode(device.id))
  )
  return new Set(slow.map(({ bus }) => bus)).size < slow.length
}

/** DS2437 and DS2438 take 10 milliseconds. */
const quick: ReadonlySet<string> = new Set(["1E", "26", "A6"])
