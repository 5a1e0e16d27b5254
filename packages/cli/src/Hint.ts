/**
 * What may be wrong with a path that leads nowhere.
 */
import { Diagnosis, OwClient, type OwError } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Value from "./Value.ts"

/** Nothing where the look finds nothing, or is itself refused. */
export const hintOf = (
  ow: OwClient.Client,
  { operation, path }: OwError.OwnetError
): Effect.Effect<string | undefined> =>
  path === undefined ?
    Effect.undefined :
    Diagnosis.diagnose(path, { operation: operation === "write" ? "write" : "read" }).pipe(
      Effect.provideService(OwClient.OwClient, ow),
      Effect.map(({ _tag, message }) => _tag === "Nothing" ? undefined : Value.nameOf(message)),
      Effect.orElseSucceed(() => undefined)
    )
