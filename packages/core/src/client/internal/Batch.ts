/**
 * Many calls as one: a single suspended callback, and no fiber for each call.
 *
 * Only a few calls of each bus wait at a time, so that the buses work at the same time, and other callers get their turns.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as OwError from "../OwError.ts"
import type { Call } from "./connections/Call.ts"
import { Fifo, type Linked } from "./connections/Fifo.ts"
import { type Named, Names } from "./connections/Names.ts"
import type { Transport } from "./connections/Transport.ts"
import type { Exchange, Recover } from "./exchange/Exchange.ts"

/** Maximum number of calls for each connection that wait or are under way. */
const callsPerConnection = 8

/** The calls of one bus that wait or are under way, and the paths that are left. */
class Group implements Named<Group> {
  readonly name: string
  readonly hash: number
  sibling: Group | undefined = undefined
  open = 0
  /** Indices of the paths put off until later, and how many of them have been taken. */
  private left: Array<number> | undefined = undefined
  private taken = 0

  constructor(name: string, hash: number) {
    this.name = name
    this.hash = hash
  }

  leave(index: number): void {
    if (this.left === undefined) this.left = [index]
    else this.left.push(index)
  }

  get hasLeft(): boolean {
    return this.left !== undefined && this.taken < this.left.length
  }

  take(): number | undefined {
    return this.left?.[this.taken++]
  }
}

/** A call that waits or is under way. */
class Item<A> implements Linked<Item<A>> {
  next: Item<A> | undefined = undefined
  previous: Item<A> | undefined = undefined
  call: Call | undefined = undefined
  readonly index: number
  readonly group: Group
  readonly message: Exchange<A>

  constructor(index: number, group: Group, message: Exchange<A>) {
    this.index = index
    this.group = group
    this.message = message
  }
}

/** How to make each call. */
export interface Rules<A> {
  /** The error of a path that cannot be sent. */
  readonly refuse: (path: string) => OwError.OwError | undefined
  readonly messageOf: (path: string) => Exchange<A>
  readonly recover: Recover<A, A, OwError.OwError>
  /** Decides what happens to a call that did not succeed at once. */
  readonly onFailure: (
    message: Exchange<A>,
    answer: Effect.Effect<A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
}

/** Makes one call for each path. The answers are in the order of the paths. */
export const run = <A>(
  transport: Transport,
  paths: ReadonlyArray<string>,
  rules: Rules<A>
): Effect.Effect<ReadonlyMap<string, Result.Result<A, OwError.OwError>>> =>
  Effect.withFiber((fiber) =>
    Effect.callback((resume) => {
      const batch = new Batch(transport, paths, rules, fiber, resume)
      batch.goOn()
      return Effect.suspend(() => batch.giveUp())
    })
  )

type Answers<A> = ReadonlyMap<string, Result.Result<A, OwError.OwError>>

class Batch<A> {
  private readonly transport: Transport
  private readonly paths: ReadonlyArray<string>
  private readonly rules: Rules<A>
  private readonly fiber: Fiber.Fiber<unknown, unknown>
  private readonly resume: (answers: Effect.Effect<Answers<A>>) => void
  /** By the indices of their paths. */
  private readonly answers: Array<Result.Result<A, OwError.OwError>>
  private readonly groups = new Names((name, hash) => new Group(name, hash))
  /** The calls that concern no bus. */
  private readonly unbound = new Group("", 0)
  /** Groups whose calls have ended. Each occurs as often as it may continue with its remaining paths. */
  private readonly ready: Array<Group> = []
  private readonly open = new Fifo<Item<A>>()
  /** Work that needs more than a callback: a retry, a span, the server's text of an error. */
  private readonly fibers = new Set<Fiber.Fiber<A, OwError.OwError>>()
  /** Index of the first path that has not been looked at. */
  private at = 0
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
    this.answers = Array.from<Result.Result<A, OwError.OwError>>({ length: paths.length })
  }

  /** Starts as many calls as may wait, and ends the batch if none is left. */
  goOn(): void {
    // A call that ends at once calls this again from inside.
    if (this.isGoingOn) return
    this.isGoingOn = true
    const most = callsPerConnection * this.transport.maxConnections
    while (this.open.size < most && !this.isGivenUp && (this.beginLeft() || this.beginNext()));
    this.isGoingOn = false
    if (this.open.size > 0 || this.isGivenUp) return
    this.resume(Effect.succeed(new Map(this.paths.map((path, at) => [path, this.answers[at]]))))
  }

  /** Starts a call that was put off. */
  private beginLeft(): boolean {
    const group = this.ready.pop()
    if (group === undefined) return false
    const index = group.take()
    if (index !== undefined) this.begin(index, group)
    return true
  }

  /** Looks at the next path. */
  private beginNext(): boolean {
    if (this.at >= this.paths.length) return false
    const index = this.at++
    const path = this.paths[index]
    const refused = this.rules.refuse(path)
    if (refused !== undefined) {
      this.answers[index] = Result.fail(refused)
      return true
    }
    const group = this.transport.buses.find(path, this.groups) ?? this.unbound
    if (group.open < this.transport.maxConnections) this.begin(index, group)
    else group.leave(index)
    return true
  }

  private begin(index: number, group: Group): void {
    const item = new Item(index, group, this.rules.messageOf(this.paths[index]))
    group.open++
    this.open.push(item)
    item.call = this.transport.start(
      this.fiber,
      item.message,
      this.rules.recover,
      undefined,
      (answer) => this.onAnswer(item, answer)
    )
  }

  private onAnswer(item: Item<A>, answer: Effect.Effect<A, OwError.OwError>): void {
    const outcome = isExit(answer) && Exit.isSuccess(answer) ? answer : this.rules.onFailure(item.message, answer)
    if (isExit(outcome)) return this.done(item, outcome)
    const fiber = Effect.runForkWith(this.fiber.context)(outcome)
    this.fibers.add(fiber)
    fiber.addObserver((exit) => {
      this.fibers.delete(fiber)
      this.done(item, exit)
    })
  }

  private done(item: Item<A>, exit: Exit.Exit<A, OwError.OwError>): void {
    if (this.isGivenUp) return
    const { group, index } = item
    if (Exit.isSuccess(exit)) this.answers[index] = Result.succeed(exit.value)
    else {
      const error = Cause.findError(exit.cause)
      if (Result.isFailure(error)) {
        // A defect is not an answer.
        return this.resume(Effect.andThen(this.giveUp(), Effect.failCause(error.failure)))
      }
      this.answers[index] = Result.fail(error.success)
    }
    this.open.delete(item)
    group.open--
    if (group.hasLeft) this.ready.push(group)
    else if (group.open === 0 && group !== this.unbound) this.groups.delete(group)
    this.goOn()
  }

  /** Cancels all remaining calls. */
  giveUp(): Effect.Effect<void> {
    this.isGivenUp = true
    const calls: Array<Call> = []
    for (let item = this.open.first; item !== undefined; item = item.next) {
      if (item.call !== undefined) calls.push(item.call)
    }
    // Waiting calls go first, so that closing the calls under way opens no connection for them.
    for (const call of calls) if (call.connection === undefined) this.transport.giveUp(call)
    for (const call of calls) if (call.connection !== undefined) this.transport.giveUp(call)
    return Fiber.interruptAll(this.fibers)
  }
}

/** Whether a call has ended. The types cannot show that it is the same. */
const isExit = <A, E>(answer: Effect.Effect<A, E>): answer is Exit.Exit<A, E> => Exit.isExit(answer)
