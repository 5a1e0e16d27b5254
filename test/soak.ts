/**
 * The client under load for as long as you like, with all kinds of faults: requests that fail, servers that restart, devices that
 * come and go, callers that interrupt their calls. Every answer is compared with the known right one.
 *
 *     node test/soak.ts            ten minutes
 *     node test/soak.ts 0.5        half a minute
 *
 * `SOAK_SEED` repeats the choices of another run. It exits with 1 unless every figure that must be zero is zero.
 */
import {
  Connector,
  type ControlFlags,
  MessageType,
  OwClient,
  type OwError,
  OwRetry,
  Payload,
  RomId
} from "@effect-ownet/core"
import { type Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeConnector } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime } from "@effect/platform-node"
import {
  Array as Arr,
  Cause,
  Clock,
  Console,
  Effect,
  Exit,
  Fiber,
  Layer,
  Logger,
  Metric,
  Option,
  Schedule,
  Scope,
  Stream
} from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { sockets } from "./fixtures/census.ts"
import { isInstalled } from "./fixtures/installed.ts"
import * as mischief from "./fixtures/mischief.ts"
import * as mutate from "./fixtures/mutate.ts"
import * as owserver from "./fixtures/owserver.ts"

// Counters.

/** Counts by name. */
class Tally {
  readonly counts = new Map<string, number>()

  add(name: string, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count)
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0)
  }
}

const operations = new Tally()
const ends = new Tally()
const faults = new Tally()
const disturbances = new Tally()
const failures = new Tally()
const links = new Tally()

/** Errors that must not occur, with the first of each kind to explain it. */
const wrong = new Tally()
const examples: Array<string> = []

const must = {
  wrong: "wrong answers",
  unexcused: "unexcused failures",
  defects: "defects",
  hangs: "hangs",
  crowd: "connections beyond the most",
  server: "connections left at the server",
  sockets: "sockets left",
  handles: "handles left",
  fibers: "fibers left",
  heap: "heap growth beyond 8 MB"
} as const

for (const name of Object.values(must)) wrong.add(name, 0)

