/**
 * Hints about paths that lead nowhere.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Diagnosis from "@effect-ownet/core/device/Diagnosis"
import * as Effect from "effect/Effect"

/** What may be wrong with the path of a refused call; `undefined` if the diagnosis finds nothing, or fails itself. */
export const hintOf = (
  ow: OwClient.Client,
  { operation, path }: OwError.OwnetError
): Effect.Effect<string | undefined> =>
  path === undefined ?
    Effect.undefined :
    Diagnosis.diagnose(path, { operation: operation === "write" ? "write" : "read" }).pipe(
      Effect.provideService(OwClient.OwClient, ow),
      Effect.map(({ _tag, message }) => _tag === "Nothing" ? undefined : message),
      Effect.orElseSucceed(() => undefined)
    )
