import { OwError } from "@effect-ownet/core"
import { Fault, TestNetwork } from "@effect-ownet/core/testing"
import { Api, Hub, Routes } from "@effect-ownet/hub"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { HttpApi } from "effect/http-api"
import { TestClock } from "effect/testing"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { connect } from "node:net"
import * as Served from "../fixtures/served.ts"
import { ask, cellar, json, relays, statusOf } from "../fixtures/served.ts"

/** Every route, and what it takes. */
const routes: ReadonlyArray<readonly [method: string, path: string]> = [
  ["GET", "/api/v1/state"],
  ["GET", "/api/v1/live"],
  ["GET", `/api/v1/history?series=${cellar}/temperature`],
  ["GET", `/api/v1/days?series=${cellar}/temperature`],
  ["GET", "/api/v1/export.csv"],
  ["GET", "/api/v1/export.ndjson"],
  ["GET", "/api/v1/events"],
  ["GET", "/api/v1/places"],
  ["PUT", `/api/v1/places/${cellar}`],
  ["PUT", `/api/v1/places/${cellar}/device`],
  ["GET", `/api/v1/devices/${cellar}`],
  ["GET", `/api/v1/devices/${cellar}/temperature`],
  ["PUT", `/api/v1/devices/${relays}/PIO.0`],
  ["GET", "/api/v1/notices"],
  ["PUT", "/api/v1/notices/none/acknowledgement"],
  ["GET", "/api/v1/channels"],
  ["POST", "/api/v1/channels/none/test"],
  ["GET", "/api/v1/session"],
  ["POST", "/api/v1/session"],
  ["GET", "/metrics"],
  ["GET", "/healthz"],
  ["GET", "/openapi.json"]
]

const isSafe = (headers: IncomingHttpHeaders) => {
  assert.match(
    String(headers["content-security-policy"]),
    /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/
  )
  assert.strictEqual(headers["x-content-type-options"], "nosniff")
  assert.strictEqual(headers["referrer-policy"], "no-referrer")
  assert.match(String(headers["cache-control"]), /^no-store/)
}

const relay = `/api/v1/devices/${relays}/PIO.0`

