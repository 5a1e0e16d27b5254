/** Fetches the histories of all visible cards in one request, and again when they are out of date. */
import * as Api from "./api.ts"
import * as Beginning from "./beginning.ts"
import type { Card } from "./card.ts"
import * as Range from "./range.ts"
import * as Store from "./store.ts"
import * as Trace from "./trace.ts"

/** Points of a card's chart. More would not be visible. */
const points = 160

/** Maximum series of one request that the hub accepts. */
const most = 100

export interface Loader {
  readonly add: (card: Card) => void
  readonly remove: (card: Card) => void
  /** Marks everything that was fetched as out of date. */
  readonly invalidate: () => void
  readonly isSeen: (card: Card) => boolean
  readonly tick: () => void
  readonly end: () => void
}

const batch = async (of: ReadonlyArray<Card>, signal: AbortSignal): Promise<void> => {
  const bySeries = new Map(of.flatMap((card) => {
    const series = card.series()
    return series === undefined ? [] : [[series, card] as const]
  }))
  const series = [...bySeries.keys()]
  if (series.length === 0) return
  const now = Store.now()
  const span = Range.current()
  const lastHour = { from: now - 3600, to: now }
  const [found, recent] = await Promise.all([
    Beginning.fetch((...asked) => Api.history(...asked, signal), series, span, points, false),
    span.to - span.from > 160 * 1200 ? Api.history(series, lastHour, 20, signal) : undefined
  ])
  const recents = new Map(recent?.series.map((buckets) => [Api.seriesOf(buckets.place, buckets.property), buckets]))
  for (const { begin, buckets, history, name } of found) {
    const last = recents.get(name)
    bySeries.get(name)?.load(
      Trace.make(history, buckets, now, begin),
      recent === undefined || last === undefined ? undefined : Trace.make(recent, last, now)
    )
  }
}

/** Calls `drawn` when histories have arrived. */
export const make = (drawn: () => void): Loader => {
  const cards = new Map<Element, Card>()
  const seen = new Set<Card>()
  /** Time at which the history of a card was fetched, by the browser's clock. */
  const fetched = new Map<Card, number>()
  let wanted: ReturnType<typeof setTimeout> | undefined
  let running: AbortController | undefined

  const isOld = (card: Card): boolean => {
    const at = fetched.get(card)
    const trace = card.trace()
    if (at === undefined || trace === undefined) return at === undefined
    // After its first value, a history has a beginning.
    const patience = trace.isEmpty && trace.tip !== undefined ? 5 : Math.max(300, 2 * trace.width)
    return Range.fixed === undefined && Date.now() - at > 1000 * patience
  }

  const run = async (): Promise<void> => {
    wanted = undefined
    if (running !== undefined || Store.known === undefined) return
    const old = [...seen].filter(isOld)
    if (old.length === 0) return
    const controller = new AbortController()
    running = controller
    const at = Date.now()
    for (const card of old) fetched.set(card, at)
    try {
      for (let index = 0; index < old.length; index += most) {
        // oxlint-disable-next-line no-await-in-loop -- what is on top comes first
        await batch(old.slice(index, index + most), controller.signal)
      }
      drawn()
    } catch {
      // The stream reports that the hub is unreachable, and the next tick tries again.
      if (!controller.signal.aborted) { for (const card of old) fetched.set(card, at - 290_000) }
    }
    if (running === controller) running = undefined
    want()
  }

  const want = (): void => {
    wanted ??= setTimeout(() => void run(), 25)
  }

  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const card = cards.get(target)
      if (card === undefined) continue
      if (isIntersecting) seen.add(card)
      else seen.delete(card)
    }
    want()
  }, { rootMargin: "300px" })

  return {
    add: (card) => {
      cards.set(card.element, card)
      observer.observe(card.element)
    },
    remove: (card) => {
      observer.unobserve(card.element)
      cards.delete(card.element)
      seen.delete(card)
      fetched.delete(card)
    },
    invalidate: () => {
      running?.abort()
      running = undefined
      fetched.clear()
      want()
    },
    isSeen: (card) => seen.has(card),
    tick: () => {
      if ([...seen].some(isOld)) want()
    },
    end: () => {
      observer.disconnect()
      running?.abort()
      clearTimeout(wanted)
    }
  }
}