const blame = (name: string, example: string, count = 1): void => {
  wrong.add(name, count)
  if (examples.length < 30) examples.push(`${name}: ${example}`)
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MB`

const now = (): number => performance.now()

// A server and its clients.

interface Pair {
  readonly name: string
  readonly isSimulated: boolean
  readonly clients: ReadonlyArray<OwClient.Client>
  readonly devices: ReadonlyArray<mischief.Device>
  /** The listing of a device by its family, recorded before the faults. */
  readonly listings: ReadonlyMap<string, ReadonlyArray<string>>
  readonly life: mischief.Timeline<mischief.Life>
  /** Counts how often the server lost written data. */
  memory: number
}

/** A running call. */
interface Call {
  readonly path: string
  readonly startedAt: number
  readonly life: mischief.Moment<mischief.Life>
  readonly faults: Array<Fault.Fault>
  /** The faults of earlier calls on its connections. */
  readonly inherited: Array<Fault.Fault>
  /** Number of requests to a simulated server. */
  requests: number
  isHanging: boolean
}

const calls = new Map<number, Call>()

let tokens = 0

/** Each path begins with this prefix, which does not change its target, and distinguishes the calls. */
const prefixOf = (token: number): string => `/text${token}`

const callOf = (path: string): Call | undefined => calls.get(Number(/^\/text(\d+)/.exec(path)?.[1]))

// Requests, and their right answers.

/** The problem of an answer, if there is one. */
type Verdict = string | undefined

interface Operation {
  readonly kind: string
  readonly path: string
  /** Returns the problem of the answer. */
  readonly run: (
    ow: OwClient.Client,
    options: OwClient.CallOptions,
    call: Call
  ) => Effect.Effect<Verdict, OwError.OwError>
  /** Whether the network may have refused with this code, in its state at the time. */
  readonly mayRefuse: (code: number) => boolean
  /** Receives the outcome of the call. */
  readonly onEnd?: ((exit: Exit.Exit<Verdict, OwError.OwError>, isRetried: boolean) => void) | undefined
}

const never = (): boolean => false

const unless = (isRight: boolean, problem: string, verdict?: Verdict): Verdict => isRight ? verdict : problem

const textIs = (expected: string) => (text: string): Verdict =>
  text === expected ? undefined : `${JSON.stringify(text)} instead of ${JSON.stringify(expected)}`

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const bytesAre = (expected: Uint8Array) => (bytes: Uint8Array): Verdict => textIs(hex(expected))(hex(bytes))

const scales = {
  C: (celsius: number) => celsius,
  F: (celsius: number) => celsius * 1.8 + 32,
  K: (celsius: number) => celsius + 273.15,
  R: (celsius: number) => celsius * 1.8 + 491.67
} as const

/** A temperature in six digits, in the scale and the form of the flags. */
const temperatureIs = (celsius: number, flags: ControlFlags.Overrides) => (text: string): Verdict => {
  const expected = scales[flags.temperatureScale ?? "C"](celsius)
  const isFormed = flags.trim === false ? text.length === 12 : text === text.trim()
  return isFormed && Math.abs(Number(text) - expected) < 0.002 ? undefined : textIs(String(expected))(text)
}

/** The bits of a request that have no meaning, and are returned unchanged. */
const meaningless = 0x00e0fe81

const flagsOf = (dice: mutate.Dice): ControlFlags.Overrides => ({
  temperatureScale: dice.pick(["C", "C", "F", "K", "R"]),
  pressureScale: dice.pick(["mbar", "atm", "mmHg", "inHg", "psi", "Pa"]),
  deviceFormat: dice.pick(["f.i", "f.i", "fi", "f.i.c", "f.ic", "fi.c", "fic"]),
  trim: dice.pick([true, false, undefined]),
  uncached: dice.chance(0.1),
  alias: dice.chance(0.1),
  safemode: dice.chance(0.1),
  ownet: dice.chance(0.9),
  persistence: dice.chance(0.03) ? false : undefined,
  other: dice.below(2 ** 32) & meaningless
})

/** A device as a call may find it, by its current name. */
interface Sight {
  readonly device: mischief.Device
  readonly name: string
  /** Whether it was present under that name at any time since, and its bus did not fail. */
  readonly isThere: (needsBus: boolean) => boolean
  readonly isAway: () => boolean
  readonly mayRefuse: (code: number) => boolean
  readonly aliases: () => ReadonlyArray<string | undefined>
}

const sight = (dice: mutate.Dice, { devices }: Pair): Sight => {
  const device = dice.pick(devices)
  const moment = device.standing.now
  const { alias } = moment.value
  const isByAlias = alias !== undefined && dice.chance(0.5)
  const leadsThere = (at: mischief.Standing): boolean => at.isPresent && (!isByAlias || at.alias === alias)
  return {
    device,
    name: isByAlias ? alias : device.name,
    isThere: (needsBus) =>
      mischief.since(moment).some((at) => leadsThere(at) && !(needsBus && at.busFault !== undefined)),
    isAway: () => mischief.since(moment).some((at) => !leadsThere(at)),
    mayRefuse: (code) =>
      mischief.since(moment).some((at) => leadsThere(at) ? at.busFault === code : code === -1 || code === -2),
    aliases: () => mischief.since(moment).map(({ alias }) => alias)
  }
}

const gone = "an answer of a device that is not there"

/** A readable property: its path, and its value as text. */
interface Readable {
  readonly path: string
  readonly judge: (text: string, flags: ControlFlags.Overrides) => Verdict
  readonly mayRefuse: (code: number) => boolean
}

const settings = [
  ["settings/units/temperature_scale", "C"],
  ["structure/28/temperature", "t,000000,000001,ro,000012,v,"],
  ["system/configuration/version", "3.2p4"]
] as const

const identities: ReadonlyArray<readonly [property: string, of: (device: mischief.Device) => string]> = [
  ["address", ({ id }) => id],
  ["family", ({ id }) => id.slice(0, 2)],
  ["id", ({ id }) => id.slice(2, 14)],
  ["crc8", ({ id }) => id.slice(14)]
]

const readable = (dice: mutate.Dice, pair: Pair): Readable => {
  const seen = sight(dice, pair)
  const { aliases, device, isThere, mayRefuse, name } = seen
  const what = pair.isSimulated ? dice.below(10) : 9
  if (what === 0) {
    const [path, value] = dice.pick(settings)
    return { path, judge: textIs(value), mayRefuse: never }
  }
  if (what === 1) {
    const isRight = (text: string): boolean => aliases().some((alias) => (alias ?? "") === text)
    return {
      path: `${name}/alias`,
      judge: (text) => unless(isThere(false) && isRight(text), `alias ${text}`),
      mayRefuse
    }
  }
  const [property, of] = dice.pick(identities)
  const isTemperature = what < 5 && device.id.startsWith("28")
  return {
    path: `${name}/${isTemperature ? "temperature" : property}`,
    judge: (text, flags) => {
      const judge = isTemperature ? temperatureIs(device.temperature, flags) : textIs(of(device))
      return unless(isThere(true), gone, judge(text))
    },
    mayRefuse
  }
}

const read = (dice: mutate.Dice, pair: Pair, token: number): Operation => {
  const { judge, mayRefuse, path: below } = readable(dice, pair)
  const path = `${prefixOf(token)}/${below}`
  const kind = dice.pick(["read", "readText", "readText", "get"] as const)
  const given = flagsOf(dice)
  const flags = kind === "readText" ? given : { ...given, trim: given.trim ?? false }
  const judgeBytes = (bytes: Uint8Array): Verdict => judge(Payload.decodeText(bytes), flags)
  return {
    kind,
    path,
    run: (ow, options) => {
      switch (kind) {
        case "read":
          return Effect.map(ow.read(path, { ...options, flags }), judgeBytes)
        case "readText":
          return Effect.map(ow.readText(path, { ...options, flags }), (text) => judge(text, flags))
        case "get":
          return Effect.map(
            ow.get(path, { ...options, flags }),
            (node) => node._tag === "Value" ? judgeBytes(node.bytes) : "a directory instead of a value"
          )
      }
    },
    mayRefuse
  }
}

/** Part of a constant value. The real server that keeps written values treats a part as the whole. */
const readPart = (dice: mutate.Dice, pair: Pair, token: number): Operation => {
  const { device, isThere, mayRefuse, name } = sight(dice, pair)
  const path = `${prefixOf(token)}/${name}/address`
  const [offset, size] = [dice.below(20), 1 + dice.below(20)]
  const judge = textIs(device.id.slice(offset, offset + size))
  return {
    kind: "read",
    path,
    run: (ow, options) =>
      Effect.map(
        ow.read(path, { ...options, offset, size }),
        (bytes) => unless(isThere(true), gone, judge(Payload.decodeText(bytes)))
      ),
    mayRefuse
  }
}

/** All devices. Devices that were present all the time must be listed, and no devices that were never present. */
const rootVerdict = (pair: Pair) => {
  const began = new Map(pair.devices.map((device) => [device, device.standing.now]))
  const isServed = ({ busFault, isPresent }: mischief.Standing): boolean => isPresent && busFault === undefined
  return (
    paths: ReadonlyArray<string>,
    nameOf: (name: string) => string,
    format: ControlFlags.DeviceFormat
  ): Verdict => {
    const listed = new Set(paths)
    if (listed.size < paths.length) return `listed twice: ${paths.join()}`
    for (const [device, moment] of began) {
      const standings = mischief.since(moment)
      const served = standings.filter(isServed)
      const names = new Set(served.map(({ alias }) => nameOf(alias ?? RomId.format(device.id, format))))
      const found = [...names].filter((name) => listed.delete(name)).length
      if (found > 1 || (found === 0 && served.length === standings.length)) {
        return `${device.name} is ${found} times in ${paths.join()}`
      }
    }
    return unless(listed.size === 0, `listed without being there: ${[...listed].join()}`)
  }
}

/** The properties of a device, below its alias if it has one. */
const deviceVerdict =
  (pair: Pair, { aliases, device, isThere, name }: Sight) =>
  (paths: ReadonlyArray<string>, nameOf: (name: string) => string): Verdict => {
    const holders = [name, ...aliases().map((alias) => alias ?? device.name)]
    const listing = pair.listings.get(device.id.slice(0, 2)) ?? []
    const verdicts = holders.map((holder) =>
      textIs(listing.map((entry) => nameOf(`${holder}/${entry}`)).join())(paths.join())
    )
    return unless(isThere(false), gone, verdicts.every((verdict) => verdict !== undefined) ? verdicts[0] : undefined)
  }

const list = (dice: mutate.Dice, pair: Pair, token: number): Operation => {
  const prefix = prefixOf(token)
  const seen = dice.chance(0.5) ? sight(dice, pair) : undefined
  const path = seen === undefined ? prefix : `${prefix}/${seen.name}`
  const flags = flagsOf(dice)
  // The real server takes 44 ms for a DIR.
  const kind = dice.pick([
    "dir",
    "dir",
    "dir",
    "dir",
    "get",
    "get",
    pair.isSimulated || dice.chance(0.2) ? "dirStream" : "dir"
  ])
  const slash = kind !== "dirStream" && dice.chance(0.7)
  const nameOf = (name: string): string => {
    const bare = `${prefix}/${name.replace(/\/$/, "")}`
    return slash && (seen === undefined || name.endsWith("/")) ? `${bare}/` : bare
  }
  const verdict = seen === undefined ? rootVerdict(pair) : deviceVerdict(pair, seen)
  const judge = (paths: ReadonlyArray<string>): Verdict => verdict(paths, nameOf, flags.deviceFormat ?? "f.i")
  return {
    kind,
    path,
    run: (ow, options) => {
      switch (kind) {
        case "dirStream":
          return Effect.map(Stream.runCollect(ow.dirStream(path, { ...options, flags })), judge)
        case "get":
          return Effect.map(
            ow.get(path, { ...options, flags, slash }),
            (node) => node._tag === "Directory" ? judge(node.entries) : "a value instead of a directory"
          )
        default:
          return Effect.map(ow.dir(path, { ...options, flags, slash }), judge)
      }
    },
    mayRefuse: seen?.mayRefuse ?? never
  }
}

const presence = (dice: mutate.Dice, pair: Pair, token: number): Operation => {
  const { device, isAway, isThere, name } = sight(dice, pair)
  const path = `${prefixOf(token)}/${name}`
  const kind = dice.pick(["present", "romId"] as const)
  const judge = (is: boolean): Verdict => unless(is ? isThere(false) : isAway(), is ? gone : `nobody at ${path}`)
  return {
    kind,
    path,
    run: (ow, options) =>
      kind === "present"
        ? Effect.map(ow.present(`${path}${dice.pick(["", "/address"])}`, options), judge)
        : Effect.map(ow.romId(path, options), (id) =>
          judge(Option.isSome(id)) ?? textIs(device.id)(Option.getOrElse(id, () => device.id))),
    mayRefuse: never
  }
}

const ping: Operation = {
  kind: "ping",
  path: "",
  run: (ow, options) => Effect.as(ow.ping(options), undefined),
  mayRefuse: never
}

const sendMessage = (dice: mutate.Dice, pair: Pair, token: number): Operation => {
  const { device, isAway, isThere, mayRefuse, name } = sight(dice, pair)
  const { Nop, Presence, Read, Size } = MessageType
  const type = dice.pick([Read, Read, Presence, Nop, Size, 99])
  const path = `${prefixOf(token)}/${name}/address`
  const other = dice.below(2 ** 32) & meaningless
  const judge = ({ data, entries, flags, ret }: OwClient.Reply, call: Call): Verdict => {
    if ((flags & meaningless) !== other || entries.length > 0) {
      return `another's reply: flags ${flags} instead of ${other}`
    }
    if (call.faults.some((fault) => fault._tag === "Refuse" && fault.code === ret)) return undefined
    if (type === Nop) return unless(ret === 0, `ret ${ret} to a NOP`)
    if (type !== Read && type !== Presence) return unless(ret === -42, `ret ${ret} to a message of type ${type}`)
    if (ret < 0) return unless(type === Read ? mayRefuse(ret) : ret === -1 && isAway(), `ret ${ret}`)
    const expected = type === Read ? Payload.encodeText(device.id) : RomId.toBytes(device.id)
    return unless(isThere(type === Read), gone, bytesAre(expected)(data))
  }
  return {
    kind: "sendMessage",
    path,
    run: (ow, options, call) =>
      Effect.map(
        ow.sendMessage(type, path, { ...options, size: 100, flags: { other } }),
        (reply) => judge(reply, call)
      ),
    mayRefuse: never
  }
}

