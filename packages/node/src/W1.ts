/**
 * A client of the kernel's own 1-Wire buses, without a server and without a socket.
 *
 * @since 0.1.0
 */
import type * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as BusServer from "@effect-ownet/core/server/BusServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as W1Bus from "./W1Bus.ts"

/**
 * An owserver in this process, for the kernel's buses.
 *
 * @category constructors
 * @since 0.1.0
 */
export const server = (options: W1Bus.Options = {}): Effect.Effect<BusServer.Server> =>
  Effect.map(
    W1Bus.make(options),
    (bus) => BusServer.make("w1:", bus, { cache: true, readOnly: options.writable !== true })
  )

/**
 * A connector to the kernel's buses. It fails to connect if the folder is not there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const connector = (_options: W1Bus.Options = {}): Effect.Effect<Connector.Connector["Service"]> =>
  Effect.die("not built")

/**
 * A client of the kernel's buses.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  _options: W1Bus.Options & OwClient.Options = {}
): Layer.Layer<OwClient.OwClient, OwError.Unanswered> => Layer.unwrap(Effect.die("not built"))
