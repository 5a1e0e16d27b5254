/**
 * The examination of one server, step by step. It writes nothing to the server.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as DeviceError from "@effect-ownet/core/device/DeviceError"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as MessageType from "@effect-ownet/core/protocol/MessageType"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Server from "../server/Server.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as BusErrors from "./BusErrors.ts"
import * as BusMaster from "./BusMaster.ts"
import * as DeviceChecks from "./DeviceChecks.ts"
import type { Finding } from "./Finding.ts"
import * as KernelChecks from "./KernelChecks.ts"
import * as KernelFacts from "./KernelFacts.ts"
import * as Reach from "./Reach.ts"
import * as Reads from "./Reads.ts"
import * as Thermometers from "./Thermometers.ts"

/** Default time limit of a step, in milliseconds. `--timeout` changes it. */
const defaultLimit = 10_000

/** Maximum attempts at an operation that a bus has refused. One fault proves nothing. */
const mostAttempts = 3

const pause = "200 millis"

/** Maximum time of all steps together, as a multiple of one step's limit, for a server whose list of buses does not end. */
const mostSteps = 12

/** Maximum buses to search one by one. */
const mostBuses = 64

/** The server is unreachable, and nothing more can be checked. */
class Lost extends Data.TaggedError("Lost") {}

/** A step took longer than its limit. */
class TooSlow extends Data.TaggedError("TooSlow")<{ readonly message: string }> {}

/** A bus refused an operation on every attempt. */
class Refused extends Data.TaggedError("Refused")<{
  readonly error: OwError.OwnetError
  readonly attempts: number
}> {
  override get message(): string {
    return `${this.error.message} (${this.attempts} times out of ${this.attempts})`
  }
}

type StepError = OwError.OwError | DeviceError.DeviceError | TooSlow | Refused

const isBusFault = (error: StepError): error is OwError.OwnetError =>
  error._tag === "OwnetError" && error.reason._tag === "BusFault"

const unsteady =
  "The bus works, but fails now and then: look for loose contacts, long stubs, and power that is too weak"

type Tell = (finding: Finding) => Effect.Effect<void>

/** Examines a server, or the kernel's own buses, and reports each finding at once. */
export const examine = Effect.fnUntraced(function*(address: ServerAddress.ServerAddress, tell: Tell) {
  const settings = yield* Settings
  const limit = Option.getOrElse(settings.timeout, () => defaultLimit)
  const reached = ServerAddress.isW1(address)
    ? yield* kernel(address, limit, tell)
    : yield* server(address, limit, tell)
  if (reached === undefined) return
  const ow = yield* Effect.provideService(Server.connect(address), Settings, {
    ...settings,
    timeout: Option.some(limit)
  })
  const examination = new Examination(ow, limit, reached)
  const whole = Effect.catchTag(
    examination.run(),
    "Lost",
    () => Effect.void
  )
  const done = yield* Effect.timeoutOption(whole, mostSteps * limit)
  if (Option.isSome(done)) return
  yield* Output.progressing("")
  yield* tell({
    ...failed(
      "time",
      new TooSlow({ message: `not done within ${mostSteps * limit / 1000} s, and the rest was left out` })
    ),
    advice:
      "Each step answers, and all of them take too long: a server with very many buses or devices needs a longer --timeout"
  })
}, Effect.scoped)

/** A server or a bus that answers. */
interface Reached {
  readonly isKernel: boolean
  /** Reports a finding, and any findings that the facts add to it. */
  readonly tell: Tell
}

/** Checks the connection to a server. */
const server = Effect.fnUntraced(function*(address: ServerAddress.TcpAddress, limit: number, tell: Tell) {
  const connector = yield* NodeConnector.make(address)
  const [name, endpoints] = yield* Output.withProgress(
    `resolving ${address.host} …`,
    Reach.resolve(address, connector, limit)
  )
  yield* tell(name)
  if (name.status === "fail") return undefined
  const connection = yield* Output.withProgress(
    `connecting to ${connector.server} …`,
    Reach.connect(endpoints, limit)
  )
  yield* tell(connection)
  return connection.status === "fail" ? undefined : { isKernel: false, tell } satisfies Reached
})

