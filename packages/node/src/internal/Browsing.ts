/**
 * Queries and listens on the links of this machine: it sends the queries of `Announcements` on all of them, and reports the
 * changes.
 */
import * as MulticastDns from "@effect-ownet/core/protocol/MulticastDns"
import type * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as NodeBrowse from "../NodeBrowse.ts"
import { Announcements, type Source } from "./Announcements.ts"

/** A received packet, and the host that sent it. */
export interface Received {
  readonly payload: Uint8Array
  readonly source: Source
}

/** An interface of this machine, with one version of IP. */
export interface Link<E> {
  readonly send: (payload: Uint8Array) => Effect.Effect<void, E>
  readonly receive: Effect.Effect<ReadonlyArray<Received>, E>
}

/** Maximum number of waiting packets. A packet that does not fit is not lost for good: its records are queried again. */
const mostWaiting = 1024

/** Time limit for sending. A link that takes longer does not work. */
const sendLimit = "1 second"

const millis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Follows the announcements on some links, until none of them works. */
export const follow = <E>(links: Arr.NonEmptyReadonlyArray<Link<E>>): Stream.Stream<NodeBrowse.Event, E> =>
  Stream.unwrap(Effect.gen(function*() {
    const received = yield* Queue.dropping<Received, E>(mostWaiting)
    const receive = ({ receive }: Link<E>) =>
      Effect.forever(Effect.flatMap(receive, (all) => Queue.offerAll(received, all)))
    const receiving = yield* Effect.forEach(links, (link) => Effect.forkScoped(receive(link)))
    yield* Effect.forkScoped(
      Effect.flatMap(
        Fiber.awaitAll(receiving),
        ([exit]) => Exit.isFailure(exit) ? Queue.failCause(received, exit.cause) : Effect.void
      )
    )
    const announcements = new Announcements(yield* millis)

    const send = Effect.fnUntraced(function*(payload: Uint8Array) {
      const sent = yield* Effect.forEach(
        links,
        ({ send }) => Effect.result(Effect.timeoutOption(send(payload), sendLimit)),
        { concurrency: "unbounded" }
      )
      const [first] = sent
      if (sent.every(Result.isFailure) && Result.isFailure(first)) yield* Queue.fail(received, first.failure)
    })

    const scope = yield* Effect.scope
    const ask = Effect.gen(function*() {
      const packet = announcements.ask(yield* millis)
      // A link that blocks must not delay the others.
      if (packet !== undefined) yield* Effect.forkIn(send(MulticastDns.encode(packet)), scope)
    })

    const listen = Effect.gen(function*() {
      const wait = Math.max(0, announcements.next - (yield* millis))
      const all = yield* Effect.timeoutOption(Queue.takeAll(received), wait)
      const now = yield* millis
      for (const { payload, source } of Option.getOrElse(all, () => [])) {
        const packet = MulticastDns.decode(payload)
        if (Result.isSuccess(packet)) announcements.receive(packet.success, source, now)
      }
      const at = new Date(yield* Clock.currentTimeMillis)
      return announcements.changes(now).map((change): NodeBrowse.Event => ({ ...change, at }))
    })

    return Stream.flattenIterable(Stream.fromEffectRepeat(Effect.andThen(ask, listen)))
  }))