/** A property that only one worker writes, and its possible values. */
interface Register {
  readonly path: string
  readonly isTemperature: boolean
  readonly valueOf: (count: number) => Uint8Array
  count: number
  /** The last value that was certainly written, and the server's life in which that happened. */
  known: { readonly value: Uint8Array; readonly memory: number } | undefined
  /** Values that may have been written since, or may still be written until the given time. */
  doubtful: ReadonlyArray<{ readonly value: Uint8Array; readonly until: number }>
}

/** Bytes that are never written elsewhere, or at another time. */
const pattern = (worker: number, length: number) => (count: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => index % 8 === 7 ? worker : ((count >>> (8 * (index % 4))) + index) & 0xff)

const degrees = (count: number): Uint8Array => Payload.encodeText(String((count % 250) / 2 - 40))

const celsiusOf = (value: Uint8Array): number => Number(Payload.decodeText(value))

const thermometers = ["28.000028D70100", "28.000028D70200", "28.000028D70300", "28.000028D70400"]
const memories = ["43.000043BC0600", "43.000043BC0700"]
const large = "43.000043BC0900"

const registersOf = (worker: number, isSimulated: boolean): ReadonlyArray<Register> => {
  const made = (path: string, valueOf: Register["valueOf"], isTemperature = false): Register => ({
    path,
    isTemperature,
    valueOf,
    count: 0,
    known: undefined,
    doubtful: []
  })
  const limit = `${thermometers[worker % 4]}/${worker < 4 ? "templow" : "temphigh"}`
  return [
    ...memories.map((name) => made(`${name}/pages/page.${worker}`, pattern(worker, 32))),
    ...(worker < 8 ? [made(limit, degrees, true)] : []),
    ...(worker === 0 && isSimulated ? [made(`${large}/memory`, pattern(worker, 2560))] : [])
  ]
}

