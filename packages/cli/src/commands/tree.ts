import type * as OwClient from "@effect-ownet/core/client/OwClient"
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "../Flags.ts"
import * as Server from "../server/Server.ts"
import * as Content from "../show/Content.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export const command = Command.make(
  "tree",
  {
    path: Argument.String("path").pipe(
      Argument.withDescription("A directory, / by default"),
      Argument.withDefault("/")
    ),
    depth: Flags.whole("depth", 1, "How many levels to go down; all by default").pipe(Flag.optional),
    format: Flags.format,
    uncached: Flags.uncached
  },
  (options) =>
    Server.use(options, (at) =>
      Effect.gen(function*() {
        const asked = Content.pathOf(options.path)
        const { ow, path } = yield* at(asked)
        const depth = Option.getOrElse(options.depth, () => Infinity)
        if (!(yield* Output.Json)) yield* Output.drawn(Output.paint("bold", printable(asked)))
        const status = yield* walk(ow, path, depth, "")
        if (status !== undefined) return yield* new Failure.Ended({ status })
      }))
).pipe(
  Command.withDescription("Draws the tree below a directory. With --json, it prints one line per path."),
  Command.withShortDescription("Draw devices and their properties"),
  Command.withExamples([
    { command: "ow tree 28.000028D70100", description: "Everything that a device has" },
    { command: "ow tree --depth 1", description: "The devices" },
    { command: "ow tree /settings", description: "The settings of the server" }
  ])
)

/** Draws a directory, and returns the exit status of the first listing that failed, if any. */
const walk = (
  ow: OwClient.Client,
  directory: string,
  depth: number,
  indent: string
): Effect.Effect<number | undefined, Failure.Failure> =>
  Effect.gen(function*() {
    const isJson = yield* Output.Json
    const entries = yield* Server.explained(ow, ow.dir(directory))
    let status: number | undefined
    for (const [i, entry] of entries.entries()) {
      const isDirectory = entry.endsWith("/")
      const isLast = i === entries.length - 1
      const segment = entry.split("/").findLast((segment) => segment !== "") ?? ""
      const name = printable(isDirectory ? `${segment}/` : segment)
      yield* isJson
        ? Output.json({ path: entry, kind: isDirectory ? "directory" : "property" })
        : Output.drawn(`${indent}${isLast ? "└── " : "├── "}${isDirectory ? Output.paint("bold", name) : name}`)
      // A hub may list itself, or the hub above it, among the devices of its branches.
      const isAgain = directory.split("/").includes(segment)
      if (!isDirectory || isAgain || depth <= 1) continue
      const below = yield* Effect.catch(
        walk(ow, entry.slice(0, -1), depth - 1, `${indent}${isLast ? "    " : "│   "}`),
        (failure) => Effect.as(Failure.tell(failure), Failure.statusOf(failure))
      )
      status ??= below
    }
    return status
  })