/** Checks the facts that the kernel reports about its buses. */
const kernel = Effect.fnUntraced(function*({ w1 }: ServerAddress.W1Address, limit: number, tell: Tell) {
  const facts = yield* Output.withProgress(
    `looking into ${w1} …`,
    Effect.timeoutOption(KernelFacts.read(w1), 3 * limit)
  )
  if (Option.isNone(facts)) {
    yield* tell({
      ...failed("kernel", new TooSlow({ message: `looking into ${w1}: not done within ${3 * limit / 1000} s` })),
      advice: "The drivers try several times to reach each device that does not answer: look at the wires of the bus"
    })
    return { isKernel: true, tell } satisfies Reached
  }
  for (const finding of KernelChecks.judge(facts.value)) yield* tell(finding)
  if (!KernelChecks.hasBus(facts.value)) return undefined
  return {
    isKernel: true,
    tell: (finding) =>
      Effect.andThen(
        tell(KernelChecks.adapted(facts.value, finding)),
        Effect.forEach(KernelChecks.after(facts.value, finding), tell, { discard: true })
      )
  } satisfies Reached
})

/** The examination of a server that accepts connections. */
class Examination {
  private readonly ow: OwClient.Client
  private readonly limit: number
  private readonly isKernel: boolean
  private readonly tell: Tell
  /** Number of faults of each bus that could not be searched. */
  private readonly faults = new Map<string, number>()

  constructor(ow: OwClient.Client, limit: number, { isKernel, tell }: Reached) {
    this.ow = ow
    this.limit = limit
    this.isKernel = isKernel
    this.tell = tell
  }

  readonly run = Effect.fnUntraced(function*(this: Examination) {
    const { isKernel, ow } = this
    if (isKernel) {
      // The kernel has no connection, and remembers and counts nothing.
      const found = yield* this.buses
      return found === undefined ? undefined : yield* this.devices(found, [])
    }
    yield* this.answer
    yield* this.check("persistence", "asking for persistence", persistence(ow))
    yield* this.check("latency", "timing answers", latency(ow))
    // This comes before any search changes what the server remembers.
    const remembered = yield* this.step("buses", "listing the buses", remembers(ow))
    const found = yield* remembered === undefined ? this.countedBuses : this.buses
    if (found !== undefined) yield* this.devices(found, remembered ?? [])
    yield* this.check("reads", "reading the server's counters", Reads.examine(ow))
  })

  /** Searches all buses at the same time, each call within its limit. */
  private get buses(): Effect.Effect<Discovery.Found | undefined, Lost> {
    return this.step(
      "buses",
      "searching the buses",
      Effect.flatMap(search(this.ow), (found) => this.searched(found)),
      undefined,
      3 * this.limit
    )
  }

  /** Searches again each bus that had a fault, and reports how often it had one. */
  private searched(found: Discovery.Found): Effect.Effect<Discovery.Found> {
    return Effect.gen({ self: this }, function*() {
      const later: Array<Discovery.Found> = []
      const lasting: Array<Discovery.Found["failures"][number]> = []
      for (const failure of found.failures) {
        const isFault = isBusFault(failure.error)
        const most = isFault && failure.place.branches.length === 0 ? mostAttempts : 1
        const bus = Place.format(failure.place)
        let failures = 1
        let again: Discovery.Found | undefined
        while (again === undefined && failures < most) {
          yield* Effect.sleep(pause)
          const attempt = yield* Effect.option(search(this.ow, bus))
          if (Option.isSome(attempt) && attempt.value.failures.length === 0) again = attempt.value
          else failures++
        }
        if (again === undefined) {
          if (isFault) this.faults.set(bus, failures)
          lasting.push(failure)
          continue
        }
        later.push(again)
        yield* this.tell({
          check: "bus faults",
          bus,
          status: "warn",
          message: `failed ${failures} of ${failures + 1} searches with a fault of the bus`,
          advice: unsteady,
          details: { failures, attempts: failures + 1 }
        })
      }
      return joined([{ ...found, failures: lasting }, ...later])
    })
  }