/** Milliseconds by which a server may be late with a request. */
const slack = 1000

const write = (pair: Pair, token: number, held: Register): Operation => {
  const path = `${prefixOf(token)}/${held.path}`
  const value = held.valueOf(++held.count)
  const startedAt = now()
  const { memory } = pair
  return {
    kind: "write",
    path,
    run: (ow, options) => Effect.as(ow.write(path, value, options), undefined),
    mayRefuse: never,
    onEnd: (exit, isRetried) => {
      if (Exit.isSuccess(exit)) {
        // A request whose time has passed is done, or never will be.
        held.doubtful = held.doubtful.filter(({ until }) => until >= startedAt)
        held.known = { value, memory }
        return
      }
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      const isRefused = error?._tag === "OwnetError" && !isRetried
      const isUnsent = error !== undefined && "requestSent" in error && !error.requestSent
      if (isRefused || isUnsent) return
      held.doubtful = [...held.doubtful, { value, until: now() + mischief.longestDelay + slack }]
    }
  }
}

const readBack = (dice: mutate.Dice, pair: Pair, token: number, held: Register): Operation => {
  const path = `${prefixOf(token)}/${held.path}`
  // Past its cache, the real server has no written values.
  const flags = { ...flagsOf(dice), uncached: false }
  const { doubtful, known } = held
  const judge = (verdictOf: (value: Uint8Array) => Verdict): Verdict => {
    // A value that was never written, or was lost, may be anything.
    if (known === undefined || known.memory !== pair.memory) return undefined
    const verdict = verdictOf(known.value)
    return doubtful.some(({ value }) => verdictOf(value) === undefined) ? undefined : verdict
  }
  return {
    kind: held.isTemperature ? "readText" : "read",
    path,
    run: (ow, options) =>
      held.isTemperature
        ? Effect.map(
          ow.readText(path, { ...options, flags }),
          (text) => judge((value) => temperatureIs(celsiusOf(value), flags)(text))
        )
        : Effect.map(ow.read(path, { ...options, flags }), (bytes) => judge((value) => bytesAre(value)(bytes))),
    mayRefuse: never
  }
}

/** The next operation. */
const operationOf = (
  dice: mutate.Dice,
  pair: Pair,
  registers: ReadonlyArray<Register>,
  token: number
): Operation => {
  const chance = dice.below(100)
  if (chance < 38) return read(dice, pair, token)
  if (chance < 42 && pair.isSimulated) return readPart(dice, pair, token)
  if (chance < 54) return list(dice, pair, token)
  if (chance < 68) return presence(dice, pair, token)
  if (chance < 72) return ping
  if (chance < 78) return sendMessage(dice, pair, token)
  const held = dice.pick(registers)
  return chance < 89 ? write(pair, token, held) : readBack(dice, pair, token, held)
}

// Calls, and their outcomes.

/** Last time at which the machine stopped for so long that no clock can be trusted. */
let stalledAt = -Infinity

const stall = 400

const watchForStalls = Effect.acquireRelease(
  Effect.sync(() => {
    let before = now()
    return setInterval(() => {
      const at = now()
      if (at - before > stall) {
        stalledAt = at
        disturbances.add("stalls of this machine")
      }
      before = at
    }, 50)
  }),
  (timer) => Effect.sync(() => clearInterval(timer))
)

/** The excuse of a failure, if there is one. */
const excuseOf = (
  call: Call,
  { kind, mayRefuse }: Operation,
  options: OwClient.CallOptions,
  error: OwError.OwError
): string | undefined => {
  const reason = owserver.reason(error)
  if (call.faults.some((fault) => mischief.excuses(fault, error))) return "a fault"
  if (reason === "Call" && options.timeout !== undefined) return "its own limit"
  if (error._tag === "OwnetError" && mayRefuse(error.code)) return "the network"
  if (mischief.isOfRestart(error) && mischief.since(call.life).includes("disturbed")) return "a restart"
  // A request with an effect is not sent again if its connection ends right after the answer to another call.
  const isOfBefore = reason === "Closed" && (kind === "write" || kind === "sendMessage")
  if (isOfBefore && call.inherited.some(mischief.endsConnection)) return "the fault of the call before"
  const isOfClocks = ["Silence", "Silent", "Connect"].includes(reason)
  return isOfClocks && stalledAt >= call.startedAt ? "a stall" : undefined
}

