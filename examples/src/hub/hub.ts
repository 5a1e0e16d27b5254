/**
 * A hub in a server of your own: its API and its page, and a route for a lamp. `OWSERVER` or `OWSERVERS` names the servers. You
 * can also set `DATABASE`, `HOST`, `PORT` and `HOSTS`. The page is at `http://localhost:8080/`:
 *
 *     pnpm exec node examples/src/hub/main.ts
 */
import { type Api, Hub, Page, Routes } from "@effect-ownet/hub"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

const isWell = ({ limits, properties }: Api.PlaceState): boolean =>
  properties.every(({ failing, name, reading }) => {
    const { above = Infinity, below = -Infinity } = limits[name] ?? {}
    return failing === undefined &&
      (typeof reading?.value !== "number" || (reading.value <= above && reading.value >= below))
  })

/** Route that tells a lamp whether all is well. */
const lamp = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const hub = yield* Hub.Hub
  const color = Effect.map(hub.state, ({ places }) => places.every(isWell) ? "green" : "red")
  yield* router.add("GET", "/lamp", Effect.map(color, (color) => HttpServerResponse.text(color)))
}))

export const serve = (hosts: ReadonlyArray<string>) =>
  Routes.serve(Layer.mergeAll(Routes.layer({ hosts }), Page.layer, lamp)).pipe(
    Layer.provide(Hub.layer({ title: "At home", every: "30 seconds", keep: "1825 days" }))
  )
