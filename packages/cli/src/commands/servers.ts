import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as KernelBus from "../server/KernelBus.ts"
import * as Nearby from "../server/Nearby.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

/** The settings. Fails if they name a server. */
const unnamed = Effect.filterOrFail(
  Settings,
  ({ server }) => server.length === 0,
  () => new Failure.UsageError({ message: "servers finds servers and takes no -s: to ask one, use ow ping" })
)

const list = Effect.gen(function*() {
  const { timeout } = yield* unnamed
  const found = yield* Output.withProgress(
    "looking for servers …",
    Effect.flatMap(
      Nearby.find(Option.getOrElse(timeout, () => Nearby.patience)),
      Nearby.reachAll
    )
  )
  if (yield* Output.Json) {
    yield* Effect.forEach(found, ({ reached, server }) =>
      Output.json({
        ...server,
        server: Result.isSuccess(reached) ? ServerAddress.format(reached.success.address) : null,
        millis: Result.isSuccess(reached) ? reached.success.millis : null,
        error: Result.isFailure(reached) ? ShowObservation.errorJson(reached.failure) : null
      }), { discard: true })
  } else if (found.length > 0) {
    yield* Table.print(
      [{ title: "NAME", least: 12 }, { title: "HOST", least: 12 }, "SERVER", "ANSWERS"],
      found.map(({ reached, server }) => [
        server.name,
        server.host,
        Result.isSuccess(reached) ? ServerAddress.format(reached.success.address) : addressOf(server),
        Result.isSuccess(reached)
          ? `in ${reached.success.millis} ms`
          : [{ text: ShowObservation.problemOf(reached.failure), color: "red" }]
      ])
    )
  }
  if (found.length === 0) yield* Output.note("no owserver announces itself on this network")
  if (KernelBus.isThere()) yield* Output.note("the kernel of this machine has a 1-Wire bus of its own: -s w1:")
})

const addressOf = ({ addresses: [host], port }: NodeBrowse.Server): string => ServerAddress.format({ host, port })

const events = { Announced: "announced", Changed: "changed", Withdrawn: "withdrawn" } as const

const follow = Stream.callback<NodeBrowse.Event, Failure.LocalError>((queue) =>
  Effect.catch(
    Nearby.announced(({ follow }, signal) => follow((event) => void Queue.offerUnsafe(queue, event), signal)),
    (error) => Queue.fail(queue, error)
  )
).pipe(
  Stream.runForEach(({ _tag, at, server }) =>
    Effect.flatMap(Output.Json, (isJson) =>
      isJson
        ? Output.json({ time: at, event: events[_tag], ...server })
        : Output.drawn(Text.line(
          [
            { text: Time.momentOf(at), color: "dim" },
            { text: `  ${events[_tag].padEnd(9)}  `, color: _tag === "Withdrawn" ? "red" : "green" },
            { text: `${server.name}  ${server.host}  ${addressOf(server)}` }
          ],
          Output.isTerminal() ? Output.columns() : Infinity
        )))
  )
)

export const command = Command.make(
  "servers",
  { follow: Flags.present("follow", "Report servers that are announced and withdrawn from now on, until Ctrl-C") },
  (options) => options.follow ? Effect.andThen(unnamed, Effect.andThen(Lifetime.untilStopped, follow)) : list
).pipe(
  Command.withDescription(
    "Lists the owservers that announce themselves on the networks of this machine, and shows whether they answer. It looks for 1.5"
      + " seconds, or for the --timeout. Debian's owserver does not announce itself; Avahi can do that for it."
  ),
  Command.withShortDescription("Find the servers of this network"),
  Command.withExamples([
    { command: "ow servers", description: "Show what is announced now, and whether it answers" },
    { command: "ow servers --follow", description: "Report when a server is announced, and when it is withdrawn" },
    { command: "ow scan -s auto", description: "Ask the only server that is announced" }
  ])
)
