import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { Pager } from "../../testing/freezer.ts"
import { layerNtfy } from "./ntfy.ts"

const topic = "https://ntfy.example/freezer"

/** A service that answers with these statuses in turn, and then repeats the last one. */
const service = (statuses: ReadonlyArray<number>) => {
  const asked: Array<string> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : request.body._tag
      asked.push(`${request.method} ${request.url} ${body}`)
      const status = statuses[asked.length - 1] ?? statuses.at(-1) ?? 200
      return HttpClientResponse.fromWeb(request, new Response(null, { status }))
    })
  )
  return { asked, layer: layerNtfy(topic).pipe(Layer.provide(Layer.succeed(HttpClient.HttpClient, client))) }
}

const page = Effect.flatMap(Pager, (pager) => pager.page("it is -8 °C"))

const asking = `POST ${topic} it is -8 °C`

describe("layerNtfy", () => {
  it.effect("posts the text", () => {
    const { asked, layer } = service([200])
    return Effect.gen(function*() {
      yield* page
      assert.deepStrictEqual(asked, [asking])
    }).pipe(Effect.provide(layer))
  })

  it.effect("tries again while the service is busy", () => {
    const { asked, layer } = service([503, 429, 200])
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(page)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(asked, [asking, asking, asking])
    }).pipe(Effect.provide(layer))
  })

  it.effect("says in the log what nobody was told, and goes on", () => {
    const { asked, layer } = service([404])
    const said: Array<string> = []
    const logger = Logger.make(({ message }) => {
      said.push(String(message))
    })
    return Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(page)
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.lengthOf(asked, 7)
      assert.lengthOf(said, 1)
      assert.match(said[0] ?? "", /^nobody was told "it is -8 °C": .*404/)
    }).pipe(Effect.provide([layer, Logger.layer([logger])]))
  })
})
