/**
 * Notices on their way to people: to addresses on the web, and to programs. Each begins once and ends once there, whatever is
 * restarted in between.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * A notice could not be delivered.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotifyError extends Schema.TaggedError<NotifyError>()("NotifyError", {
  /** The name of the channel. */
  channel: Schema.String,
  problem: Schema.String
}) {
  /** One line: which channel, and what came back. */
  override get message(): string {
    return `channel ${JSON.stringify(this.channel)}: ${this.problem}`
  }
}

/**
 * A way to people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Channel {
  readonly name: string
  readonly to:
    | {
      readonly _tag: "Webhook"
      readonly url: string
      readonly headers?: Readonly<Record<string, string>> | undefined
      /** More fields of the JSON that is sent. */
      readonly fields?: Readonly<Record<string, unknown>> | undefined
    }
    | { readonly _tag: "Command"; readonly command: ReadonlyArray<string> }
  /** Minutes of the day that have no notices: from one up to the other, which may be that of the next day. */
  readonly quietHours?: { readonly from: number; readonly to: number; readonly zone?: string | undefined } | undefined
}

/**
 * Delivers the notices of a hub.
 *
 * @category services
 * @since 0.1.0
 */
export class Notifier extends Context.Service<Notifier, {
  /** The names of all channels. */
  readonly channels: Effect.Effect<ReadonlyArray<string>>
  /** Takes other channels from now on. */
  readonly configure: (channels: ReadonlyArray<Channel>) => Effect.Effect<void>
  /** Sends a notice that says it is a test, now and also in quiet hours. It fails if there is no such channel, too. */
  readonly test: (channel: string) => Effect.Effect<void, NotifyError>
}>()("@effect-ownet/hub/Notifier") {}
