import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

/** Times two answers of each server. The first one includes the time to open a connection, which is worth knowing. */
export const ping = (options: Server.Options) =>
  Effect.flatMap(Server.addresses, (addresses) => Failure.forEach(addresses, (address) => pingOne(address, options)))

const pingOne = Effect.fnUntraced(function*(address: ServerAddress.ServerAddress, options: Server.Options) {
  const ow = yield* Server.connect(address, options)
  const connect = yield* millis(ow.ping())
  const answer = yield* millis(ow.ping())
  yield* (yield* Output.Json)
    ? Output.json({ server: ow.server, connect, answer })
    : Output.line(`${ow.server} answers: in ${connect} ms with connecting, then in ${answer} ms`)
}, Effect.scoped)

/** Milliseconds with two decimals. */
const millis = <E>(elapsed: Effect.Effect<Duration.Duration, E>): Effect.Effect<number, E> =>
  Effect.map(elapsed, (elapsed) => Number(Duration.toMillis(elapsed).toFixed(2)))
