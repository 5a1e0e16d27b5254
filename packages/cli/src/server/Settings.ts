/**
 * Settings that all commands share.
 */
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Context from "effect/Context"
import type * as Option from "effect/Option"

export class Settings extends Context.Service<Settings, {
  /** Servers named by `--server`, in their order. `auto` is the only one that announces itself. */
  readonly server: ReadonlyArray<ServerAddress.ServerAddress | "auto">
  /** Maximum milliseconds of a call, attempts included. */
  readonly timeout: Option.Option<number>
  /** Maximum attempts after a failure that may pass. */
  readonly retries: number
}>()("@effect-ownet/cli/Settings") {}