layer(Served.layer({ hosts: ["hub.example"], allowWrite: true }), { excludeTestServices: true })("a hub", (it) => {
  it.effect("describes each route", () =>
    Effect.gen(function*() {
      const { paths } = JSON.parse((yield* ask("GET", "/openapi.json")).body)
      const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
      )
      const known: Array<string> = []
      HttpApi.reflect(Api.Api, {
        onGroup: () => {},
        onEndpoint: ({ endpoint }) => {
          known.push(`${endpoint.method} ${endpoint.path.replace(/:(\w+)/g, "{$1}")}`)
        }
      })
      assert.sameMembers(described, known)
      assert.strictEqual(routes.length, known.length + 1)
    }))

  it.effect("answers HEAD wherever it answers GET, with the same headers and no body", () =>
    Effect.gen(function*() {
      yield* Served.ready
      for (const [method, path] of routes) {
        if (method !== "GET") continue
        const { body, headers, status } = yield* ask("HEAD", path)
        assert.strictEqual(status, 200, path)
        assert.strictEqual(body, "")
        isSafe(headers)
        if (path === "/api/v1/live") continue
        const { headers: same } = yield* ask("GET", path)
        assert.strictEqual(headers["content-type"], same["content-type"])
      }
    }))

  it.effect("tells who is known by a name, on each route, and on those that are none", () =>
    Effect.gen(function*() {
      for (
        const [method, path] of [...routes, ["GET", "/nothing"], ["GET", "/"], ["DELETE", "/api/v1/state"]] as const
      ) {
        for (const host of ["evil.example", "127.0.0.1.evil.example", "hub.example.evil.example"]) {
          const { body, headers, status } = yield* ask(method, path, { headers: { host } })
          assert.strictEqual(status, 421, `${method} ${path} at ${host}`)
          assert.strictEqual(JSON.parse(body)._tag, "Misdirected")
          isSafe(headers)
        }
      }
      for (
        const host of [
          "127.0.0.1",
          "localhost:8080",
          "[::1]",
          "192.168.1.9",
          "pi.local",
          "hub.example",
          "HUB.example:80"
        ]
      ) {
        assert.strictEqual(yield* statusOf("GET", "/api/v1/state", { headers: { host } }), 200, host)
      }
    }))

  it.effect("has no answer for what it does not know, and says so with all headers", () =>
    Effect.gen(function*() {
      for (
        const path of [
          "/nothing",
          "/api/v1/nothing",
          "/api/v1",
          "/api/v1/devices",
          "/%",
          "/api/v1/places/%2e%2e"
        ]
      ) {
        const { headers, status } = yield* ask("GET", path)
        assert.include([400, 404, 405], status, path)
        isSafe(headers)
      }
      for (const [method, path] of routes) {
        const { headers, status } = yield* ask("DELETE", path)
        assert.strictEqual(status, 405, path)
        assert.include(String(headers["allow"]), method)
        isSafe(headers)
      }
    }))

  it.effect("lets pages of others change nothing, and knows them by their Origin", () =>
    Effect.gen(function*() {
      const host = "127.0.0.1:8080"
      for (
        const origin of [
          "http://evil.example",
          "null",
          "http://127.0.0.1:9999",
          "http://127.0.0.1",
          "file://",
          "http://127.0.0.1:8080.evil.example"
        ]
      ) {
        for (const [method, path] of routes.filter(([method]) => method !== "GET")) {
          const { body, headers, status } = yield* ask(method, path, json({}, { host, origin }))
          assert.strictEqual(status, 403, `${origin} ${path}`)
          assert.strictEqual(JSON.parse(body)._tag, "Forbidden")
          isSafe(headers)
        }
        const preflight = yield* ask("OPTIONS", relay, {
          headers: { host, origin, "access-control-request-method": "PUT" }
        })
        assert.strictEqual(preflight.status, 403)
        assert.isUndefined(preflight.headers["access-control-allow-origin"])
      }
      for (
        const [host, origin] of [
          ["127.0.0.1:8080", "http://127.0.0.1:8080"],
          ["LOCALHOST:80", "http://localhost"],
          ["127.0.0.1:8080", undefined]
        ] as const
      ) {
        const headers = origin === undefined ? { host } : { host, origin }
        assert.strictEqual(yield* statusOf("PUT", relay, json({ value: true }, headers)), 200, host)
      }
    }))

  it.effect("lets pages of others fetch nothing, and be linked from", () =>
    Effect.gen(function*() {
      const from = (site: string, mode: string) => ({ headers: { "sec-fetch-site": site, "sec-fetch-mode": mode } })
      for (const [method, path] of routes) {
        if (method !== "GET") continue
        for (const site of ["cross-site", "same-site", "strange"]) {
          assert.strictEqual(yield* statusOf("HEAD", path, from(site, "no-cors")), 403, path)
          assert.strictEqual(
            yield* statusOf("HEAD", path, from(site, "navigate")),
            path === "/openapi.json" ? 200 : 403,
            path
          )
        }
        assert.strictEqual(yield* statusOf("HEAD", path, from("same-origin", "cors")), 200, path)
        assert.strictEqual(yield* statusOf("HEAD", path, from("none", "navigate")), 200, path)
      }
      // There is no page here.
      assert.strictEqual(yield* statusOf("GET", "/", from("cross-site", "navigate")), 404)
      assert.strictEqual(yield* statusOf("GET", "/", from("cross-site", "no-cors")), 403)
    }))

  it.effect("takes JSON, and no more of it than it needs", () =>
    Effect.gen(function*() {
      const value = JSON.stringify({ value: false })
      for (
        const type of [
          "text/plain",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "application/jsonp"
        ]
      ) {
        const { body, headers, status } = yield* ask("PUT", relay, { headers: { "content-type": type }, body: value })
        assert.strictEqual(status, 415, type)
        assert.strictEqual(JSON.parse(body)._tag, "UnsupportedMediaType")
        isSafe(headers)
      }
      assert.strictEqual(yield* statusOf("PUT", relay, { body: value }), 415)
      const type = { "content-type": "application/json; charset=utf-8" }
      assert.strictEqual(yield* statusOf("PUT", relay, { headers: type, body: value }), 200)
      for (const body of [value + " ".repeat(70_000), Array.from({ length: 80 }, () => " ".repeat(1000))]) {
        const answer = yield* ask("PUT", relay, { headers: type, body })
        assert.strictEqual(answer.status, 413)
        assert.strictEqual(JSON.parse(answer.body)._tag, "TooLarge")
        isSafe(answer.headers)
      }
      for (const body of ["", "{", "[]", "null", `{"value":null}`, `{"value":{"a":1}}`, `{"value":[[1]]}`]) {
        const answer = yield* ask("PUT", relay, { headers: type, body })
        assert.strictEqual(answer.status, 400, body)
        assert.strictEqual(JSON.parse(answer.body)._tag, "BadRequest")
        isSafe(answer.headers)
      }
    }))

  it.effect("takes no question that makes no sense", () =>
    Effect.gen(function*() {
      const one = `series=${cellar}/temperature`
      const many = (count: number) => Array.from({ length: count }, (_, at) => `series=${cellar}/p${at}`).join("&")
      for (
        const query of [
          "",
          "series=",
          "series=Kitchen/temperature",
          `series=${cellar}`,
          `series=${cellar}/`,
          `series=28.000028D70100.FF/temperature`,
          many(101),
          `series=${cellar}/${"x".repeat(200)}`,
          `${one}&points=9`,
          `${one}&points=4001`,
          `${one}&points=1e9`,
          `${one}&points=10.5`,
          `${one}&points=many`,
          `${one}&from=2&to=1`,
          `${one}&from=1&to=1`,
          `${one}&from=-1`,
          `${one}&to=1e300`,
          `${one}&from=NaN`,
          `${one}&from=`,
          `${one}&from=1&from=2`,
          `${one}&from=yesterday`,
          `${one}&from=2026-13-45`,
          `${one}&from=2026-02-30`,
          `${one}&from=2026-01-01T24:30:00Z`,
          `${one}&from=0x10`,
          `${one}&from=1e3`
        ]
      ) {
        const { body, status } = yield* ask("GET", `/api/v1/history?${query}`)
        assert.strictEqual(status, 400, query)
        assert.strictEqual(JSON.parse(body)._tag, "BadRequest")
      }
      for (
        const query of [
          one,
          many(100),
          `${one},${cellar}/other`,
          `${one}&from=0&to=1`,
          `${one}&from=2026-01-01&to=2026-01-02T03:04:05%2B01:00`
        ]
      ) {
        assert.strictEqual(yield* statusOf("GET", `/api/v1/history?${query}`), 200, query)
      }
      for (const query of ["zone=Europe/Nowhere", "zone=", "zone=../../etc/passwd", "from=0&to=100000000000"]) {
        assert.strictEqual(yield* statusOf("GET", `/api/v1/days?${one}&${query}`), 400, query)
      }
      for (const query of ["limit=0", "limit=1001", "place=Kitchen", "from=3&to=2"]) {
        assert.strictEqual(yield* statusOf("GET", `/api/v1/events?${query}`), 400, query)
      }
      for (const path of ["/api/v1/devices/kitchen/temperature", `/api/v1/devices/${"2".repeat(90)}/temperature`]) {
        assert.strictEqual(yield* statusOf("GET", path), 400, path)
      }
    }))

  it.effect("reads fresh values, writes those that it may, and has a status for each failure", () =>
    Effect.gen(function*() {
      yield* Served.ready
      const temperature = yield* ask("GET", `/api/v1/devices/${cellar}/temperature`)
      assert.strictEqual(JSON.parse(temperature.body).value, 11.5)
      const written = yield* ask("PUT", relay, json({ value: true }))
      assert.strictEqual(written.status, 200)
      assert.strictEqual(JSON.parse(written.body).value, true)
      assert.strictEqual(yield* statusOf("GET", "/api/v1/devices/28.000028D70200/temperature"), 404)
      assert.strictEqual(yield* statusOf("GET", `/api/v1/devices/${cellar}/temprature`), 422)
      assert.strictEqual(yield* statusOf("GET", `/api/v1/devices/${cellar}/..%2f..%2fsettings`), 422)
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/devices/${relays}/alias`, json({ value: "x" })), 403)
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/devices/${cellar}/temphigh`, json({ value: 1 })), 403)
      assert.strictEqual(yield* statusOf("PUT", relay, json({ value: "warm" })), 422)
    }))

  it.effect("edits places: what is left out stays, and null clears", () =>
    Effect.gen(function*() {
      yield* Served.ready
      const edit = (change: unknown) =>
        Effect.map(ask("PUT", `/api/v1/places/${cellar}`, json(change)), ({ body }) => JSON.parse(body))
      assert.include(yield* edit({ name: "Freezer", group: "Cellar", order: 1 }), { name: "Freezer", group: "Cellar" })
      const limits = { temperature: { above: -15 } }
      assert.deepStrictEqual(yield* edit({ group: null, limits }), {
        key: cellar,
        device: cellar,
        name: "Freezer",
        order: 1,
        isHidden: false,
        limits
      })
      const { body } = yield* ask("GET", "/api/v1/places")
      assert.deepInclude(JSON.parse(body), {
        key: cellar,
        device: cellar,
        name: "Freezer",
        order: 1,
        isHidden: false,
        limits
      })
      for (
        const change of [
          { name: "" },
          { name: "x".repeat(101) },
          { name: "two\nlines" },
          { name: "\u001b[2J" },
          { name: "\ud800" },
          { name: 1 },
          { isHidden: "yes" },
          {
            limits: { temperature: 1 }
          }
        ]
      ) {
        assert.strictEqual((yield* edit(change))._tag, "BadRequest", JSON.stringify(change))
      }
      assert.strictEqual(yield* statusOf("PUT", "/api/v1/places/28.000028D70200", json({ name: "x" })), 404)
      assert.strictEqual(
        yield* statusOf("PUT", `/api/v1/places/${cellar}/device`, json({ device: "28.000028D70200" })),
        404
      )
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}/device`, json({ device: "kitchen" })), 400)
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}/device`, json({ device: cellar })), 200)
    }))
})

