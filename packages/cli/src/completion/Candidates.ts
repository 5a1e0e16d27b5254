/**
 * Entries of a server that may complete a word of a command line.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Addresses from "../server/Addresses.ts"
import * as KernelBus from "../server/KernelBus.ts"
import * as Server from "../server/Server.ts"
import { Settings } from "../server/Settings.ts"

/** Kinds of the operands of commands: paths of any kind, or devices. */
const operands: ReadonlyMap<string, "path" | "device"> = new Map([
  ["ls", "path"],
  ["cat", "path"],
  ["set", "path"],
  ["get", "path"],
  ["exists", "path"],
  ["tree", "path"],
  ["watch", "path"],
  ["log", "path"],
  ["bench", "path"],
  ["info", "device"],
  ["convert", "device"]
])

/** Flags whose value is the next word. */
const valued =
  /^(?:-s|-f|--(?:server|timeout|retries|format|pressure|offset|size|depth|file|every|count|seconds|connections|to|rotate|keep|flush|listen))$/

/** Time limit of a completion, in milliseconds, short enough that a person does not notice a wait. */
const patience = 800

/** Candidates for the last of some words. Empty if the server does not answer in time. */
export const of = (words: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, never, Settings> => {
  const named: Array<Addresses.Address> = []
  const given: Array<string> = []
  const before = words.slice(0, -1)
  for (let at = 0; at < before.length; at++) {
    const [, value] = /^--server=(.*)$/.exec(before[at]) ?? []
    const isValued = valued.test(before[at])
    const server = value ?? (before[at] === "-s" || before[at] === "--server" ? before[at + 1] : undefined)
    named.push(...Option.getOrElse(Addresses.fromString(server ?? ""), () => []))
    if (isValued) at++
    else if (!before[at].startsWith("-")) given.push(before[at])
    // The word is the value of a flag.
    if (isValued && at === before.length) {
      return Effect.succeed(/^(?:-s|--server)$/.test(before.at(-1) ?? "") ? servers(words) : [])
    }
  }
  const [command = "", ...others] = given
  const word = words.at(-1) ?? ""
  const kind = operands.get(command)
  if (kind === undefined || word.startsWith("-") || (command === "set" && others.length > 0)) return Effect.succeed([])
  const listed = kind === "path" ? list(word) : Effect.map(list(word.replace(/\/[^/]*$/, "/")), onlyDevices)
  return listed.pipe(
    Effect.updateService(Settings, (settings) => ({ ...settings, server: named.length > 0 ? named : settings.server })),
    Effect.map((found) => found.filter((one) => one.startsWith(word) && Printable.isPrintable(one))),
    Effect.orElseSucceed(() => []),
    Effect.catchDefect(() => Effect.succeed([]))
  )
}

/** The address of the kernel's own bus, if it has one and the last word may become that. */
const servers = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const own = ServerAddress.format(KernelBus.address)
  return own.startsWith(words.at(-1) ?? "") && KernelBus.isThere() ? [own] : []
}

const onlyDevices = (entries: ReadonlyArray<string>): ReadonlyArray<string> =>
  entries.flatMap((entry) => entry.endsWith("/") ? [entry.slice(0, -1)] : [])

/** Entries in the directory of a word, on any of the servers. */
const list = (word: string) =>
  Effect.flatMap(Server.quietAddresses, (addresses) =>
    Effect.map(
      Effect.forEach(
        addresses,
        (address) => listOf(address, word).pipe(Effect.timeout(patience), Effect.orElseSucceed(() => [])),
        {
          concurrency: "unbounded"
        }
      ),
      (lists) => [...new Set(lists.flat())]
    ))

/** Entries in the directory of a word, with a leading slash if the word has one. */
const listOf = (address: ServerAddress.ServerAddress, word: string) =>
  Effect.scoped(Effect.gen(function*() {
    const ow = yield* Server.connect(address)
    const directory = word.slice(0, word.lastIndexOf("/") + 1)
    const entries = yield* ow.dir(directory.startsWith("/") ? directory : `/${directory}`, { slash: true })
    return entries.map((entry) => {
      const isDirectory = entry.endsWith("/")
      const name = entry.slice(entry.lastIndexOf("/", entry.length - 2) + 1)
      return `${directory}${name}${isDirectory && !name.endsWith("/") ? "/" : ""}`
    })
  }))
