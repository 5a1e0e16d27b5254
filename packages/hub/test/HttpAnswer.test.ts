/**
 * What the hub feeds over HTTP, in all its ways: an answer without an end, an address that leads elsewhere, and one with a password.
 */
import { Hub, Influx, Otlp } from "@effect-ownet/hub"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, PubSub, Queue, Stdio, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer } from "node:http"
import * as Webhook from "../src/internal/notify/Webhook.ts"

/** A server, the requests that it got, and the bytes that it could send of an answer without an end. */
const server = Effect.gen(function*() {
  const requests: Array<string> = []
  const ended = yield* Queue.unbounded<number>()
  const node = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? "-"}`)
    request.resume()
    if (request.url?.startsWith("/moved")) {
      return void response.writeHead(301, { location: "https://elsewhere.example/secret" }).end()
    }
    if (!request.url?.startsWith("/endless")) return void response.writeHead(200).end("{}")
    response.writeHead(400, { "content-type": "application/json" })
    let bytes = 0
    const chunk = Buffer.alloc(65_536, "x")
    const send = (): void => {
      while (response.write(chunk)) bytes += chunk.length
    }
    response.on("drain", send)
    response.on("close", () => Queue.offerUnsafe(ended, bytes))
    send()
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void node.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => node.close().closeAllConnections())
  )
  const address = node.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return { port, requests, ended: Queue.take(ended) }
})

const ways = {
  InfluxDB: (url: string) => Influx.layer({ url }),
  OTLP: (url: string) => Otlp.layer({ url, every: "50 millis" }),
  Webhook: (url: string) =>
    Layer.effectDiscard(Effect.gen(function*() {
      const { report } = yield* Hub.Hub
      const message = { title: "", message: "a", text: "a" } as unknown as Parameters<typeof Webhook.send>[1] // Not read.
      const problem = yield* Effect.match(Webhook.send({ _tag: "Webhook", url }, message), {
        onFailure: ({ problem }) => problem,
        onSuccess: () => undefined
      })
      yield* report("Webhook", problem)
    }))
}

/** Feeds an address, and gives what the hub is told first. */
const told = (way: keyof typeof ways, url: string) =>
  Effect.gen(function*() {
    const reports = yield* Queue.unbounded<string | undefined>()
    const measured: Hub.Measured = {
      place: { key: "a", device: "a", title: "a", isHidden: false },
      property: "temperature",
      unit: "°C",
      reading: { value: 1, at: 1 }
    }
    const readings = yield* PubSub.unbounded<Hub.Measured>({ replay: 1 })
    yield* PubSub.publish(readings, measured)
    const hub = Layer.mock(Hub.Hub, {
      readings: Stream.fromPubSub(readings),
      state: Effect.succeed({ at: 0, title: "", every: 10, servers: [], notices: [], outlets: [], places: [] }),
      health: Effect.succeed({ uptime: 1, memory: 1, waiting: 0, dropped: 0, counts: [] }),
      report: (_, problem) => Queue.offer(reports, problem)
    })
    yield* Layer.build(
      ways[way](url).pipe(
        Layer.provide([hub, FetchHttpClient.layer, Stdio.layerTest({}), NodeServices.layer])
      )
    )
    return yield* Queue.take(reports)
  })

describe.each(Object.keys(ways) as ReadonlyArray<keyof typeof ways>)("%s", (way) => {
  it.live("reads no more than the beginning of an answer", () =>
    Effect.gen(function*() {
      const { ended, port } = yield* server
      assert.match(String(yield* told(way, `http://127.0.0.1:${port}/endless`)), /status 400/)
      assert.isBelow(yield* ended, 50e6)
    }))

  it.live("does not follow where a body is lost", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server
      const problem = String(yield* told(way, `http://127.0.0.1:${port}/moved`))
      assert.match(problem, /https:\/\/elsewhere\.example: give that address instead$/)
      assert.match(requests.join(), /^POST \/moved[^,]*$/)
    }))

  it.live("has the user and the password of an address in a header", () =>
    Effect.gen(function*() {
      const { port, requests } = yield* server
      assert.isUndefined(yield* told(way, `http://o%20w:p%C3%B6%3A@127.0.0.1:${port}/plain`))
      const authorization = `Basic ${Buffer.from("o w:pö:").toString("base64")}`
      assert.match(requests[0] ?? "", new RegExp(`^POST /plain\\S* ${authorization}$`))
    }))
})
