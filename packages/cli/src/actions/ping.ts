import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Output from "../terminal/Output.ts"

/** Times two answers: the first one needs a connection, and the time to open it is worth knowing. */
export const ping = (options: Server.Options) =>
  Server.use(options, (ow) =>
    Effect.gen(function*() {
      const connect = yield* millis(ow.ping())
      const answer = yield* millis(ow.ping())
      yield* (yield* Output.Json)
        ? Output.json({ server: ow.server, connect, answer })
        : Output.line(`${ow.server} answers: in ${connect} ms with connecting, then in ${answer} ms`)
    }))

/** Milliseconds with two decimals. */
const millis = <E>(elapsed: Effect.Effect<Duration.Duration, E>): Effect.Effect<number, E> =>
  Effect.map(elapsed, (elapsed) => Number(Duration.toMillis(elapsed).toFixed(2)))
