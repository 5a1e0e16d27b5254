/** The range of time that all charts show: the last hours up to now, or a part of the past. */
import type { Span } from "./api.ts"
import * as Format from "./format.ts"
import { change, settings } from "./settings.ts"
import * as Store from "./store.ts"

export const ranges: ReadonlyArray<readonly [label: string, span: number, name: string]> = [
  ["1 h", 3600, "the last hour"],
  ["24 h", 86_400, "the last 24 hours"],
  ["7 d", 7 * 86_400, "the last 7 days"],
  ["30 d", 30 * 86_400, "the last 30 days"],
  ["1 y", 365 * 86_400, "the last year"]
]

/** The displayed part of the past, if there is one. */
export let fixed: Span | undefined

const listeners = new Set<() => void>()

/** Calls the listener when the range changes. The returned function ends that. */
export const subscribe = (listener: () => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const tell = (): void => {
  for (const listener of listeners) listener()
}

export const current = (): Span => {
  if (fixed !== undefined) return fixed
  const to = Store.now()
  return { from: to - settings.span, to }
}

/** The range in words. */
export const words = (): string => {
  if (fixed === undefined) {
    return ranges.find(([, span]) => span === settings.span)?.[2] ?? `the last ${Format.length(settings.span)}`
  }
  const now = Store.now()
  return `${Format.moment(fixed.from, now)} – ${Format.moment(fixed.to, now)}`
}

/** Shows the last `span` seconds, and moves with the time. */
export const follow = (span: number): void => {
  fixed = undefined
  change({ span })
  tell()
}

/** Shows a part of at least a minute. A part that would reach into the future ends now. */
export const show = ({ from, to }: Span): void => {
  const now = Store.now()
  const width = Math.min(Math.max(60, to - from), 20 * 365 * 86_400)
  const end = Math.min((from + to + width) / 2, now)
  fixed = { from: end - width, to: end }
  tell()
}

/** Moves by a fraction of the displayed range, or of a given one. */
export const move = (part: number, { from, to } = current()): void => {
  const by = (to - from) * part
  show({ from: from + by, to: to + by })
}

/** Shows more, or less if the factor is below 1. */
export const zoom = (factor: number, { from, to } = current()): void => {
  const by = (to - from) * (factor - 1) / 2
  show({ from: from - by, to: to + by })
}

/** Returns to the present, with the span that was selected last. */
export const back = (): void => follow(settings.span)