  /** Searches one bus after another on a server that does not list them, because all of them fail. */
  private get countedBuses(): Effect.Effect<Discovery.Found | undefined, Lost> {
    const { ow } = this
    return Effect.gen({ self: this }, function*() {
      const count = yield* Effect.orElseSucceed(ow.readText("/system/connections/count_current_buses"), () => "")
      const found: Array<Discovery.Found> = []
      for (let index = 0; index < Math.min(Number(count), mostBuses); index++) {
        const bus = `bus.${index}`
        const on = yield* this.step("bus", `searching ${bus}`, search(ow, bus), bus)
        if (on !== undefined) found.push(on)
      }
      return found.length === 0 ? undefined : joined(found)
    })
  }

  /** Checks the devices of the buses that could be searched. */
  private readonly devices = Effect.fnUntraced(function*(
    this: Examination,
    { buses, devices, failures, ghosts }: Discovery.Found,
    names: ReadonlyArray<string>
  ) {
    const { isKernel, ow } = this
    for (const { error, place } of failures) {
      const bus = Place.format(place)
      const attempts = this.faults.get(bus)
      yield* this.hasFailed(
        "bus",
        attempts !== undefined && isBusFault(error) ? new Refused({ error, attempts }) : error,
        bus
      )
    }
    const before = new Map<string, BusErrors.Counters>()
    const again = new Map<string, ReadonlyArray<string>>()
    let isWaiting = buses.length > 0
    for (const bus of buses) {
      // Errors counted from here on are new. The kernel counts none.
      if (!isKernel) before.set(bus, yield* Effect.orElseSucceed(BusErrors.read(ow, bus), () => ({})))
      const count = devices.filter((device) => device.bus === bus).length
      const searched = yield* this.step("bus", `searching ${bus} again`, BusMaster.search(ow, bus, count), bus)
      isWaiting &&= searched?.isMonitor === true
      if (searched === undefined) continue
      again.set(bus, searched.names)
      // The kernel's facts about the bus have been reported already.
      if (!isKernel) yield* this.tell(searched.finding)
    }
    // A device that was not found may be on a bus that could not be searched.
    const isComplete = failures.length === 0
    const remembered = isComplete ? names : []
    yield* this.tellAll(DeviceChecks.compare({ devices, ghosts, again, remembered, isWaiting }))
    yield* this.check("aliases", "looking up aliases", DeviceChecks.aliases(ow, devices, isComplete))
    // This step keeps to the limit itself, and reports the thermometers that it has read by then.
    yield* this.check(
      "thermometers",
      "reading thermometers",
      Thermometers.examine(devices, this.limit),
      2 * this.limit
    )
    for (const [bus, counters] of before) {
      const after = yield* this.step("errors", `reading the counters of ${bus}`, BusErrors.read(ow, bus), bus)
      if (after !== undefined) yield* this.tell(BusErrors.judge(bus, counters, after))
    }
  })

  private get answer(): Effect.Effect<void, Lost> {
    const { limit, ow } = this
    const late = new TooSlow({ message: `accepted the connection, but sent nothing for ${limit / 1000} s` })
    const asked = Effect.timeoutOrElse(ow.ping({ timeout: Infinity }), {
      duration: limit,
      orElse: () => Effect.fail(late)
    })
    return Output.withProgress(`waiting for ${ow.server} …`, asked).pipe(
      Effect.catch((error) => Effect.andThen(this.tell(failed("owserver", error)), new Lost())),
      Effect.andThen(this.check("owserver", "asking for its version", version(ow)))
    )
  }

