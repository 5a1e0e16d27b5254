/**
 * A hub in a server of your own: its API and its page, beside a route that only this house has. To run it, set `OWSERVER` or
 * `OWSERVERS`, and perhaps `DATABASE`, `HOST`, `PORT` and `HOSTS`; the page is at `http://localhost:8080/`:
 *
 *     pnpm exec node examples/src/hub/main.ts
 */
import { Hub, Page, Routes } from "@effect-ownet/hub"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

/** Who wants to know in a word whether all is well, such as a lamp in the hall. */
const lamp = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const hub = yield* Hub.Hub
  const color = Effect.map(hub.state, ({ places }) =>
    places.some(({ properties }) => properties.some(({ exceeds, failing }) => exceeds !== undefined || failing !== undefined))
      ? "red"
      : "green")
  yield* router.add("GET", "/lamp", Effect.map(color, (color) => HttpServerResponse.text(color)))
}))

export const serve = (hosts: ReadonlyArray<string>) =>
  Routes.serve(Layer.mergeAll(Routes.layer({ hosts }), Page.layer, lamp)).pipe(
    Layer.provide(Hub.layer({ title: "At home", every: "30 seconds", keep: "1825 days" }))
  )
