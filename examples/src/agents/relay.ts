import { type Device, OwRetry } from "@effect-ownet/core"
import type { DS2408 } from "@effect-ownet/core/families"
import { Effect } from "effect"

/** Sets a state. A second write does no harm, so this write may have a schedule. `verify` reads it back. */
export const heat = (relay: Device.Device<DS2408>, isOn: boolean) =>
  relay.write("PIO.0", isOn, { verify: true, retry: OwRetry.transient })

/** Pushes a button. Each write counts, so it is repeated only if no part of it was sent. */
export const push = (relay: Device.Device<DS2408>) =>
  relay.write("PIO.1", true).pipe(
    Effect.retry({ schedule: OwRetry.transient, while: (error) => error.isRetryable })
  )

/** The levels of the pins. An input that nothing pulls to ground is `true`. */
export const inputs = (relay: Device.Device<DS2408>) => relay.read("sensed.ALL", { flags: { uncached: true } })
