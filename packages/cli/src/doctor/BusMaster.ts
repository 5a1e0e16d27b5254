/**
 * The bus master of a bus, and the devices that answer it.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Failure from "../show/Failure.ts"
import * as Time from "../terminal/Time.ts"
import type { Finding } from "./Finding.ts"

/** A bus that was searched. */
export interface Searched {
  readonly finding: Finding
  /** Names of the devices that the bus lists. */
  readonly names: ReadonlyArray<string>
  /** Whether the bus only looks for bus masters, and has no devices. */
  readonly isMonitor: boolean
}

/** A bus master, as the server describes it. */
interface BusMaster {
  readonly adapter: string | null
  /** The port of its adapter, or the address of another server. */
  readonly address: string | null
  readonly version: number | null
}

/** Describes the bus master of a bus, without touching the bus. */
const describe = Effect.fnUntraced(
  function*(ow: OwClient.Client, bus: string): Effect.fn.Return<BusMaster, OwError.OwError> {
    const setting = (name: string) =>
      ow.readText(`/${bus}/interface/settings/${name}`).pipe(
        Effect.catchTag("OwnetError", () => Effect.succeed("")),
        Effect.map((text) => text.trim() === "" ? null : text.trim())
      )
    const version = yield* setting("version")
    return {
      adapter: yield* setting("name"),
      address: yield* setting("address"),
      version: version === null ? null : Number(version)
    }
  }
)

const nameOf = ({ adapter, address }: BusMaster): string =>
  (adapter === "tcp" ? "another owserver" : adapter ?? "a bus master that does not report its name") +
  (address === null ? "" : ` at ${address}`)

/** Adds the bus master to the finding of a bus that could not be searched, if the server describes it. */
export const failed = (
  ow: OwClient.Client,
  bus: string,
  finding: Finding
): Effect.Effect<Finding> =>
  Effect.match(describe(ow, bus), {
    onFailure: () => finding,
    onSuccess: (busMaster) => {
      const { adapter, address } = busMaster
      if (adapter === null) return finding
      return {
        ...finding,
        message: `${nameOf(busMaster)}: ${finding.message}`,
        advice: adapter === "tcp" && address !== null
          ? `That owserver does not answer, or its buses fail: see ow doctor -s ${address}`
          : finding.advice
      }
    }
  })

/** Describes a bus master, and searches its bus, on which `count` devices were found before. */
export const search = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  bus: string,
  count: number
): Effect.fn.Return<Searched, OwError.OwError> {
  const { adapter, address, version } = yield* describe(ow, bus)
  const slash = bus.lastIndexOf("/")
  const behind = slash < 0 ? null : (yield* describe(ow, bus.slice(0, slash))).address
  const [elapsed, paths] = yield* Effect.timed(ow.dir(`/${bus}`, { slash: false, flags: { uncached: true } }))
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).filter((name) => !own.has(name))
  const millis = Time.round(Duration.toMillis(elapsed))
  // Servers also list as a bus a monitor that looks for bus masters that come and go.
  const isMonitor = adapter !== null && /monitor|scan/i.test(adapter)
  const where = nameOf({ adapter, address, version }) + (behind === null ? "" : `, behind the owserver at ${behind}`)
  const common = {
    check: "bus",
    bus,
    details: {
      adapter,
      address,
      version,
      behind,
      devices: count,
      millis
    }
  }
  const finding: Finding = count > 0
    ? {
      ...common,
      status: "ok",
      message: `${where}: ${count === 1 ? "1 device" : `${count} devices`}, searched in ${millis} ms`
    }
    : isMonitor
    ? { ...common, status: "ok", message: `${where}: only looks for bus masters, and has no devices itself` }
    // Old servers give this name to a bus master that they could not open.
    : adapter === "Bad Adapter"
    ? {
      ...common,
      status: "fail",
      message: `${where}: the server could not open its bus master`,
      advice: "Check its plug, its name in /etc/owfs.conf, and whether the server may use it; then restart owserver",
      exitStatus: Failure.statuses.refused
    }
    : {
      ...common,
      status: "warn",
      message: `${where}: no device answers`,
      advice:
        "If there should be devices: look at the plug and the cable between the bus master and the first of them, at " +
        "their power, and at whether data and ground are swapped or shorted"
    }
  return { finding, names, isMonitor }
})

/** Entries of a bus that are not devices. */
const own: ReadonlySet<string> = new Set(["interface", "simultaneous", "alarm"])
