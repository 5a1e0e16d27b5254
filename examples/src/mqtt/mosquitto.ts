/** A broker for tests. */
import { Effect, Schedule } from "effect"
import { ChildProcess } from "effect/process"
import { spawnSync } from "node:child_process"
import * as Net from "node:net"

// Debian has it where only administrators look.
const env = { PATH: `${process.env["PATH"]}:/usr/sbin` }

export const isInstalled = spawnSync("mosquitto", ["-h"], { env }).error === undefined

/** Under CI the tests with a broker run, and fail where there is none. */
export const isRequired = process.env["CI"] !== undefined

export const freePort = Effect.callback<number>((resume) => {
  const server = Net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** Listens on a port of the loopback interface, until its scope closes. */
export const start = Effect.fnUntraced(function*(port: number) {
  yield* ChildProcess.make("mosquitto", ["-p", `${port}`], {
    env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    killSignal: "SIGKILL"
  })
  const knock = Effect.callback<void, Error>((resume) => {
    const socket = Net.connect(port, "127.0.0.1")
    socket.once("connect", () => resume(Effect.void))
    socket.once("error", (error) => resume(Effect.fail(error)))
    return Effect.sync(() => socket.destroy())
  })
  yield* Effect.retry(knock, Schedule.spaced("20 millis").pipe(Schedule.upTo({ duration: "10 seconds" })))
})