const optionsOf = (dice: mutate.Dice): OwClient.CallOptions => {
  if (dice.chance(0.04)) return { timeout: 1 + dice.below(12) }
  if (dice.chance(0.1)) return { timeout: "10 seconds", retry: OwRetry.transient }
  return dice.chance(0.1) ? { timeout: "10 seconds" } : {}
}

/** Makes a call. Compares its answer with the right one, and its failure with the faults. */
const perform = Effect.fnUntraced(function*(
  pair: Pair,
  client: OwClient.Client,
  dice: mutate.Dice,
  make: (token: number) => Operation,
  isCalm = false
) {
  const token = tokens++
  const operation = make(token)
  const { kind, path } = operation
  const call: Call = {
    path,
    startedAt: now(),
    life: pair.life.now,
    faults: [],
    inherited: [],
    requests: 0,
    isHanging: false
  }
  const options = isCalm ? {} : optionsOf(dice)
  const ow = dice.chance(0.1) ? client.with({ flags: { ownet: false } }) : client
  const isImpatient = !isCalm && dice.chance(0.05)
  calls.set(token, call)
  const asked = operation.run(ow, options, call)
  const exit = yield* Effect.exit(
    isImpatient
      ? Effect.timeoutOrElse(asked, { duration: dice.below(40) / 10, orElse: () => Effect.interrupt })
      : asked
  )
  calls.delete(token)
  operation.onEnd?.(exit, options.retry !== undefined)
  operations.add(kind)
  for (const { _tag } of call.faults) faults.add(`${_tag}, ${Exit.isSuccess(exit) ? "answered" : "failed"}`)

  const shown = `${pair.name}: ${kind} ${path}`
  if (kind === "write" && options.retry === undefined && call.requests > 1) {
    blame(must.wrong, `${shown}: written ${call.requests} times`)
  }
  if (Exit.isSuccess(exit)) {
    ends.add("answered")
    if (exit.value !== undefined) blame(must.wrong, `${shown}: ${exit.value}`)
    return
  }
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (error === undefined) {
    ends.add("interrupted")
    if (!isImpatient || !Cause.hasInterruptsOnly(exit.cause)) {
      blame(must.defects, `${shown}: ${Cause.pretty(exit.cause)}`)
    }
    return
  }
  const isUnsent = "requestSent" in error && !error.requestSent
  if (kind === "write" && isUnsent && call.requests > 0) {
    blame(must.wrong, `${shown}: was sent, in spite of: ${error.message}`)
  }
  const excuse = excuseOf(call, operation, options, error) ?? "nothing"
  ends.add(`failed, excused by ${excuse}`)
  failures.add(`${error._tag} ${owserver.reason(error)}, by ${excuse}`)
  if (excuse === "nothing") {
    const tags = call.faults.map(({ _tag }) => _tag)
    blame(must.unexcused, `${shown}: ${error.message}${tags.length === 0 ? "" : ` (after ${tags.join()})`}`)
  }
})

// The servers and the clients.

const maxConnections = 4

/** The call of a request in transit. */
const callIn = (bytes: Uint8Array): Call | undefined =>
  callOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1", 24, 44))

/** A connector that counts its links, which know whose calls they carry. */
const counted = (pair: string, connector: Connector.Connector["Service"]): Connector.Connector["Service"] => {
  let open = 0
  const endpoint = ({ address, connect }: Connector.Endpoint): Connector.Endpoint => ({
    address,
    connect: (receiver) => {
      if (++open > maxConnections) blame(must.crowd, `${pair}: ${open} links of one client`)
      let isOpened = false
      let isOpen = true
      const close = (): void => {
        if (isOpen) open--
        isOpen = false
      }
      let before: ReadonlyArray<Fault.Fault> = []
      const link = connect({
        onOpen: () => {
          isOpened = true
          links.add(`${pair}, opened`)
          receiver.onOpen()
        },
        onData: (chunk, length) => receiver.onData(chunk, length),
        onEnd: (cause) => {
          if (!isOpened) links.add(`${pair}, not opened`)
          close()
          receiver.onEnd(cause)
        }
      })
      return {
        buffer: link.buffer,
        write: (bytes) => {
          const call = callIn(bytes)
          call?.inherited.push(...before)
          before = call?.faults ?? []
          link.write(bytes)
        },
        close: () => {
          close()
          link.close()
        }
      }
    }
  })
  return { server: connector.server, resolve: Effect.map(connector.resolve, Arr.map(endpoint)) }
}

const clientOf = Effect.fnUntraced(function*(pair: string, address: { readonly host: string; readonly port: number }) {
  const connector = counted(pair, yield* NodeConnector.make(address))
  const layer = Layer.provide(
    OwClient.layer({ lazy: true, maxConnections, silenceTimeout: "1500 millis" }),
    Layer.succeed(Connector.Connector, connector)
  )
  return yield* owserver.client(layer)
})

const deviceOf = (name: string, index: number, fate: mischief.Fate = "steady", bus = 0): mischief.Device => ({
  id: Option.getOrThrow(RomId.fromString(name)),
  name,
  bus,
  temperature: 20 + index / 8,
  fate,
  standing: new mischief.Timeline<mischief.Standing>({ isPresent: true, alias: undefined, busFault: undefined })
})

