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
import * as httpApi from "../http-api/http-api.ts"
import * as Collector from "../observability/Collector.ts"
import * as observability from "../observability/observability.ts"
import * as prometheus from "../prometheus/prometheus.ts"
import * as Hosts from "./Hosts.ts"

const loopback = NetAddress.inetAddressFromStringUnsafe("127.0.0.1:3000")
const own = NetAddress.inetAddressFromStringUnsafe("192.168.1.7:3000")
const all = NetAddress.inetAddressFromStringUnsafe("[::]:3000")

const meant = (address: NetAddress.SocketAddress, hosts: ReadonlyArray<string>, names: ReadonlyArray<string> = []) =>
  hosts.filter((host) => Hosts.isMeant(host, address, names))

const ofLoopback = [
  "localhost",
  "LocalHost:3000",
  "localhost.",
  "pi.localhost:80",
  "127.0.0.1:3000",
  "127.8.9.1",
  "[::1]:3000"
]

const strange = ["", ":3000", "evil.example", "evil.example:3000", "localhost.evil.example", "127.0.0.1.evil.example"]
  .concat(
    [
      "evillocalhost",
      "localhost@evil.example",
      "evil.example:80:localhost",
      "localhost/evil",
      "[::1",
      "[evil]",
      "2130706433"
    ]
  )

describe("isMeant", () => {
  it("knows loopback names, however they are written", () => {
    for (const address of [loopback, own, all]) assert.deepStrictEqual(meant(address, ofLoopback), ofLoopback)
  })

  it("knows no other names, unless they are given", () => {
    for (const address of [loopback, own, all]) {
      assert.deepStrictEqual(meant(address, strange), [])
      assert.isFalse(Hosts.isMeant(undefined, address, []))
      assert.deepStrictEqual(meant(address, ["Pi.lan:3000", "pi.lan.", "api.lan"], ["pi.lan"]), [
        "Pi.lan:3000",
        "pi.lan."
      ])
    }
  })

  it("knows the address that is listened on, and any if it is all of them", () => {
    const addresses = ["192.168.1.7", "192.168.1.7:3000", "[::ffff:192.168.1.7]:3000"]
    assert.deepStrictEqual(meant(own, [...addresses, "192.168.1.8"]), addresses)
    assert.deepStrictEqual(meant(all, [...addresses, "[fe80::1]:3000"]), [...addresses, "[fe80::1]:3000"])
    assert.deepStrictEqual(meant(loopback, addresses), [])
  })
})

type Served = Layer.Layer<
  never,
  Layer.Error<typeof httpApi.server>,
  Layer.Services<typeof httpApi.server> | OwClient.OwClient
>

/** Every server that an example has, and something that it answers. */
const servers: Readonly<Record<string, readonly [server: Served, path: string]>> = {
  "http-api/http-api.ts": [httpApi.server, "/openapi.json"],
  "observability/Collector.ts": [Collector.layer(() => Effect.void), "/v1/logs"],
  "observability/observability.ts": [observability.server, "/health"],
  "prometheus/prometheus.ts": [prometheus.server, "/metrics"]
}

const network = Layer.provideMerge(Network.fromClient, TestOwClient.layer({}))

/** Asks as a browser does that takes a name for the server's. */
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
          assert.include(body, `not known as "evil.example". If it should be, set HOSTS`)
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
