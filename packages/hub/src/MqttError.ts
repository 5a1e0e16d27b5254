/**
 * Failures of the bridge to MQTT. A running bridge continues after a failure, and the outlet `MQTT` of the hub shows it.
 *
 * **Example** (Reporting a problem with a broker)
 *
 * ```ts
 * import { Mqtt } from "@effect-ownet/hub"
 * import { Console, Effect } from "effect"
 *
 * const program = Mqtt.clear({ server: "mqtt://localhost" }).pipe(
 *   Effect.catchTag("MqttError", (error) => Console.error(error.message))
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema of the reasons of an `MqttError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const MqttReason = Schema.Literals(["Missing", "Setting", "Unreachable", "Refused", "Silent", "Lost"])

/**
 * A broker cannot be reached, refuses the bridge, or stops answering.
 *
 * **Details**
 *
 * - `Missing`: the package `mqtt` is not installed, or cannot be loaded.
 * - `Setting`: an option is invalid.
 * - `Unreachable`: there is no connection.
 * - `Refused`: the broker refuses the user, the password, the client id, or a subscription.
 * - `Silent`: the broker has not answered in time.
 * - `Lost`: the connection was closed.
 *
 * @category errors
 * @since 0.1.0
 */
export class MqttError extends Schema.TaggedError<MqttError>()("MqttError", {
  reason: MqttReason,
  /** The address of the broker, without user and password. */
  server: Schema.String,
  problem: Schema.String
}) {
  /** One line: the broker, and the problem. */
  override get message(): string {
    return `${this.server}: ${this.problem}`
  }

  /** Whether the same operation may succeed later, without any change. */
  get isRetryable(): boolean {
    return this.reason !== "Missing" && this.reason !== "Setting"
  }
}
