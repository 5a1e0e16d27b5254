/**
 * What a server lists without end.
 */
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"

/** The error of a way that leads on and on, or back to where it came from: with the system's code for that. */
export const endless = (ow: OwClient.Client, path: string, meaning: string): OwError.OwnetError =>
  new OwError.OwnetError({
    reason: { _tag: "Other" },
    code: -40,
    codeName: "ELOOP",
    meaning,
    isRetryable: false,
    operation: "dir",
    path,
    server: ow.server
  })