const steady = [
  ...thermometers,
  ...memories,
  "26.000026D90500",
  "10.000010EF0A00",
  "29.000029D60B00",
  "20.000020DF0C00"
]

/** Records the listing of a device of each family. */
const listingsOf = Effect.fnUntraced(function*(ow: OwClient.Client, devices: ReadonlyArray<mischief.Device>) {
  const listings = new Map<string, ReadonlyArray<string>>()
  for (const { id, name } of devices) {
    listings.set(id.slice(0, 2), (yield* ow.dir(`/${name}`)).map((path) => path.slice(name.length + 2)))
  }
  return listings
})

/** A port that no connection takes by chance while its server is down, because systems choose those from 32,768 on. */
const quietPort = (dice: mutate.Dice) =>
  Effect.suspend(() => Effect.scoped(NodeSimulatedServer.start({}, { port: 20_000 + dice.below(12_000) }))).pipe(
    Effect.map(({ port }) => port),
    Effect.retry({ times: 20 })
  )

const simulated = Effect.fnUntraced(function*(dice: mutate.Dice, clientScope: Scope.Scope) {
  const devices = [
    ...[...steady, large].map((name, index) => deviceOf(name, index)),
    ...["28.000028D71000", "28.000028D71100", "1D.00001DE21200"].map((name, index) =>
      deviceOf(name, 20 + index, "fickle")
    ),
    ...["28.000028D72000", "10.000010EF2100"].map((name, index) => deviceOf(name, 30 + index, "renamed")),
    ...["28.000028D73000", "26.000026D93100"].map((name, index) => deviceOf(name, 40 + index, "steady", 1))
  ]
  const network = yield* SimulatedNetwork.make(Object.fromEntries(
    devices.map(({ bus, id, name, temperature }) => [`/bus.${bus}/${name}`, id.startsWith("28") ? { temperature } : {}])
  ))
  const plan = mischief.plan(dice.below(2 ** 31), (path, faults) => {
    const call = callOf(path)
    if (call === undefined) return
    call.faults.push(...faults)
    call.requests++
  })
  const port = yield* quietPort(dice)
  const parent = yield* Effect.scope
  const listen = Effect.gen(function*() {
    const scope = yield* Scope.fork(parent)
    return { scope, server: yield* Scope.provide(NodeSimulatedServer.start(network, { port }), scope) }
  })
  let current = yield* listen
  const address = { host: current.server.host, port }
  const listings = yield* Effect.scoped(Effect.flatMap(clientOf("sim", address), (ow) => listingsOf(ow, devices)))
  yield* current.server.setFaults(plan)
  const client = Scope.provide(clientOf("sim", address), clientScope)
  const pair: Pair = {
    name: "sim",
    isSimulated: true,
    clients: [yield* client, yield* client],
    devices,
    listings,
    life: new mischief.Timeline<mischief.Life>("calm"),
    memory: 0
  }
  const listener: mischief.Listener = {
    server: () => current.server,
    reopen: Effect.fnUntraced(function*(pause) {
      yield* Scope.close(current.scope, Exit.void)
      yield* Effect.sleep(pause)
      current = yield* listen
      yield* current.server.setFaults(plan)
    })
  }
  return { pair, network, listener, address }
})

const real = Effect.fnUntraced(function*(dice: mutate.Dice, clientScope: Scope.Scope) {
  const devices = steady.map((name, index) => deviceOf(name, index))
  const port = yield* quietPort(dice)
  const start = owserver.start([`--mock=${steady.join()}`], port)
  let server = yield* start
  const client = yield* Scope.provide(clientOf("real", server), clientScope)
  const pair: Pair = {
    name: "real",
    isSimulated: false,
    clients: [client],
    devices,
    listings: yield* listingsOf(client, devices),
    life: new mischief.Timeline<mischief.Life>("calm"),
    memory: 0
  }
  const restart = Effect.gen(function*() {
    pair.memory++
    yield* server.kill
    server = yield* start
    pair.memory++
  })
  return { pair, restart }
})

// The run.

/** A worker that makes one call after another until it is time to stop. */
const worker = (pair: Pair, client: OwClient.Client, number: number, dice: mutate.Dice) => {
  const registers = registersOf(number, pair.isSimulated)
  return (isCalm: boolean) =>
    Effect.suspend(() => perform(pair, client, dice, (token) => operationOf(dice, pair, registers, token), isCalm))
}

/** A guest with a separate client, which closes it while a call is running. */
const guest = Effect.fnUntraced(
  function*(pair: Pair, address: { readonly host: string; readonly port: number }, dice: mutate.Dice) {
    const scope = yield* Scope.make()
    const client = yield* Scope.provide(clientOf("guest", address), scope)
    for (let left = dice.below(5); left > 0; left--) {
      yield* perform(pair, client, dice, (token) => read(dice, pair, token))
    }
    const asking = yield* Effect.forkChild(Effect.exit(client.dir("/")), { startImmediately: true })
    if (dice.chance(0.5)) yield* Effect.yieldNow
    yield* Scope.close(scope, Exit.void)
    const exit = yield* Fiber.join(asking)
    operations.add("a client closed under a call")
    const error = Exit.isFailure(exit) ? Option.getOrUndefined(Cause.findErrorOption(exit.cause)) : undefined
    const isTold = error !== undefined && (owserver.reason(error) === "ClientClosed" || mischief.isOfRestart(error))
    if (Exit.isFailure(exit) && !isTold) {
      blame(must.defects, `a client closed under a call: ${Cause.pretty(exit.cause)}`)
    }
    yield* Effect.sleep(dice.below(100))
  }
)