layer(Served.layer(), { excludeTestServices: true })("a hub that may write nothing", (it) => {
  it.effect("refuses each write, whatever its body", () =>
    Effect.gen(function*() {
      for (const body of ["true", " ".repeat(200_000), "{"]) {
        const answer = yield* ask("PUT", relay, { headers: { "content-type": "application/json" }, body })
        assert.strictEqual(answer.status, 403)
        isSafe(answer.headers)
      }
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}`, json({ order: 1 })), 200)
    }))

  it.effect("is changed from its own machine only, as it has no token", () =>
    Effect.gen(function*() {
      const permission = (host: string) =>
        Effect.map(ask("GET", "/api/v1/session", { headers: { host } }), ({ body }) => JSON.parse(body).permission)
      assert.strictEqual(yield* permission("localhost:8080"), "edit")
      for (const host of ["192.168.1.7:8080", "pi.local"]) {
        assert.strictEqual(yield* permission(host), "none")
        assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}`, json({ order: 1 }, { host })), 403)
      }
    }))
})

const token = "a long and secret token"

layer(Served.layer({ token: Redacted.make(token), allowWrite: true, hosts: ["hub.example"] }), {
  excludeTestServices: true
})("a hub with a token", (it) => {
  const place = `/api/v1/places/${cellar}`

  it.effect("is looked at without it, and changed with it", () =>
    Effect.gen(function*() {
      yield* Served.ready
      assert.strictEqual(yield* statusOf("GET", "/api/v1/state"), 200)
      const refused = yield* ask("PUT", place, json({ order: 1 }))
      assert.strictEqual(refused.status, 401)
      assert.strictEqual(refused.headers["www-authenticate"], "Bearer")
      isSafe(refused.headers)
      assert.strictEqual(yield* statusOf("PUT", relay, json({ value: true })), 401)
      assert.strictEqual(yield* statusOf("PUT", place, json({ order: 1 }, { authorization: `Bearer ${token}` })), 200)
      assert.strictEqual(
        yield* statusOf("PUT", relay, json({ value: true }, { authorization: `bearer ${token}` })),
        200
      )
      assert.strictEqual(yield* statusOf("PUT", place, json({ order: 1 }, { authorization: `Basic ${token}` })), 401)
    }))

  it.effect("gives a cookie for it, which pages of others do not send and scripts do not see", () =>
    Effect.gen(function*() {
      const permission = (headers: Record<string, string>) =>
        Effect.map(ask("GET", "/api/v1/session", { headers }), ({ body }) => JSON.parse(body).permission)
      assert.strictEqual(yield* permission({}), "token")
      const opened = yield* ask("POST", "/api/v1/session", json({ token }))
      assert.deepStrictEqual(JSON.parse(opened.body), { permission: "edit" })
      const [set = ""] = opened.headers["set-cookie"] ?? []
      assert.match(set, /; Path=\//)
      assert.match(set, /; HttpOnly/)
      assert.match(set, /; SameSite=Strict/)
      assert.notInclude(set, token)
      const cookie = set.slice(0, set.indexOf(";"))
      assert.strictEqual(yield* permission({ cookie }), "edit")
      assert.strictEqual(yield* statusOf("PUT", place, json({ order: 2 }, { cookie })), 200)
      assert.strictEqual(yield* statusOf("PUT", place, json({ order: 2 }, { cookie: `${cookie}x` })), 401)
      assert.strictEqual(yield* permission({ cookie: `ow-hub=${token}` }), "token")
    }))

  it.effect("is changed through a proxy, by its own page", () =>
    Effect.gen(function*() {
      const from = (origin: string) =>
        json({ order: 1 }, { host: "hub.example", origin, authorization: `Bearer ${token}` })
      assert.strictEqual(yield* statusOf("PUT", place, from("https://hub.example")), 200)
      for (const origin of ["https://evil.example", "https://hub.example:8443", "https://hub.example.evil.example"]) {
        assert.strictEqual(yield* statusOf("PUT", place, from(origin)), 403, origin)
      }
      const opened = yield* ask("POST", "/api/v1/session", json({ token }, { "x-forwarded-proto": "https" }))
      assert.match(String(opened.headers["set-cookie"]), /; Secure/)
    }))
})

describe("wrong tokens", () => {
  it.effect("wait one after another, and there are never many of them", () =>
    Effect.gen(function*() {
      const answers: Array<string> = []
      const tried = (token: string, index: number) =>
        (index % 2 === 0
          ? ask("POST", "/api/v1/session", json({ token }))
          : ask("GET", "/api/v1/session", { headers: { authorization: `Bearer ${token}` } })).pipe(
            Effect.tap(({ body, status }) =>
              Effect.sync(() => answers.push(`${status} ${JSON.parse(body).permission}`))
            )
          )
      const open = tried(token, 0)
      const first = yield* Effect.forEach(
        Array.from({ length: 8 }),
        (_, index) => Effect.forkChild(tried("guess", index))
      )
      // Nobody is let in while so many are tried, whoever it is.
      while ((yield* open).status !== 429) yield* Effect.yieldNow
      yield* Effect.forEach(first.slice(0, 4), Fiber.interrupt)
      assert.strictEqual((yield* open).status, 429)
      yield* TestClock.adjust("1 second")
      while ((yield* open).status !== 200) yield* Effect.yieldNow
      yield* TestClock.adjust("7 seconds")
      yield* Effect.forEach(first.slice(4), Fiber.join)
      assert.sameMembers(answers.filter((answer) => !answer.startsWith("429") && answer !== "200 edit"), [
        "401 undefined",
        "200 token",
        "401 undefined",
        "200 token"
      ])
      assert.strictEqual((yield* open).status, 200)
    }).pipe(Effect.provide(Served.layer({ token: Redacted.make(token) }))))
})

describe("a hub on all addresses", () => {
  it.live("is changed by nobody without a token, not even from its own machine", () =>
    Effect.gen(function*() {
      for (const host of ["localhost", "127.0.0.1", "192.168.1.7"]) {
        const { body } = yield* ask("GET", "/api/v1/session", { headers: { host } })
        assert.deepStrictEqual(JSON.parse(body), { permission: "none" })
        assert.strictEqual(yield* statusOf("PUT", relay, json({ value: true }, { host })), 403)
        assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}`, json({ order: 1 }, { host })), 403)
      }
    }).pipe(Effect.provide(
      Routes.serve(Routes.layer({ allowWrite: true })).pipe(Layer.provideMerge([
        Served.hubLayer(Served.house),
        NodeHttpServer.layer(() => createServer(), { host: "0.0.0.0", port: 0, gracefulShutdownTimeout: "250 millis" })
      ]))
    )))
})

describe("a network that fails", () => {
  it.effect("has a status for each failure", () =>
    Effect.gen(function*() {
      const { network, setFaults, stop } = (yield* TestNetwork.TestNetwork).server("pi")
      yield* TestClock.adjust("12 seconds")
      const failure = Effect.fnUntraced(function*() {
        const asking = yield* Effect.forkChild(ask("GET", `/api/v1/devices/${cellar}/temperature`))
        // A request is on its way before its time begins.
        while (asking.pollUnsafe() === undefined) {
          yield* TestClock.adjust("10 seconds")
          yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        }
        const { body, headers, status } = yield* Fiber.join(asking)
        isSafe(headers)
        return `${status} ${JSON.parse(body)._tag}`
      })
      yield* network.breakBus(0, -5)
      assert.strictEqual(yield* failure(), "502 BusFailed")
      yield* network.breakBus(0)
      yield* setFaults(() => Fault.Fault.Silence())
      assert.strictEqual(yield* failure(), "504 TooSlow")
      yield* stop
      assert.strictEqual(yield* failure(), "503 Unavailable")
      assert.strictEqual(yield* statusOf("GET", "/api/v1/state"), 200)
      assert.include((yield* ask("GET", "/healthz")).body, `"answering":0`)
    }).pipe(Effect.provide(Served.layer())))

  it.effect("is mended by another device, which fills the place", () =>
    Effect.gen(function*() {
      const { network } = (yield* TestNetwork.TestNetwork).server("pi")
      const other = "28.000028D70200"
      yield* TestClock.adjust("12 seconds")
      yield* network.vanish(cellar)
      yield* network.appear(other, { temperature: 3 })
      yield* TestClock.adjust("3 minutes")
      const filled = yield* ask("PUT", `/api/v1/places/${cellar}/device`, json({ device: other.toLowerCase() }))
      assert.strictEqual(filled.status, 200)
      assert.include(JSON.parse(filled.body), { key: cellar, device: other })
      const { places }: Api.State = JSON.parse((yield* ask("GET", "/api/v1/state")).body)
      assert.sameMembers(places.map(({ key }) => key), [cellar, relays])
    }).pipe(Effect.provide(Served.layer())))
})

describe("fresh values", () => {
  it.live("are read a few at a time, however many ask", () => {
    let reading = 0
    let most = 0
    const read = Effect.gen(function*() {
      most = Math.max(most, ++reading)
      yield* Effect.sleep("1 millis")
      reading--
      return yield* new OwError.ArgumentError({ operation: "read", argument: "property", problem: "is no property" })
    })
    const hub = Layer.provideMerge(
      Layer.mock(Hub.Hub, { state: Effect.die("not asked for"), live: Stream.never, read: () => read }),
      Served.hubLayer({})
    )
    return Effect.gen(function*() {
      const path = `/api/v1/devices/${cellar}/temperature`
      const statuses = yield* Effect.all(Array.from({ length: 40 }, () => statusOf("GET", path)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([...new Set(statuses)], [422])
      assert.isAtMost(most, 4)
    }).pipe(Effect.provide(Served.layerOf(hub)))
  })
})

describe("routes beside those of the hub", () => {
  it.live("are guarded with them, and keep the headers that they set", () =>
    Effect.gen(function*() {
      const { headers, status } = yield* ask("GET", "/app.js", { headers: { "accept-encoding": "gzip" } })
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["cache-control"], "public, immutable")
      assert.strictEqual(headers["content-encoding"], "gzip")
      assert.strictEqual(headers["x-content-type-options"], "nosniff")
      isSafe({ ...headers, "cache-control": "no-store" })
      assert.strictEqual(yield* statusOf("GET", "/app.js", { headers: { host: "evil.example" } }), 421)
      assert.strictEqual(yield* statusOf("POST", "/app.js", { headers: { origin: "http://evil.example" } }), 403)
      const link = { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" } }
      assert.strictEqual(yield* statusOf("GET", "/", link), 200)
      const script = { headers: { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" } }
      assert.strictEqual(yield* statusOf("GET", "/app.js", script), 403)
      isSafe((yield* ask("GET", "/broken")).headers)
      assert.strictEqual(yield* statusOf("GET", "/broken"), 500)
    }).pipe(Effect.provide(
      Routes.serve(Layer.mergeAll(
        Routes.layer(),
        HttpRouter.add("GET", "/", HttpServerResponse.text("page")),
        HttpRouter.add(
          "GET",
          "/app.js",
          HttpServerResponse.text("x".repeat(10_000), {
            contentType: "text/javascript",
            headers: { "cache-control": "public, immutable" }
          })
        ),
        HttpRouter.add("GET", "/broken", Effect.die("broken"))
      )).pipe(Layer.provideMerge([Served.hubLayer(Served.house), Served.serverLayer]))
    )))

  it.live("answer without a server, too, and nobody changes anything then without a token", () =>
    Effect.gen(function*() {
      const { dispose, handler } = HttpRouter.toWebHandler(
        Routes.layer({ allowWrite: true }).pipe(
          Layer.provide([Served.hubLayer(Served.house), HttpServer.layerServices])
        ),
        { disableLogger: true }
      )
      const statusOf = (method: string, path: string) =>
        Effect.map(
          Effect.promise(() =>
            handler(
              new Request(`http://localhost${path}`, {
                method,
                headers: { host: "localhost", "content-type": "application/json" },
                ...method === "PUT" ? { body: "{}" } : {}
              })
            )
          ),
          ({ headers, status }) => {
            isSafe(Object.fromEntries(headers))
            return status
          }
        )
      assert.strictEqual(yield* statusOf("GET", "/api/v1/state"), 200)
      assert.strictEqual(yield* statusOf("PUT", `/api/v1/places/${cellar}`), 403)
      assert.strictEqual(yield* statusOf("GET", "/nothing"), 404)
      yield* Effect.promise(dispose)
    }))
})

