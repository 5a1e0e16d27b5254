/**
 * Many calls as one: a single suspended callback, and no fiber for each.
 *
 * Of each bus a few calls wait at a time, so that the buses are at work at the same time, and other callers have their turns.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as OwError from "../OwError.ts"
import type { Call } from "./connections/Call.ts"
import { Fifo, type Linked } from "./connections/Fifo.ts"
import type { Transport } from "./connections/Transport.ts"
import type { Exchange, Recover } from "./exchange/Exchange.ts"

/** Number of calls for each connection that wait or are under way. */
const callsPerConnection = 8

/** What is left to ask of one bus. */
class Group implements Linked<Group> {
  next: Group | undefined = undefined
  previous: Group | undefined = undefined
  /** Indices of the paths. */
  readonly paths: Array<number> = []
  /** Number of paths that are done with or under way. */
  taken = 0
  /** Number of calls that wait or are under way. */
  open = 0
  /** More of its calls may begin. */
  isReady = false
}

/** How each call is made. */
export interface Rules<A> {
  /** The error of what cannot be sent. */
  readonly refuse: (path: string) => OwError.OwError | undefined
  readonly messageOf: (path: string) => Exchange<A>
  readonly recover: Recover<A, A, OwError.OwError>
  /** Decides what becomes of a call that did not just succeed. */
  readonly onFailure: (
    message: Exchange<A>,
    answer: Effect.Effect<A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
}

/** Asks for each path once. The answers are in the order of the paths. */
export const run = <A>(
  transport: Transport,
  paths: ReadonlyArray<string>,
  rules: Rules<A>
): Effect.Effect<ReadonlyMap<string, Result.Result<A, OwError.OwError>>> =>
  Effect.withFiber((fiber) =>
    Effect.callback((resume) => {
      const batch = new Batch(transport, paths, rules, fiber, resume)
      batch.begin()
      return Effect.suspend(() => batch.giveUp())
    })
  )

type Answers<A> = ReadonlyMap<string, Result.Result<A, OwError.OwError>>

class Batch<A> {
  private readonly transport: Transport
  private readonly paths: ReadonlyArray<string>
  private readonly rules: Rules<A>
  private readonly resume: (answers: Effect.Effect<Answers<A>>) => void
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  /** By the indices of their paths. */
  private readonly answers: Array<Result.Result<A, OwError.OwError>>
  private readonly ready = new Fifo<Group>()
  private readonly calls = new Set<Call>()
  /** What takes more than a callback: a retry, a span, the server's text of an error. */
  private readonly fibers = new Set<Fiber.Fiber<A, OwError.OwError>>()
  private open = 0
  private left: number
  private isGoingOn = false
  private isGivenUp = false

  constructor(
    transport: Transport,
    paths: ReadonlyArray<string>,
    rules: Rules<A>,
    fiber: Fiber.Fiber<unknown, unknown>,
    resume: (answers: Effect.Effect<Answers<A>>) => void
  ) {
    this.transport = transport
    this.paths = paths
    this.rules = rules
    this.fiber = fiber
    this.resume = resume
    this.answers = new Array(paths.length)
    this.left = paths.length
  }

  begin(): void {
    const groups = new Map<string | undefined, Group>()
    for (const [index, path] of this.paths.entries()) {
      const refused = this.rules.refuse(path)
      if (refused !== undefined) {
        this.take(index, Result.fail(refused))
        continue
      }
      const bus = this.transport.buses.nameOf(path)
      let group = groups.get(bus)
      if (group === undefined) {
        group = new Group()
        groups.set(bus, group)
        this.list(group)
      }
      group.paths.push(index)
    }
    this.goOn()
  }

  private list(group: Group): void {
    group.isReady = true
    this.ready.push(group)
  }

  /** Begins as many calls as may wait, of one bus after the other, and ends when none is left. */
  private goOn(): void {
    // A call that ends at once comes back to here from within.
    if (this.isGoingOn) return
    this.isGoingOn = true
    const { maxConnections } = this.transport
    while (this.open < callsPerConnection * maxConnections) {
      const group = this.ready.first
      if (group === undefined) break
      this.ready.delete(group)
      group.isReady = false
      const index = group.paths[group.taken++]
      group.open++
      this.open++
      if (group.taken < group.paths.length && group.open < maxConnections) this.list(group)
      this.send(index, group)
    }
    this.isGoingOn = false
    if (this.left === 0) this.resume(Effect.succeed(new Map(this.paths.map((path, at) => [path, this.answers[at]]))))
  }

  private send(index: number, group: Group): void {
    const { rules, transport } = this
    const message = rules.messageOf(this.paths[index])
    let call: Call | undefined
    const onAnswer = (answer: Effect.Effect<A, OwError.OwError>): void => {
      if (call !== undefined) this.calls.delete(call)
      const outcome = isExit(answer) && Exit.isSuccess(answer) ? answer : rules.onFailure(message, answer)
      if (isExit(outcome)) this.done(index, group, outcome)
      else this.fork(index, group, outcome)
    }
    call = transport.start(this.fiber, message, rules.recover, undefined, onAnswer)
    if (call !== undefined && !(index in this.answers)) this.calls.add(call)
  }

  private fork(index: number, group: Group, outcome: Effect.Effect<A, OwError.OwError>): void {
    const fiber = Effect.runForkWith(this.fiber.context)(outcome)
    this.fibers.add(fiber)
    fiber.addObserver((exit) => {
      this.fibers.delete(fiber)
      this.done(index, group, exit)
    })
  }

  private done(index: number, group: Group, exit: Exit.Exit<A, OwError.OwError>): void {
    if (this.isGivenUp) return
    if (Exit.isSuccess(exit)) this.take(index, Result.succeed(exit.value))
    else {
      const error = Cause.findError(exit.cause)
      if (Result.isFailure(error)) {
        // A defect is no answer.
        return this.resume(Effect.andThen(this.giveUp(), Effect.failCause(error.failure)))
      }
      this.take(index, Result.fail(error.success))
    }
    group.open--
    this.open--
    if (!group.isReady && group.taken < group.paths.length) this.list(group)
    this.goOn()
  }

  private take(index: number, answer: Result.Result<A, OwError.OwError>): void {
    this.answers[index] = answer
    this.left--
  }

  /** Takes back all calls that are left. */
  giveUp(): Effect.Effect<void> {
    this.isGivenUp = true
    for (const call of this.calls) this.transport.giveUp(call)
    return Fiber.interruptAll(this.fibers)
  }
}

/** Whether a call has ended, of which the type cannot say that it is the same. */
const isExit = <A, E>(answer: Effect.Effect<A, E>): answer is Exit.Exit<A, E> => Exit.isExit(answer)