/** Far longer than any call takes. */
const patience = 30_000

const watchForHangs = Effect.sync(() => {
  for (const call of calls.values()) {
    if (call.isHanging || now() - call.startedAt < patience) continue
    call.isHanging = true
    blame(must.hangs, call.path)
  }
}).pipe(Effect.repeat(Schedule.spaced("1 second")))

setFlagsFromString("--expose-gc")
// The flag adds it to every context created from now on.
const collect = runInNewContext("gc") as NodeJS.GCFunction

/** Bytes in use after a garbage collection. */
const heap = Effect.sync(() => {
  // Collects twice, because buffers are freed in the background, and the second collection waits for the work of the first.
  void collect()
  void collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
})

interface Sample {
  readonly minutes: number
  readonly bytes: number
}

/** Bytes per minute, from the straight line that fits the samples best. */
const slopeOf = (samples: ReadonlyArray<Sample>): number => {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [x, y] = [mean(({ minutes }) => minutes), mean(({ bytes }) => bytes)]
  const spread = mean(({ minutes }) => (minutes - x) ** 2)
  return spread === 0 ? 0 : mean(({ bytes, minutes }) => (minutes - x) * (bytes - y)) / spread
}

/** Number of disturbances of simulated servers. Each round continues with the next kind. */
let turns = 0

/** Makes calls for a while with all kinds of faults, then for a while without faults, and then closes everything. */
const round = Effect.fnUntraced(function*(duration: number, seed: number, samples: Array<Sample>) {
  const dice = mutate.dice(seed)
  const another = (): mutate.Dice => mutate.dice(dice.below(2 ** 31))
  const clientScope = yield* Scope.fork(yield* Effect.scope)
  const sim = yield* simulated(dice, clientScope)
  const beside = isInstalled ? yield* real(dice, clientScope) : undefined
  const pairs = beside === undefined ? [sim.pair] : [sim.pair, beside.pair]
  const startedAt = now()
  const isStopping = (): boolean => now() >= startedAt + duration
  const forkUntilStop = <E, R>(turn: Effect.Effect<void, E, R>) =>
    Effect.forkScoped(Effect.repeat(turn, { until: isStopping }))

  const pace = Math.min(3000, duration / 12)
  const ways = Object.entries(mischief.disturbances)
  const disturbing = yield* forkUntilStop(Effect.gen(function*() {
    yield* Effect.sleep(pace / 2 + dice.below(pace))
    const [name, disturbance] = ways[turns++ % ways.length]
    disturbances.add(name)
    yield* mischief.disturb(sim.pair.life, disturbance(sim.listener, dice))
  }))
  const killing = yield* forkUntilStop(Effect.gen(function*() {
    yield* Effect.sleep(Math.min(15_000, duration / 4))
    if (beside === undefined) return
    disturbances.add("real server killed and started")
    yield* mischief.disturb(beside.pair.life, beside.restart)
  }))
  const shuffling = yield* forkUntilStop(Effect.gen(function*() {
    yield* Effect.sleep(1 + dice.below(40))
    yield* mischief.shuffle(sim.network, sim.pair.devices, dice, (what) => disturbances.add(what))
  }))
  const sampling = yield* forkUntilStop(Effect.gen(function*() {
    yield* Effect.sleep(Math.min(60_000, duration / 4))
    samples.push({ minutes: (now() - startedAt) / 60_000, bytes: yield* heap })
  }))
  const workers = pairs.flatMap((pair) =>
    pair.clients.flatMap((client, index) =>
      Arr.range(0, 7).map((number) => worker(pair, client, 8 * index + number, another()))
    )
  )
  const visitor = another()
  const working = yield* Effect.forEach(
    [...workers.map((ask) => ask(false)), guest(sim.pair, sim.address, visitor)],
    (turn) => forkUntilStop(turn)
  )
  yield* Effect.sleep(duration)

  yield* Fiber.interruptAll([shuffling, sampling])
  const disturbed = yield* Fiber.awaitAll([disturbing, killing])
  yield* sim.listener.server().setFaults()
  yield* mischief.mend(sim.network, sim.pair.devices)
  // All remaining calls now get an answer or an error.
  const done = yield* Effect.timeoutOption(Fiber.awaitAll(working), patience)
  if (Option.isNone(done)) {
    const paths = [...calls.values()].map(({ path }) => path)
    return yield* giveUp(`calls under way for ever: ${paths.join()}`)
  }
  for (const exit of [...disturbed, ...done.value]) {
    if (Exit.isFailure(exit)) blame(must.defects, Cause.pretty(exit.cause))
  }
  yield* Effect.forEach(workers, (ask) => Effect.repeat(ask(true), { times: 19 }), { concurrency: "unbounded" })

  yield* Scope.close(clientScope, Exit.void)
  const { statistics } = sim.listener.server()
  const left = yield* Effect.repeat(statistics, {
    schedule: Schedule.upTo(Schedule.spaced("10 millis"), { duration: "5 seconds" }),
    until: ({ connections, persistent }) => connections === 0 && persistent === 0
  })
  if (left.connections > 0 || left.persistent > 0) {
    blame(
      must.server,
      `${left.connections}, ${left.persistent} of them kept`,
      Math.max(left.connections, left.persistent)
    )
  }
}, Effect.scoped)

// The figures.

const table = (title: string, rows: Iterable<readonly [string, number | string]>): string => {
  const lines = [...rows].map(([name, value]) => `  ${name.padEnd(56)} ${String(value).padStart(12)}`)
  return `${title}\n${lines.join("\n")}\n`
}

