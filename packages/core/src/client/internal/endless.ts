/**
 * Listings and values that never end.
 */
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"

/** The error of a path that never ends or leads back to an earlier place, with the system's code for that. */
export const endless = (
  ow: OwClient.Client,
  path: string,
  meaning: string,
  operation: OwError.Operation = "dir"
): OwError.OwnetError =>
  new OwError.OwnetError({
    reason: { _tag: "Other" },
    code: -40,
    codeName: "ELOOP",
    meaning,
    isRetryable: false,
    operation,
    path,
    server: ow.server
  })
