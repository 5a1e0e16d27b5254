import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as FleetTask from "../fleet/FleetTask.ts"
import type * as Registering from "../fleet/Registering.ts"
import * as Given from "../hub/Given.ts"
import * as Setup from "../hub/Setup.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import * as Time from "../terminal/Time.ts"

const where = {
  database: Flag.String("database").pipe(
    Flag.withMetavar("<url>"),
    Flag.withDescription(
      "The fleet: postgres://USER:PASSWORD@HOST/DATABASE. Other users can see it here, but not in OW_FLEET_DATABASE or in hub.yaml"
    ),
    Flag.filter(Setup.isPostgres, () => "postgres://USER:PASSWORD@HOST/DATABASE"),
    Flag.optional
  ),
  config: Flag.String("config").pipe(
    Flag.withMetavar("<file>"),
    Flag.withDescription(
      "A hub.yaml whose history.database is the fleet; by default the one that ow hub reads, if it exists"
    ),
    Flag.optional
  )
}

const servers = (description: string) =>
  Argument.String("server").pipe(
    Argument.withDescription(description),
    Argument.filter(
      (text) => ServerAddress.problem(text) === undefined,
      (text) => (ServerAddress.problem(text) ?? "").replace(/^write /, "")
    ),
    Argument.variadic({ min: 1 })
  )

const found = (flags: FleetTask.Where) => FleetTask.run(flags, ({ where }, at) => where(at))

const momentOf = (seconds: number | undefined) => seconds === undefined ? null : new Date(seconds * 1000)

const agoOf = (seen: number | undefined, at: number): string => {
  if (seen === undefined) return ""
  const seconds = Math.round(at - seen)
  return seconds < 1 ? "just now" : `${Time.spanOf(seconds * 1000)} ago`
}

const list = Command.make(
  "list",
  where,
  Effect.fnUntraced(function*(flags) {
    const { at, servers } = yield* found(flags)
    if (yield* Output.Json) {
      return yield* Effect.forEach(servers, ({ isFollowed, runner, seen, server, since, site }) =>
        Output.json({
          server,
          site: site ?? null,
          followed: isFollowed,
          runner: runner ?? null,
          since: momentOf(since),
          seen: momentOf(seen)
        }), { discard: true })
    }
    if (servers.length === 0) return yield* Output.note("this fleet has no servers yet: ow fleet add SERVER")
    yield* Table.print(
      [{ title: "SERVER", least: 12 }, "SITE", { title: "FOLLOWED BY", least: 12 }, "SINCE", "SEEN"],
      servers.map(({ isFollowed, runner = "", seen, server, since, site = "" }) => [
        server,
        site,
        isFollowed
          ? runner
          : [{ text: runner === "" ? "no runner yet" : `no runner; last ${runner}`, color: "red" }],
        since === undefined || !isFollowed ? "" : Time.momentOf(new Date(since * 1000)),
        agoOf(seen, at)
      ])
    )
  })
).pipe(
  Command.withDescription(
    "Lists the servers of the fleet: their sites, which runner follows each and since when, and when each was last seen."
  ),
  Command.withShortDescription("List the servers, and who follows each")
)

