import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Output from "../terminal/Output.ts"

/** The first answer takes a connection, and what opening one takes is what somebody who asks wants to know, too. */
export const ping = (given: Server.Given) =>
  Server.use(given, (ow) =>
    Effect.gen(function*() {
      const isJson = yield* Output.Json
      const millis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1e6)
      const start = yield* millis
      yield* ow.ping()
      const connected = yield* millis
      yield* ow.ping()
      const answered = yield* millis
      const connect = round(connected - start)
      const answer = round(answered - connected)
      yield* isJson
        ? Output.json({ server: ow.server, connect, answer })
        : Output.line(`${ow.server} answers: in ${connect} ms with connecting, then in ${answer} ms`)
    }))

const round = (millis: number): number => Number(millis.toFixed(2))
