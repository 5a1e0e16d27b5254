/**
 * A bus: its bus master, and who answers there.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { round } from "../bench/Latency.ts"
import * as Failure from "../show/Failure.ts"
import type { Check } from "./Check.ts"

export interface Seen {
  readonly check: Check
  /** The devices that it lists. */
  readonly names: ReadonlyArray<string>
  /** It is no bus, and only looks for some. */
  readonly isMonitor: boolean
}

/** A bus master, as far as the server tells of it. */
interface Master {
  readonly adapter: string | null
  /** Its port, or the address of another server. */
  readonly address: string | null
  readonly version: number | null
}

/** Asks for a bus master. It costs the bus nothing. */
const master = Effect.fnUntraced(
  function*(ow: OwClient.Client, bus: string): Effect.fn.Return<Master, OwError.OwError> {
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

const nameOf = ({ adapter, address }: Master): string =>
  (adapter === "tcp" ? "another owserver" : adapter ?? "a bus master that does not tell its name") +
  (address === null ? "" : ` at ${address}`)

/** What there is to say of a bus that could not be searched, if the server tells what it is. */
export const failed = (
  ow: OwClient.Client,
  bus: string,
  check: Check
): Effect.Effect<Check> =>
  Effect.match(master(ow, bus), {
    onFailure: () => check,
    onSuccess: (master) => {
      const { adapter, address } = master
      if (adapter === null) return check
      return {
        ...check,
        message: `${nameOf(master)}: ${check.message}`,
        advice: adapter === "tcp" && address !== null
          ? `That owserver does not answer, or its buses fail: see ow doctor -s ${address}`
          : check.advice
      }
    }
  })

/** Asks for a bus master, and searches its bus, on which so many devices were found before. */
export const examine = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  bus: string,
  count: number
): Effect.fn.Return<Seen, OwError.OwError> {
  const { adapter, address, version } = yield* master(ow, bus)
  const slash = bus.lastIndexOf("/")
  const behind = slash < 0 ? null : (yield* master(ow, bus.slice(0, slash))).address
  const [elapsed, paths] = yield* Effect.timed(ow.dir(`/${bus}`, { slash: false, flags: { uncached: true } }))
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).filter((name) => !own.has(name))
  const millis = round(Duration.toMillis(elapsed))
  // Some of what servers call buses looks for bus masters that come and go.
  const isMonitor = adapter !== null && /monitor|scan/i.test(adapter)
  const where = nameOf({ adapter, address, version }) + (behind === null ? "" : `, behind the owserver at ${behind}`)
  const check = {
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
  const judged: Check = count > 0
    ? {
      ...check,
      status: "ok",
      message: `${where}: ${count === 1 ? "1 device" : `${count} devices`}, searched in ${millis} ms`
    }
    : isMonitor
    ? { ...check, status: "ok", message: `${where}: only looks for bus masters, and has no devices itself` }
    // What servers of old call one that they could not open.
    : adapter === "Bad Adapter"
    ? {
      ...check,
      status: "fail",
      message: `${where}: the server could not open its bus master`,
      advice:
        "Look at its plug, at its name in /etc/owfs.conf, and whether the server may use it; then restart owserver",
      exitStatus: Failure.statuses.refused
    }
    : {
      ...check,
      status: "warn",
      message: `${where}: no device answers`,
      advice:
        "If there should be devices: look at the plug and the cable between the bus master and the first of them, at " +
        "their power, and at whether data and ground are swapped or shorted"
    }
  return { check: judged, names, isMonitor }
})

/** What a bus has beside devices. */
const own: ReadonlySet<string> = new Set(["interface", "simultaneous", "alarm"])
