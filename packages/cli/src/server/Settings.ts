/**
 * Settings that all commands share.
 */
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Context from "effect/Context"
import type * as Option from "effect/Option"

export class Settings extends Context.Service<Settings, {
  /** Servers from `--server`, in their order. `auto` is the only one that announces itself. */
  readonly server: ReadonlyArray<ServerAddress.ServerAddress | "auto">
  /** Time limit of a call in milliseconds, including all attempts. */
  readonly timeout: Option.Option<number>
  /** Maximum attempts after a temporary failure. */
  readonly retries: number
}>()("@effect-ownet/cli/Settings") {}
