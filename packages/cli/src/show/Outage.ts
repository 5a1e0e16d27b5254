/**
 * Reports of buses and servers that fail while a command follows them.
 */
import type * as Outage from "@effect-ownet/core/monitor/Outage"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as Failure from "./Failure.ts"
import * as ShowObservation from "./Observation.ts"
import type { ServerNames } from "./ServerNames.ts"

/** An outage for programs. */
export const toJson = (server: string, outage: Outage.Outage, names: ServerNames) => ({
  time: outage.at,
  event: events[outage._tag],
  server: names.addressOf(server),
  ..."bus" in outage ? { bus: outage.bus } : {},
  ..."error" in outage ? { error: ShowObservation.errorJson(outage.error) } : { since: outage.since }
})

/** Reports an outage or its end: on standard error for people, among the results for programs. */
export const tell = (server: string, outage: Outage.Outage, names: ServerNames): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Output.json(toJson(server, outage, names))
    const bus = "bus" in outage ? outage.bus : undefined
    return "error" in outage
      ? Failure.tell(outage.error)
      : Output.note(`ow: ${bus === undefined ? "" : `${bus} at `}${server} ${again(outage.since, outage.at)}`)
  })

const events = {
  BusFailed: "bus-failed",
  BusRecovered: "bus-recovered",
  ServerFailed: "server-failed",
  ServerRecovered: "server-recovered"
}

/** Text for a bus or a server that answers again, with the duration of the outage. */
const again = (since: Date, at: Date): string => `answers again, after ${Time.spanOf(at.getTime() - since.getTime())}`
