/**
 * Hours of a day without notices, by the wall clock of a zone. They are an hour shorter or longer if a clock change falls in
 * them.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { Channel } from "../../Notifier.ts"

export type QuietHours = NonNullable<Channel["quietHours"]>

/** The zone with a name; `undefined` if there is none. */
export const zoneOf = (name: string | undefined): DateTime.TimeZone | undefined =>
  name === undefined ? DateTime.zoneMakeLocal() : Option.getOrUndefined(DateTime.zoneFromString(name))

const partsOf = (zone: DateTime.TimeZone, millis: number): DateTime.DateTime.Parts =>
  DateTime.toParts(DateTime.setZone(DateTime.makeUnsafe(millis), zone))

/** Whether a moment, in milliseconds since 1970, is in quiet hours. */
export const isIn = ({ from, to }: QuietHours, zone: DateTime.TimeZone, millis: number): boolean => {
  const { hour, minute } = partsOf(zone, millis)
  const now = hour * 60 + minute
  return from <= to ? now >= from && now < to : now >= from || now < to
}

const two = (value: number): string => String(value).padStart(2, "0")

/** A moment as people write it on the day of another moment: `07:30`, or `2026-03-29 07:30` on another day. */
export const moment = (zone: DateTime.TimeZone, millis: number, today: number): string => {
  const at = partsOf(zone, millis)
  const now = partsOf(zone, today)
  const time = `${two(at.hour)}:${two(at.minute)}`
  return at.year === now.year && at.month === now.month && at.day === now.day
    ? time
    : `${at.year}-${two(at.month)}-${two(at.day)} ${time}`
}
