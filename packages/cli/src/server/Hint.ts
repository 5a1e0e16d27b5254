/**
 * Hints about paths that do not exist.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Diagnosis from "@effect-ownet/core/device/Diagnosis"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const isKernel = ({ server }: OwClient.Client): boolean =>
  Option.exists(ServerAddress.fromString(server), ServerAddress.isW1)

/**
 * Advice for the kernel's own bus: it lists the files that its drivers provide, and `/structure` lists everything that they can
 * provide.
 */
const driver = ({ server }: OwClient.Client): string =>
  `its driver is not loaded, or shows less of this chip; ow doctor -s ${server} tells which`

/** The likely mistake in the path of a refused call. `undefined` if the diagnosis finds nothing, or itself fails. */
export const hintOf = (
  ow: OwClient.Client,
  { operation, path }: OwError.OwnetError
): Effect.Effect<string | undefined> =>
  path === undefined ?
    Effect.undefined :
    Diagnosis.diagnose(path, { operation: operation === "write" ? "write" : "read" }).pipe(
      Effect.provideService(OwClient.OwClient, ow),
      Effect.map(({ _tag, message }) =>
        _tag === "Nothing" ? undefined : _tag === "Lacking" && isKernel(ow) ? `${message}: ${driver(ow)}` : message
      ),
      Effect.orElseSucceed(() => undefined)
    )
