import { Network, type OwClient } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger } from "effect"
import { HttpServer } from "effect/http"
import { NetAddress } from "effect/net"
import { globSync, readFileSync } from "node:fs"
import { createServer, request } from "node:http"
import { text } from "node:stream/consumers"
import * as Collector from "../observability/Collector.ts"
import * as observability from "../observability/observability.ts"

type Served = Layer.Layer<
  never,
  Layer.Error<typeof observability.server>,
  Layer.Services<typeof observability.server> | OwClient.OwClient
>

/** Every server of an example, with a path that it answers. */
const servers: Readonly<Record<string, readonly [server: Served, path: string]>> = {
  "observability/Collector.ts": [Collector.layer(() => Effect.void), "/v1/logs"],
  "observability/observability.ts": [observability.server, "/health"]
}

const network = Layer.provideMerge(Network.fromClient, TestOwClient.layer({}))

/** Sends a request like a browser that uses a name for the server. */
const ask = (port: number, path: string, host: string) =>
  Effect.promise(() =>
    new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) =>
      request({ host: "127.0.0.1", port, path, headers: { host }, agent: false }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, body }), reject)
      }).on("error", reject).end()
    )
  )

describe("the servers of the examples", () => {
  it("are all held here", () => {
    const root = new URL("..", import.meta.url).pathname
    const found = globSync("**/*.ts", { cwd: root }).filter((path) =>
      !path.endsWith(".test.ts") && /\bHttp(Router|Server)\.serve\(/.test(readFileSync(`${root}/${path}`, "utf8"))
    )
    assert.sameMembers(found, Object.keys(servers))
  })

  for (const [name, [server, path]] of Object.entries(servers)) {
    it.live(`${name} answers to its own names alone`, () =>
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        const port = NetAddress.isInetAddress(address) ? address.port : 0
        for (const known of [`localhost:${port}`, `127.0.0.1:${port}`, "pi.lan", `raspberrypi:${port}`]) {
          assert.notStrictEqual((yield* ask(port, path, known)).status, 421, known)
        }
        for (const asked of [path, "/nowhere"]) {
          const { body, status } = yield* ask(port, asked, "evil.example")
          assert.strictEqual(status, 421)
          assert.include(body, `not known as "evil.example"`)
        }
      }).pipe(
        Effect.provide(
          Layer.provideMerge(server, [
            NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }),
            network,
            Logger.layer([])
          ]).pipe(
            Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOSTS: "pi.lan, raspberrypi" } })))
          )
        )
      ))
  }
})
