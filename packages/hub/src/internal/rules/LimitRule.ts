/**
 * The rule by which a value exceeds a limit, and returns within it. It uses plausible values only: while nothing is known,
 * everything stays as it is.
 */
import type { Notice } from "../../Notices.ts"
import type { Limits } from "../../Places.ts"
import type * as EventText from "../EventText.ts"
import type * as Book from "./Book.ts"
import * as NoticeText from "./NoticeText.ts"

/**
 * Seconds that a value must be within its limit before the notice ends, if there is no hysteresis. A value that hovers around the
 * limit makes only one notice.
 */
const calm = 60

const sides = ["above", "below"] as const

/** One limit of a value. */
interface Watch {
  /** The limit that the value exceeds without a notice so far, since when, and the elapsed time at that moment. */
  beyond: { readonly limit: number; readonly since: number; readonly from: number } | undefined
  /** Elapsed time when the value returned within the limit, if there is a notice. */
  within: number | undefined
}

export type Line = { readonly [side in EventText.Side]: Watch }

export const line = (): Line => ({
  above: { beyond: undefined, within: undefined },
  below: { beyond: undefined, within: undefined }
})

interface Subject {
  readonly key: string
  readonly title: string
}

const about = (place: string, property: string, side: EventText.Side): Book.About => ({
  kind: "Limit",
  place,
  property,
  side
})

const isBeyond = (value: number, side: EventText.Side, limit: number | undefined): boolean =>
  limit !== undefined && (side === "above" ? value > limit : value < limit)

/** Ends notices of limits that have changed. */
export const settle = (
  book: Book.Book,
  line: Line,
  place: string,
  property: string,
  limits: Limits | undefined
): void => {
  for (const side of sides) {
    const limit = limits?.[side]
    if (line[side].beyond?.limit !== limit) line[side].beyond = undefined
    const notice = book.find(about(place, property, side))
    if (notice === undefined || notice.limit === limit) continue
    line[side].within = undefined
    book.end(notice, NoticeText.limitChanged(notice, limit))
  }
}

export const take = (book: Book.Book, line: Line, subject: Subject, limits: Limits, seen: EventText.Value): void => {
  for (const side of sides) {
    const limit = limits[side]
    if (limit === undefined) continue
    const watch = line[side]
    const notice = book.find(about(subject.key, seen.property, side))
    if (notice === undefined) exceed(book, watch, subject, limits, { seen, side, limit })
    else if (isOver(book, watch, limits, { seen, side, limit })) {
      watch.within = undefined
      book.end(notice, NoticeText.within(subject.title, seen))
    }
  }
}

interface Seen {
  readonly seen: EventText.Value
  readonly side: EventText.Side
  readonly limit: number
}

const exceed = (
  book: Book.Book,
  watch: Watch,
  { key, title }: Subject,
  limits: Limits,
  { limit, seen, side }: Seen
): void => {
  if (!isBeyond(seen.value, side, limit)) {
    watch.beyond = undefined
    return
  }
  const { from, since } = watch.beyond ??= { limit, since: seen.at, from: book.elapsed }
  if (book.elapsed - from < (limits.for ?? 0)) return
  watch.beyond = undefined
  const notice: Omit<Notice, "id"> = {
    kind: "Limit",
    place: key,
    title,
    property: seen.property,
    side,
    limit,
    value: seen.value,
    ...(seen.unit === undefined ? {} : { unit: seen.unit }),
    isUrgent: limits.isUrgent ?? false,
    since,
    text: NoticeText.exceeded(title, seen, side, limit, limits)
  }
  book.begin(notice)
}

const isOver = (book: Book.Book, watch: Watch, limits: Limits, { limit, seen: { value }, side }: Seen): boolean => {
  if (isBeyond(value, side, limit)) {
    watch.within = undefined
    return false
  }
  const other = side === "above" ? "below" : "above"
  if (isBeyond(value, other, limits[other])) return true
  const { hysteresis = 0 } = limits
  if (hysteresis > 0) return side === "above" ? value <= limit - hysteresis : value >= limit + hysteresis
  watch.within ??= book.elapsed
  return book.elapsed - watch.within >= calm
}
