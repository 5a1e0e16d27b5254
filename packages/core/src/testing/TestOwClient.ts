/**
 * A client for tests, on the test's own clock.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Connector from "../client/Connector.ts"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as SimulatedNetwork from "./SimulatedNetwork.ts"
import * as SimulatedServer from "./SimulatedServer.ts"

/**
 * Provides a client of a simulated server, in memory, on the test's own clock. It lets you test a program without an owserver.
 * The client behaves like any other, so flags, units, errors and retries are those of production. `SimulatedNetwork` has what you
 * can describe and change while the program runs, and `SimulatedServer` has the faults.
 *
 * **Example** (Testing a program)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const warm = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))
 *
 * await warm.pipe(
 *   Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 21.5 } })),
 *   Effect.runPromise
 * ) // => "21.5"
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options?: OwClient.Options
): Layer.Layer<OwClient.OwClient, SimulatedNetwork.DescriptionError | OwError.Unanswered> =>
  Layer.effect(
    OwClient.OwClient,
    Effect.gen(function*() {
      const { connector } = yield* SimulatedServer.make(network)
      return yield* Effect.provideService(OwClient.make(options), Connector.Connector, connector)
    })
  )
