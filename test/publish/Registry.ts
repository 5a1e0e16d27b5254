/** A registry on this machine for our packages alone: all others come from where they always come from. */
import { Effect, Schedule, Schema } from "effect"
import { HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import { ChildProcess } from "effect/process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import { root } from "../packed/Running.ts"

const freePort = Effect.callback<number>((resume) => {
  const server = Net.createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** Starts one, and gives the lines of `.npmrc` by which a user finds it, and by which somebody publishes there. */
export const start = Effect.fnUntraced(function*(folder: string) {
  const port = yield* freePort
  const address = `127.0.0.1:${port}`
  const config = Path.join(folder, "verdaccio.json")
  Fs.writeFileSync(
    config,
    JSON.stringify({
      storage: Path.join(folder, "storage"),
      auth: { htpasswd: { file: Path.join(folder, "htpasswd") } },
      uplinks: {},
      packages: { "@effect-ownet/*": { access: "$all", publish: "$authenticated" } },
      max_body_size: "50mb",
      log: { type: "stdout", format: "json", level: "warn" },
      web: { enable: false }
    })
  )
  yield* ChildProcess.make(
    process.execPath,
    [Path.join(root, "test/node_modules/verdaccio/bin/verdaccio"), "--config", config, "--listen", address],
    { cwd: folder, stdin: "ignore", stdout: "ignore", stderr: "ignore", extendEnv: true }
  )
  const user = yield* HttpClientRequest.put(`http://${address}/-/user/org.couchdb.user:release`).pipe(
    HttpClientRequest.bodyJsonUnsafe({ name: "release", password: "only-on-this-machine", type: "user" }),
    HttpClient.execute,
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Schema.Struct({ token: Schema.String }))),
    Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 300 })
  )
  const reader = `@effect-ownet:registry=http://${address}/\n`
  return { reader, publisher: `${reader}//${address}/:_authToken=${user.token}\n` }
})
