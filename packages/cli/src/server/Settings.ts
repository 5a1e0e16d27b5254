/**
 * What every command is told.
 */
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Context from "effect/Context"
import type * as Option from "effect/Option"

export class Settings extends Context.Service<Settings, {
  /** The servers that were named, in their order. */
  readonly server: ReadonlyArray<ServerAddress.ServerAddress>
  /** Milliseconds that a call may take. */
  readonly timeout: Option.Option<number>
  readonly retries: number
}>()("@effect-ownet/cli/Settings") {}