  private tellAll(findings: ReadonlyArray<Finding>): Effect.Effect<void> {
    return Effect.forEach(findings, this.tell, { discard: true })
  }

  /** Runs a step that returns findings, and reports them. */
  private check(
    name: string,
    doing: string,
    step: Effect.Effect<ReadonlyArray<Finding>, StepError>,
    limit?: number
  ): Effect.Effect<void, Lost> {
    return Effect.flatMap(
      this.step(name, doing, step, undefined, limit),
      (findings) => this.tellAll(findings ?? [])
    )
  }

  /** Runs a step within its limit. A failure is reported, and ends the examination only if the server is unreachable. */
  private step<A>(
    check: string,
    doing: string,
    step: Effect.Effect<A, StepError>,
    bus?: string,
    limit = this.limit
  ): Effect.Effect<A | undefined, Lost> {
    const late = new TooSlow({ message: `${doing}: not done within ${limit / 1000} s` })
    return Output.withProgress(
      `${doing} …`,
      Effect.timeoutOrElse(this.attempts(doing, step, bus), { duration: limit, orElse: () => Effect.fail(late) })
    ).pipe(
      Effect.catch((error: StepError) => this.hasFailed(check, error, bus))
    )
  }

  /** Repeats an operation that a bus has refused, and reports how many attempts it took. */
  private attempts<A>(doing: string, step: Effect.Effect<A, StepError>, bus?: string): Effect.Effect<A, StepError> {
    let failures = 0
    return step.pipe(
      Effect.tapError((error) => Effect.sync(() => failures += isBusFault(error) ? 1 : 0)),
      Effect.retry({ while: isBusFault, times: mostAttempts - 1, schedule: Schedule.spaced(pause) }),
      Effect.mapError((error) => isBusFault(error) ? new Refused({ error, attempts: failures }) : error),
      Effect.tap(() =>
        failures === 0 ? Effect.void : this.tell({
          check: "bus faults",
          bus,
          status: "warn",
          message: `${doing}: failed ${failures} of ${failures + 1} times with a fault of the bus`,
          advice: unsteady,
          details: { failures, attempts: failures + 1 }
        })
      )
    )
  }

  private hasFailed(check: string, error: StepError, bus?: string): Effect.Effect<undefined, Lost> {
    const finding: Finding = { ...failed(check, error), bus }
    // A server that refuses a request is reachable.
    const isAnswer = error._tag === "OwnetError" || error._tag === "DeviceError" || error._tag === "Refused"
    return (check === "bus" && bus !== undefined ? BusMaster.failed(this.ow, bus, finding) : Effect.succeed(finding))
      .pipe(
        Effect.flatMap(this.tell),
        Effect.andThen(isAnswer ? Effect.undefined : this.stillThere)
      )
  }

  private get stillThere(): Effect.Effect<undefined, Lost> {
    return Effect.matchEffect(this.ow.ping(), {
      onSuccess: () => Effect.undefined,
      onFailure: (error) =>
        Effect.andThen(
          this.tell({
            ...failed("answer", error),
            message: `the server no longer answers, so the rest could not be checked: ${error.message}`
          }),
          new Lost()
        )
    })
  }
}

const joined = (found: ReadonlyArray<Discovery.Found>): Discovery.Found => ({
  devices: found.flatMap(({ devices }) => devices),
  buses: found.flatMap(({ buses }) => buses),
  failures: found.flatMap(({ failures }) => failures),
  ghosts: found.flatMap(({ ghosts }) => ghosts)
})

const failed = (check: string, error: StepError): Finding => ({
  check,
  status: "fail",
  message: error.message,
  advice: adviceOf(error),
  exitStatus: error._tag === "TooSlow"
    ? Failure.statuses.timeout
    : error._tag === "Refused"
    ? Failure.statuses.refused
    : Failure.statusOf(error)
})