describe("a socket", () => {
  /** What is answered to these bytes, as far as the first line. */
  const send = (bytes: string) =>
    Effect.flatMap(Served.port, (port) =>
      Effect.callback<string>((resume) => {
        let answer = ""
        const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
        socket.setEncoding("utf8").on("data", (chunk) => {
          answer += chunk
          const [line = "", rest] = answer.split("\r\n")
          if (rest !== undefined) {
            socket.destroy()
            resume(Effect.succeed(line))
          }
        })
        return Effect.sync(() => socket.destroy())
      }))

  it.live("that speaks strangely gets an answer that says nothing", () =>
    Effect.gen(function*() {
      const line = (status: string) => `HTTP/1.1 ${status}`
      assert.strictEqual(yield* send("GET /api/v1/state HTTP/1.0\r\n\r\n"), line("421 Misdirected Request"))
      assert.strictEqual(yield* send("GET /api/v1/state HTTP/1.1\r\n\r\n"), line("400 Bad Request"))
      const host = "Host: localhost\r\n\r\n"
      assert.strictEqual(yield* send(`GET /api/v1/state HTTP/1.1\r\n${host}`), line("200 OK"))
      for (
        const target of ["http://evil.example/", "/api/v1/../../etc/passwd", "//evil.example/", "/%00", "/%ff", "*"]
      ) {
        assert.match(yield* send(`GET ${target} HTTP/1.1\r\n${host}`), /^HTTP\/1.1 4\d\d /, target)
      }
    }).pipe(Effect.provide(Served.layer())))
})