const whereCommand = Command.make(
  "where",
  where,
  Effect.fnUntraced(function*(flags) {
    const { at, once, runners, servers } = yield* found(flags)
    const of = (runner: string) => ({
      followed: servers.filter((one) => one.isFollowed && one.runner === runner).map(({ server }) => server),
      holds: once.filter((one) => one.runner === runner).map(({ name }) => name)
    })
    if (yield* Output.Json) {
      return yield* Effect.forEach(runners, ({ dropped, isThere, runner, seen, since, site, waiting }) => {
        const { followed, holds } = of(runner)
        return Output.json({
          runner,
          site: site ?? null,
          there: isThere,
          since: momentOf(since),
          seen: momentOf(seen),
          waiting,
          dropped,
          once: holds,
          servers: followed
        })
      }, { discard: true })
    }
    if (runners.length === 0) return yield* Output.note("no runner of this fleet has reported anything today")
    yield* Table.print(
      [{ title: "RUNNER", least: 12 }, "SITE", "SEEN", "WAITING", "DROPPED", "ONCE", "SERVERS"],
      runners.map(({ dropped, isThere, runner, seen, site = "", waiting }) => {
        const { followed, holds } = of(runner)
        return [
          runner,
          site,
          isThere ? agoOf(seen, at) : [{ text: `gone; ${agoOf(seen, at)}`, color: "red" }],
          String(waiting),
          dropped === 0 ? "0" : [{ text: String(dropped), color: "red" }],
          holds.join(" "),
          followed.join(" ")
        ]
      })
    )
    const left = servers.filter(({ isFollowed }) => !isFollowed).map(({ server }) => server)
    if (left.length > 0) yield* Output.note(`no runner follows ${left.join(", ")}`)
  })
).pipe(
  Command.withDescription(
    "Shows the runners of the fleet: which servers each follows, what runs only once and where, and the events that wait to be written"
      + " or were dropped. A runner that was stopped is shown for a day."
  ),
  Command.withShortDescription("Show the runners, and what runs where")
)

const words: Readonly<Record<Registering.Changed["change"], (site: string | undefined) => string>> = {
  added: (site) =>
    site === undefined
      ? "added; a runner follows it within seconds"
      : `added to site ${site}; a runner of that site, if one runs, follows it within seconds`,
  moved: (site) => site === undefined ? "moved: any runner may follow it" : `moved to site ${site}`,
  kept: (site) => `is there already${site === undefined ? "" : `, at site ${site}`}`,
  removed: () => "removed: no runner follows it now, and its history stays",
  absent: () => "is not there"
}

const tell = Effect.fnUntraced(function*(servers: ReadonlyArray<Registering.Changed>) {
  const isJson = yield* Output.Json
  yield* Effect.forEach(servers, ({ change, server, site }) =>
    isJson
      ? Output.json({ server, site: site ?? null, change })
      : Output.line(`${server} ${words[change](site)}`), { discard: true })
})

const add = Command.make(
  "add",
  {
    ...where,
    site: Flag.String("site").pipe(
      Flag.withMetavar("<name>"),
      Flag.withDescription(
        "The site whose runners follow it; by default any runner may. A server that was added before moves to that site"
      ),
      Flag.filterMap(Given.single.site.parse, () => Given.single.site.takes),
      Flag.optional
    ),
    servers: servers("Owservers, as the runners reach them")
  },
  ({ servers, site, ...flags }) =>
    Effect.flatMap(FleetTask.run(flags, ({ add }, at) => add(servers, Option.getOrUndefined(site), at)), tell)
).pipe(
  Command.withDescription(
    "Adds servers to the fleet. A server that was added before stays as it is, unless --site names another site."
  ),
  Command.withShortDescription("Add servers"),
  Command.withExamples([
    { command: "ow fleet add pi-1 pi-2:4305 --site barn", description: "Servers that only the runners of a site reach" }
  ])
)

const remove = Command.make(
  "remove",
  { ...where, servers: servers("Servers of the fleet") },
  ({ servers, ...flags }) => Effect.flatMap(FleetTask.run(flags, ({ remove }, at) => remove(servers, at)), tell)
).pipe(
  Command.withDescription("Removes servers from the fleet. The history of their devices stays."),
  Command.withShortDescription("Remove servers")
)

export const command = Command.make("fleet").pipe(
  Command.withDescription(
    "Shows and changes a fleet, which is one hub on several machines that share one PostgreSQL: its servers, its runners, and what runs where."
      + " Each machine runs ow hub --runner."
  ),
  Command.withShortDescription("One hub on several machines: its servers, and who follows them"),
  Command.withSubcommands([list, add, remove, whereCommand]),
  Command.withExamples([
    { command: "ow fleet list --database postgres://ow@db/ow", description: "Show which runner follows which server" },
    { command: "ow fleet add raspberrypi", description: "Let one of the runners follow a server" },
    { command: "ow fleet where", description: "Show what runs where" }
  ])
)
