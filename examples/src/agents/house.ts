import { Follow, Snapshot } from "@effect-ownet/core"
import { Context, Effect, Layer, Option } from "effect"

/** Current temperatures of a house, for any part of a program. One background fiber follows the network. */
export class House extends Context.Service<House, {
  readonly temperature: (name: string) => Effect.Effect<Option.Option<number>>
}>()("myapp/House") {
  static readonly layer = Layer.effect(
    House,
    Effect.gen(function*() {
      const held = yield* Snapshot.hold(Follow.follow(Follow.all(["temperature"]), "30 seconds", { together: true }))
      return House.of({
        temperature: Effect.fnUntraced(function*(name) {
          const house = yield* Effect.orDie(held.ready) // fails only if the network itself is closed
          return Option.fromUndefinedOr(Snapshot.devices(house).find(({ device }) => device.name === name)).pipe(
            Option.flatMap(({ device }) => Snapshot.reading(house, device.id, "temperature")),
            Option.flatMap(({ value }) => typeof value === "number" ? Option.some(value) : Option.none())
          )
        })
      })
    })
  )
}
