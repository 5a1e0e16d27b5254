/**
 * Notices: conditions of a network that people want to know about, each with a beginning and an end.
 *
 * **Example** (A log of notices)
 *
 * ```ts
 * import { Hub } from "@effect-ownet/hub"
 * import { Console, Stream } from "effect"
 *
 * const log = Hub.Hub.use((hub) =>
 *   Stream.runForEach(hub.notices, ({ notice, phase }) => Console.log(phase, notice.endText ?? notice.text))
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema of a kind of notice.
 *
 * - `Limit`: a value exceeds a limit of its place.
 * - `NoNews`: a place has had no good reading for too long.
 * - `Alarm`: the chip of a place is in alarm.
 * - `BusOut`, `ServerOut`: a bus or a server fails.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Kind = Schema.Literals(["Limit", "NoNews", "Alarm", "BusOut", "ServerOut"])

/**
 * A kind of notice.
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = typeof Kind.Type

/**
 * Schema of the phase of a turn.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Phase = Schema.Literals(["Began", "Acknowledged", "Ended"])

/**
 * Schema of a notice. All times are seconds since 1970 in UTC.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Notice = Schema.Struct({
  /** Unique in one history: letters, digits and hyphens. */
  id: Schema.String,
  kind: Kind,
  /** The key of the place, if the notice is about one, and the title that the place had when the notice began. */
  place: Schema.optionalKey(Schema.String),
  title: Schema.optionalKey(Schema.String),
  /** The property, and the limit that its value exceeds. */
  property: Schema.optionalKey(Schema.String),
  side: Schema.optionalKey(Schema.Literals(["above", "below"])),
  limit: Schema.optionalKey(Schema.Finite),
  /** The value with which the notice began. */
  value: Schema.optionalKey(Schema.Finite),
  unit: Schema.optionalKey(Schema.String),
  server: Schema.optionalKey(Schema.String),
  bus: Schema.optionalKey(Schema.String),
  /** Whether the notice is also sent in quiet hours. */
  isUrgent: Schema.Boolean,
  /** Start of the condition, which may be some time before the notice. */
  since: Schema.Finite,
  until: Schema.optionalKey(Schema.Finite),
  /** Time of the acknowledgement. */
  acknowledgedAt: Schema.optionalKey(Schema.Finite),
  /** One line of text for the beginning, and one for the end if the notice has ended. */
  text: Schema.String,
  endText: Schema.optionalKey(Schema.String)
})

/**
 * A notice. All times are seconds since 1970 in UTC.
 *
 * @category models
 * @since 0.1.0
 */
export type Notice = typeof Notice.Type

/**
 * A turn of a notice: it has begun, somebody has acknowledged it, or it has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Turn {
  readonly phase: typeof Phase.Type
  readonly notice: Notice
}