const hanging =
  "It hangs, or waits for a bus that does: restart owserver (systemctl restart owserver), and if that does not " +
  "help, unplug the bus master and plug it in again. A slow network may only need a longer --timeout"

const adviceOf = (error: StepError): string => {
  switch (error._tag) {
    case "TooSlow":
    case "OwnetTimeout":
      return hanging
    case "ConnError":
      return error.reason._tag === "Closed" || error.attempts.some(({ problem }) => problem.includes("closed"))
        ? "It closes connections: it is ending or being restarted, and its log says why (journalctl -u owserver), or it is not " +
          "an owserver"
        : hanging
    case "ProtocolError":
      return "Something other than an owserver listens there: check the port, which is 4304 by default"
    case "Refused":
      return adviceOf(error.error)
    case "OwnetError":
      return error.reason._tag === "BusFault"
        ? "The bus master does not work: look at its USB or serial plug, its power, and the server's log " +
          "(journalctl -u owserver); then restart owserver"
        : error.message
    default:
      return error.message
  }
}

const version = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Finding>, OwError.OwError> =>
  ow.readText("/system/configuration/version").pipe(
    // Some servers do not report their version.
    Effect.catchTag("OwnetError", () => Effect.succeed(null)),
    Effect.map((version) => [{
      check: "owserver",
      status: "ok",
      message: version === null ? "answers, but does not report its version" : `answers: version ${version}`,
      details: { version }
    }])
  )

const persistence = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Finding>, OwError.OwError> =>
  Effect.map(ow.sendMessage(MessageType.Nop, ""), ({ flags }) => {
    const granted = ControlFlags.isPersistent(flags)
    return [{
      check: "persistence",
      status: granted ? "ok" : "warn",
      message: granted
        ? "granted: connections are kept"
        : "refused: each call needs its own connection, and takes longer",
      advice: granted
        ? undefined
        : "The server keeps 20 connections for all clients together: find out which programs hold them. Or it was started with " +
          "--no_persistence",
      details: { granted }
    }]
  })

/** Number of pings to time. */
const pings = 12

/** Times from which a network counts as slow, in milliseconds. */
const slow = { median: 100, worst: 1000 }

const latency = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Finding>, OwError.OwError> =>
  Effect.map(Effect.forEach(Array.from({ length: pings }), () => ow.ping()), (answers) => {
    const sorted = answers.map(Duration.toMillis).toSorted((a, b) => a - b)
    const median = Time.round(sorted[Math.floor((pings - 1) / 2)])
    const worst = Time.round(sorted[pings - 1])
    const isSlow = median > slow.median || worst > slow.worst
    return [{
      check: "latency",
      status: isSlow ? "warn" : "ok",
      message: `${median} ms, and ${worst} ms at worst, of ${pings} answers`,
      advice: isSlow
        ? "The network to the server is slow or lossy, or its machine is busy: every read takes that much longer. Look at the " +
          "wireless network, and at the load of that machine"
        : undefined,
      details: { count: pings, median, worst }
    }]
  })

const search = (ow: OwClient.Client, bus?: string): Effect.Effect<Discovery.Found, OwError.OwError> =>
  Effect.provideService(Discovery.devices({ bus, flags: { uncached: true } }), OwClient.OwClient, ow)

/** Names of the devices that a server lists. It may remember them from an earlier search. */
const remembers = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<string>, OwError.OwError> =>
  Effect.map(
    ow.dir("/", { slash: false, bus: true }),
    (paths) => paths.map((path) => path.slice(1)).filter((name) => !own.has(name) && !/^bus\.\d+$/.test(name))
  )

/** Entries of `/` that are neither devices nor buses. */
const own: ReadonlySet<string> = new Set([
  "uncached",
  "settings",
  "system",
  "statistics",
  "structure",
  "simultaneous",
  "alarm"
])
