/**
 * Sends the messages of the example `testing` to a phone, by ntfy or any other service that takes a text by `POST`. To run it,
 * set `OWSERVER`, `THERMOMETER` and `NTFY_URL`, and optionally `WARMEST`:
 *
 *     pnpm exec node examples/src/recipes/freezer/main.ts
 */
import { Effect, Layer, Schedule } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { Pager } from "../../testing/freezer.ts"

export const layerNtfy = (url: string): Layer.Layer<Pager, never, HttpClient.HttpClient> =>
  Layer.effect(
    Pager,
    Effect.map(HttpClient.HttpClient, (client) => ({
      page: (text) =>
        HttpClientRequest.post(url).pipe(
          HttpClientRequest.bodyText(text),
          HttpClient.filterStatusOk(client).execute,
          Effect.timeout("10 seconds"),
          Effect.retry({ schedule: Schedule.exponential("5 seconds"), times: 6 }),
          Effect.catch(({ message }) => Effect.logError(`nobody was told "${text}": ${message}`))
        )
    }))
  )
