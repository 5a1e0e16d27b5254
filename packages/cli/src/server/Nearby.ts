/**
 * Servers that announce themselves on the networks of this machine. An announced server may not answer.
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"
import type * as Announced from "./Announced.ts"
import * as KernelBus from "./KernelBus.ts"
import * as Overlay from "./Overlay.ts"

/** Milliseconds within which a running server has answered. */
export const patience = 1500

/** Milliseconds that a failed command spends on a search for advice, and that a server has to answer it. */
const haste = 500

/** Milliseconds that a server has to answer. */
const answerLimit = 1000

/** Maximum addresses of a server to try, and maximum servers at a time, because anybody may announce any number of them. */
const mostTried = 4
const concurrency = 16

/** An address that answers, with the milliseconds that it took; or why the first address does not answer. */
export type Reached = Result.Result<
  { readonly address: ServerAddress.ServerAddress; readonly millis: number },
  OwError.OwError
>

const addressOf = ({ addresses: [host], port }: NodeBrowse.Server): ServerAddress.ServerAddress => ({ host, port })

/** Whether a server answers at an address, and how fast. */
export const answer = (address: ServerAddress.ServerAddress, limit = answerLimit): Effect.Effect<Reached> =>
  Effect.gen(function*() {
    const connector = yield* NodeConnector.make(address)
    const ow = yield* Effect.provideService(
      OwClient.make({ lazy: true, timeout: limit }),
      Connector.Connector,
      connector
    )
    const [elapsed] = yield* Effect.timed(ow.ping())
    return { address, millis: Number(Duration.toMillis(elapsed).toFixed(2)) }
  }).pipe(Effect.scoped, Effect.result)

/** Tries the addresses of a server at the same time, and takes the first one in their order that answers. */
const reach = (
  { addresses, port }: NodeBrowse.Server,
  limit: number
): Effect.Effect<Reached> =>
  Effect.map(
    Effect.forEach(Arr.map(addresses, (host) => ({ host, port })).slice(0, mostTried), (one) => answer(one, limit), {
      concurrency: "unbounded"
    }),
    (all) => all.find(Result.isSuccess) ?? all[0]
  )

/** The servers that answer, with the addresses at which they do. */
export const reachAll = (servers: ReadonlyArray<NodeBrowse.Server>, limit = answerLimit) =>
  Effect.forEach(servers, (server) => Effect.map(reach(server, limit), (reached) => ({ server, reached })), {
    concurrency
  })

/** Looks with the bundle that can, until it is interrupted. */
export const announced = <A>(
  look: (announced: typeof Announced, signal: AbortSignal) => Promise<A>
): Effect.Effect<A, Failure.LocalError> =>
  Effect.tryPromise({
    try: (signal) => import("./Announced.ts").then((module) => look(module, signal)),
    catch: (error) => new Failure.LocalError({ message: error instanceof Error ? error.message : String(error) })
  })

/** Servers that are announced within the given milliseconds. */
export const find = (within: number): Effect.Effect<ReadonlyArray<NodeBrowse.Server>, Failure.LocalError> =>
  announced(({ find }, signal) => find(within, signal))

/** The only server that announces itself, preferably at an address that answers. A server with two names counts once. */
export const only: Effect.Effect<
  ServerAddress.ServerAddress,
  Failure.LocalError | Failure.NoServer | Failure.UsageError
> = Effect.gen(function*() {
  const servers = yield* find(patience)
  const [server, ...others] = Arr.dedupeWith(servers, (a, b) => a.host === b.host && a.port === b.port)
  if (server === undefined) {
    return yield* new Failure.NoServer({ message: "no owserver announces itself on this network: name one with -s" })
  }
  if (others.length > 0) {
    const all = [server, ...others].map((one) => `${one.name} (${ServerAddress.format(addressOf(one))})`)
    return yield* new Failure.UsageError({
      message: `${all.length} owservers announce themselves: ${all.join(", ")}; name one with -s`
    })
  }
  const reached = yield* reach(server, answerLimit)
  return Result.isSuccess(reached) ? reached.success.address : addressOf(server)
})

/** The kernel's own bus needs no server. On a Raspberry Pi it needs a line of the configuration. */
const withoutServer = Effect.gen(function*() {
  if (KernelBus.isThere() || (yield* Overlay.read()) === undefined) return undefined
  return "sensors on the pins of this Raspberry Pi need no owserver, but its kernel shows no bus: ow doctor -s w1: says what to do"
})

/** An alternative to an unreachable server. `undefined` if no other server answers, and this is not a Raspberry Pi. */
export const advice: Effect.Effect<string | undefined> = Effect.gen(function*() {
  const servers = yield* Effect.orElseSucceed(find(haste), () => [])
  const answering = (yield* reachAll(servers, haste)).flatMap(({ reached }) =>
    Result.isSuccess(reached) ? [ServerAddress.format(reached.success.address)] : []
  )
  const [first, ...others] = new Set(answering)
  if (first === undefined) return yield* withoutServer
  return others.length === 0
    ? `an owserver answers at ${first}: -s ${first}`
    : `owservers answer at ${[first, ...others].join(", ")}: name one with -s`
})
