import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Output from "../terminal/Output.ts"

/** Times two answers: the first one needs a connection, and the time to open it is worth knowing. */
export const ping = (options: Server.Options) =>
  Server.use(options, (ow) =>
    Effect.gen(function*() {
      const connect = yield* timed(ow.ping())
      const answer = yield* timed(ow.ping())
      yield* (yield* Output.Json)
        ? Output.json({ server: ow.server, connect, answer })
        : Output.line(`${ow.server} answers: in ${connect} ms with connecting, then in ${answer} ms`)
    }))

/** Milliseconds that an effect takes, with two decimals. */
const timed = <E, R>(effect: Effect.Effect<void, E, R>): Effect.Effect<number, E, R> =>
  Effect.map(Effect.timed(effect), ([elapsed]) => Number(Duration.toMillis(elapsed).toFixed(2)))
