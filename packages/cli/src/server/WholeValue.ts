/**
 * Values that do not fit into one reply.
 */
import * as LongValue from "@effect-ownet/core/client/LongValue"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Content from "../show/Content.ts"

/** Maximum bytes of a reply to a client that requests no particular size. */
const replySize = 65_536

/** The whole of a value whose first reply has arrived, unless the caller requested a part. */
export const whole = (
  ow: OwClient.Client,
  path: string,
  options: Content.Options,
  reply: Uint8Array
): Effect.Effect<Uint8Array, OwError.OwError> =>
  reply.length < replySize || Option.isSome(options.size ?? Option.none())
    ? Effect.succeed(reply)
    : Effect.provideService(LongValue.read(path, Content.toReadOptions(options)), OwClient.OwClient, ow)
