/**
 * A simulated network as a bus that a server can serve.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as RomId from "../../onewire/RomId.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type { AliasTable } from "../../server/AliasTable.ts"
import type * as Bus from "../../server/Bus.ts"
import * as Contents from "../../server/internal/Contents.ts"
import type { SimulatedNetwork } from "../SimulatedNetwork.ts"
import { networkOf, type NetworkState } from "./NetworkState.ts"
import type { SimulatedDevice } from "./SimulatedDevice.ts"

/** Values of the server's own properties that are not 0 or empty. */
export const own: Readonly<Record<string, number | string>> = {
  "/settings/timeout/ftp": 900,
  "/settings/timeout/ha7": 60,
  "/settings/timeout/network": 1,
  "/settings/timeout/serial": 5,
  "/settings/timeout/server": 10,
  "/settings/timeout/usb": 5,
  "/settings/timeout/w1": 30,
  "/system/configuration/DebugInfo": 1,
  "/system/configuration/USB": 1,
  "/system/configuration/i2c": 1,
  "/system/configuration/parport": 1,
  "/system/configuration/zeroconf": 1,
  "/system/connections/count_outbound_connections": 1,
  "/system/process/pid": 1,
  "/interface/settings/simulated/temphigh": 100,
  "/interface/settings/version": 28
}

/** Duration of one exchange of a few bytes on the bus, if measurements take their time. */
const transactionTime = 10

/** How long a server waits for a simultaneous conversion to end, by how long the chip takes. */
const waits: Readonly<Record<number, number>> = { 10: 10, 94: 110, 188: 200, 375: 400, 750: 1000 }

/** The property with the last measured value. */
const latest = "latesttemp"

class SimulatedBus implements Bus.Bus {
  private readonly network: NetworkState
  readonly structures: ReadonlyArray<string> = Contents.structures
  readonly structure = Contents.structure

  constructor(network: NetworkState) {
    this.network = network
  }

  get masters(): ReadonlyArray<Bus.Master> {
    return this.network.buses.map((_, index) => ({ name: "Simulated-Computed", address: `tester.${index}` }))
  }

  get isSlow(): boolean {
    return this.network.isReal
  }

  get aliases(): AliasTable {
    return this.network.aliases
  }

  device(id: RomId.RomId): SimulatedDevice | undefined {
    const device = this.network.devices.get(id)
    return device !== undefined && this.network.isReachable(device) ? device : undefined
  }

  devicesAt(place: string): ReadonlyArray<SimulatedDevice> {
    return this.network.at(place)
  }

  /** Occupies the bus for a while, if measurements take their time. */
  private busy(place: string, millis: number): Effect.Effect<void> {
    if (!this.network.isReal) return Effect.void
    const { lock } = this.network.busOf(place)
    return lock.withPermits(1)(Effect.sleep(millis))
  }

  private seconds(now: number): number {
    return (now - this.network.startedAt) / 1000
  }

  private searched<A>(place: string, find: (seconds: number) => A): Effect.Effect<A, number> {
    return Effect.flatMap(
      this.busy(place, transactionTime * Math.max(1, this.network.at(place).length)),
      () => {
        const { fault } = this.network.busOf(place)
        return fault === undefined
          ? Effect.map(Clock.currentTimeMillis, (now) => find(this.seconds(now)))
          : Effect.fail(fault)
      }
    )
  }

  search(place: string): Effect.Effect<ReadonlyArray<SimulatedDevice>, number> {
    return this.searched(place, () => this.network.at(place))
  }

  alarms(place: string): Effect.Effect<ReadonlyArray<SimulatedDevice>, number> {
    return this.searched(
      place,
      (seconds) => this.network.at(place).filter((device) => device.isInAlarm(seconds, this.network.isReal))
    )
  }

  /** Reads from the chip, which may have to measure first. */
  read(
    { id }: Bus.Device,
    element: Bus.Element,
    { convertedAt, isUncached }: Bus.Reading
  ): Effect.Effect<ReadonlyArray<Bus.Value>, number> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const device = this.network.devices.get(id)
      if (device === undefined) return Effect.fail(ReturnCode.vanished)
      const { change, name } = element.property
      const { lives } = device
      const time = device.conversionTime(name)
      const isThermometer = this.network.isReal && (name === latest || time > 0) &&
        !(name !== "temperature" && device.has(name))
      const isMeasurement = isThermometer && time > 0
      // An uncached request does not use values from a simultaneous conversion, and the server sets other resolutions first.
      const isTaken = isMeasurement && !isUncached && !device.isParasitic && device.isSetFor(name)
      const isMeasuring = isMeasurement && !(isTaken && convertedAt !== undefined)
      // Servers count whole seconds of the wall clock, so they may read one second too early.
      const left = isTaken && convertedAt !== undefined
        ? waits[time] - 1000 * (Math.floor(now / 1000) - Math.floor(convertedAt / 1000))
        : 0
      const exchange = change === "f"
        ? Effect.void
        : this.busy(device.place, transactionTime + (isMeasuring ? time : 0))
      return Effect.flatMap(
        left > 0 ? Effect.delay(exchange, left) : exchange,
        () =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const { fault } = this.network.busOf(device.place)
            if (fault !== undefined) return Effect.fail(fault)
            if (!this.network.isReachable(device)) return Effect.fail(ReturnCode.vanished)
            const seconds = this.seconds(now)
            // A device that lost power in the meantime has measured nothing.
            if (isMeasuring && device.lives === lives) device.convert(name, seconds)
            const found = device.read(element, seconds)
            return Effect.fromResult(isThermometer ? Result.map(found, () => [device.lastMeasured(seconds)]) : found)
          })
      )
    })
  }

  write({ id }: Bus.Device, { offset, property, values }: Bus.Written): Effect.Effect<void, number> {
    const device = this.network.devices.get(id)
    if (device === undefined) return Effect.fail(ReturnCode.vanished)
    return Effect.flatMap(this.busy(device.place, transactionTime), () => {
      const { fault } = this.network.busOf(device.place)
      if (fault !== undefined) return Effect.fail(fault)
      if (!this.network.isReachable(device)) return Effect.fail(ReturnCode.vanished)
      device.write(property, values, offset)
      return Effect.void
    })
  }

  /** Tells all chips at a place to convert, without waiting for them. No chip confirms the command. */
  convertAll(what: string, place: string): Effect.Effect<void, number> {
    return Effect.flatMap(this.busy(place, transactionTime), () => {
      const { fault } = this.network.busOf(place)
      if (fault !== undefined) return Effect.fail(fault)
      return Effect.map(Clock.currentTimeMillis, (now) => {
        // The couplers are switched off for the command, and so are the devices behind them.
        if (what !== "temperature" || place.includes("/")) return
        for (const device of this.network.at(place)) {
          const time = device.simultaneousTime
          if (time > 0 && !device.isParasitic) device.beginConversion(this.seconds(now), this.seconds(now + time))
        }
      })
    })
  }

  rename({ id }: Bus.Device, alias: string): Effect.Effect<void> {
    return Effect.sync(() => this.network.aliases.set(id, alias))
  }
}

/** Gives the bus of a simulated network. */
export const busOf = (simulated: SimulatedNetwork): Bus.Bus => new SimulatedBus(networkOf(simulated))