const sorted = ({ counts }: Tally) => [...counts].toSorted(([a], [b]) => a < b ? -1 : 1)

const figures = (): string =>
  [
    table("operations", [...sorted(operations), ["all", operations.total]]),
    table("how calls ended", sorted(ends)),
    table("faults, and what came of them", sorted(faults)),
    table("disturbances", sorted(disturbances)),
    table("failures, and what excuses them", sorted(failures)),
    table("connections", sorted(links)),
    ...(examples.length === 0 ? [] : [`what went wrong first\n${examples.map((line) => `  ${line}`).join("\n")}\n`]),
    table("must be zero", wrong.counts)
  ].join("\n")

/** For a run that does not end by itself: prints the figures, and ends the process. */
const giveUp = Effect.fnUntraced(function*(why: string): Effect.fn.Return<never> {
  blame(must.hangs, why)
  yield* Console.log(figures())
  return yield* Effect.sync(() => process.exit(1))
})

const progress = (startedAt: number) =>
  Effect.suspend(() => {
    const bad = [...wrong.counts].filter(([, count]) => count > 0).map(([name, count]) => `; ${count} ${name}`)
    return Console.log(
      `${
        ((now() - startedAt) / 1000).toFixed(0).padStart(5)
      } s  ${operations.total} operations, ${faults.total} faults, ` +
        `${links.total} connections, ${failures.total} failures, ${megabytes(process.memoryUsage().heapUsed)}${
          bad.join("")
        }`
    )
  })

/** Failures that nothing waits for. */
const watchForDeaths = Effect.acquireRelease(
  Effect.sync(() => {
    const onDeath = (cause: unknown): void =>
      blame(must.defects, cause instanceof Error ? cause.stack ?? cause.message : String(cause))
    process.on("uncaughtException", onDeath)
    process.on("unhandledRejection", onDeath)
    return onDeath
  }),
  (onDeath) =>
    Effect.sync(() => {
      process.off("uncaughtException", onDeath)
      process.off("unhandledRejection", onDeath)
    })
)

/** Failures that are only logged. Nothing else here logs anything. */
const unhandled = Logger.layer([
  Logger.make(({ cause, message }) => blame(must.defects, `${String(message)} ${Cause.pretty(cause)}`))
])

let fibers = 0

const fiberCount = {
  recordFiberStart: () => void fibers++,
  recordFiberEnd: () => void fibers--
}

/** Resources of this process while no call runs. Those of the soak test itself exist before and after. */
const census = Effect.gen(function*() {
  // Closed resources may need a moment to disappear.
  yield* Effect.sleep("200 millis")
  const bytes = yield* heap
  return { bytes, sockets: sockets(), handles: process.getActiveResourcesInfo().length, fibers }
})

const soak = Effect.fnUntraced(function*(minutes: number, seed: number) {
  const startedAt = now()
  const total = minutes * 60_000
  const beside = isInstalled ? "beside the real owserver" : "without the real owserver, which is not installed"
  yield* Console.log(`node ${process.version}, ${minutes} minutes, seed ${seed}, ${beside}`)
  const late = Effect.andThen(Effect.sleep(1.2 * total + 120_000), giveUp("the run does not come to its end"))
  const report = Effect.forever(Effect.delay(progress(startedAt), Math.min(10_000, total / 3)))
  yield* Effect.forkScoped(late)
  yield* Effect.forkScoped(report)
  yield* Effect.forkScoped(watchForHangs)
  yield* watchForStalls

  // One-time allocations and code that becomes fast are not growth.
  yield* round(total / 10, seed, [])
  const before = yield* census
  const samples: Array<Sample> = []
  yield* round(0.9 * total, seed + 1, samples)
  const after = yield* census

  for (const kind of ["sockets", "handles", "fibers"] as const) {
    const left = after[kind] - before[kind]
    if (left > 0) blame(must[kind], `${before[kind]} before, ${after[kind]} after`, left)
  }
  const growth = after.bytes - before.bytes
  if (growth > 8 * 2 ** 20) blame(must.heap, megabytes(growth))
  const seconds = (now() - startedAt) / 1000
  const memory = table("memory", [
    ...samples.map(({ bytes, minutes }) => [`at work, after ${minutes.toFixed(2)} minutes`, megabytes(bytes)] as const),
    ["slope of these, a minute", megabytes(slopeOf(samples))],
    ["idle, before", megabytes(before.bytes)],
    ["idle, after", megabytes(after.bytes)],
    ["growth", megabytes(growth)],
    ["sockets before, after", `${before.sockets}, ${after.sockets}`],
    ["handles before, after", `${before.handles}, ${after.handles}`],
    ["fibers before, after", `${before.fibers}, ${after.fibers}`]
  ])
  yield* Console.log(
    `\n${memory}\n${figures()}\n${operations.total} operations in ${seconds.toFixed(0)} s, ` +
      `${Math.round(operations.total / seconds)} a second`
  )
  if (wrong.total > 0) yield* Effect.sync(() => process.exitCode = 1)
}, Effect.scoped)

const minutes = Number(process.argv[2] ?? 10)

const main = minutes > 0 && minutes < 24 * 60
  ? Effect.flatMap(Clock.currentTimeMillis, (time) => soak(minutes, Number(process.env["SOAK_SEED"] ?? time % 2 ** 31)))
  : Effect.andThen(Console.error("node test/soak.ts [minutes]"), Effect.sync(() => process.exitCode = 2))

Effect.andThen(watchForDeaths, main).pipe(
  Effect.scoped,
  Effect.provide(unhandled),
  Effect.provideService(Metric.FiberRuntimeMetrics, fiberCount),
  NodeRuntime.runMain
)
