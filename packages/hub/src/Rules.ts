/**
 * Rules by which a hub makes notices. Each condition begins once and ends once, even across restarts. They are plain functions.
 *
 * **Example** (A freezer that has been too warm since before a restart)
 *
 * ```ts
 * import { type Notices, Rules } from "@effect-ownet/hub"
 *
 * const freezer: Rules.Subject = {
 *   key: "28.000028D70100",
 *   device: "28.000028D70100",
 *   title: "freezer",
 *   limits: { temperature: { above: -15 } }
 * }
 * const tooWarm: Notices.Notice = {
 *   id: "1",
 *   kind: "Limit",
 *   place: "28.000028D70100",
 *   title: "freezer",
 *   property: "temperature",
 *   side: "above",
 *   limit: -15,
 *   isUrgent: false,
 *   since: 0,
 *   text: "freezer: temperature is -9 °C, above -15 °C"
 * }
 * const rules = Rules.begin([tooWarm], 100, {
 *   settings: () => ({}),
 *   placeOf: (device) => device === freezer.device ? freezer : undefined,
 *   places: () => [freezer]
 * })
 *
 * // Nothing has been read yet, so nothing is known.
 * Rules.tick(rules, 101).length // => 0
 * rules.open.size // => 1
 * ```
 *
 * @since 0.1.0
 */
import { type Device, type Follow, RomId } from "@effect-ownet/core"
import type * as Derived from "./Derived.ts"
import * as Parts from "./internal/Parts.ts"
import { Book } from "./internal/rules/Book.ts"
import type * as BookOf from "./internal/rules/Book.ts"
import * as LimitRule from "./internal/rules/LimitRule.ts"
import * as NoticeText from "./internal/rules/NoticeText.ts"
import * as OutageRule from "./internal/rules/OutageRule.ts"
import type { Notice, Turn } from "./Notices.ts"
import * as Places from "./Places.ts"

/**
 * The part of a place that matters to rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject extends Pick<Places.Place, "device" | "key" | "limits" | "noNewsFor"> {
  /** Title of the place in notices. */
  readonly title: string
}

/**
 * Settings of the rules. Durations are in seconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Whether alarms of chips make notices. Default `true`. */
  readonly alarms?: boolean | undefined
  /** Whether failing buses and servers make notices. Default `true`. */
  readonly outages?: boolean | undefined
  /** Seconds that a bus or a server must fail before a notice. Default 30. */
  readonly outagesFor?: number | undefined
  /** Seconds without a good reading before a notice, for any place except derived values. By default, there is no such notice. */
  readonly noNewsFor?: number | undefined
}

/**
 * Look-up of settings and places. The rules call it each time, so edits take effect at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Current settings. */
  readonly settings: () => Settings
  /** The place that a device fills, or the place of a derived value. */
  readonly placeOf: (device: string) => Subject | undefined
  /** All places. */
  readonly places: () => Iterable<Subject>
}

/** A place that is watched. */
interface Watched {
  /** The device that fills the place. */
  device: string
  /** The limits of its properties. */
  readonly lines: Map<string, LimitRule.Line>
  /** Derived values, which hold until new ones arrive. */
  readonly derived: Map<string, Derived.Value>
  /** Elapsed time at the last good reading, without the time of outages. */
  quiet: number
  lastGood: number | undefined
  seen: OutageRule.Seen | undefined
  /** Time at which the alarm of the chip was raised, if it is in alarm. */
  raised: number | undefined
  /** Time at which the alarm ended or the chip vanished. The next reading shows which. */
  cleared: number | undefined
  /** Elapsed time at the first reading, or at the first reading after a failure. */
  read: number | undefined
}

/**
 * State of the rules. Each call changes it in place.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
  /** Notices that have not ended. */
  readonly open: ReadonlyMap<string, Notice>
  readonly book: Book
  readonly outages: OutageRule.OutageRule
  /** Places by their keys. */
  readonly watched: Map<string, Watched>
  /** Elapsed time at the last tick. */
  ticked: number
}

/** Seconds after a restart for which a chip must be out of alarm before its alarm counts as over. */
const settling = 60

/**
 * Begins at a time, in seconds since 1970, with the notices that are still open.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (open: ReadonlyArray<Notice>, now: number, options: Options): State => {
  const book = new Book(open, now)
  return { options, open: book.open, book, outages: new OutageRule.OutageRule(book), watched: new Map(), ticked: 0 }
}

/**
 * Takes in what was known before these rules began, if they continue where others stopped: the location of devices, failures and
 * alarms. Open notices stay open, and none of this makes a new notice.
 *
 * **Details**
 *
 * Call it before the first `take`. The time of a failure that was not reported yet counts from now on.
 *
 * @category combinators
 * @since 0.1.0
 */
export const know = (state: State, event: Follow.Event): void => {
  const { book, outages } = state
  switch (event._tag) {
    case "ServerAdded":
      outages.added(event.server)
      break
    case "Found":
      outages.knownToWork(event.server)
      break
    case "ServerFailed":
    case "BusFailed":
      outages.take(event)
      break
    case "Appeared":
    case "Moved":
    case "Renamed":
    case "Rerouted":
      see(state, event)
      break
    case "Raised": {
      const found = see(state, event)
      if (found === undefined) return
      const [place, { key }] = found
      place.raised = seconds(event.at)
      const notice = book.find(aboutAlarm(key))
      if (notice !== undefined) book.confirm(notice)
      break
    }
  }
}

/**
 * Takes in one event, at a time in seconds since 1970.
 *
 * **Details**
 *
 * - Only a plausible reading is evidence. While nothing is known, a notice stays open: if a sensor vanishes while its value is
 *   beyond a limit, if its bus fails, and across a restart.
 * - A limit is exceeded once all readings have been beyond it for the time `for`. The notice ends once a value is back within the
 *   limit by `hysteresis`, or, without hysteresis, has been within it for a minute.
 * - Unless `outages` is `false`, an outage makes one notice, for the failing bus or server. Places without news on it make none,
 *   nor do the buses of a failing server.
 * - An alarm that a chip no longer shows is over once the chip can be read. Until then, it may have been unplugged.
 * - Time passes only while events or ticks arrive. A computer that has slept, or a clock that was set, begins and ends nothing.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (state: State, event: Follow.Event, now: number): ReadonlyArray<Turn> => {
  const { book, outages } = state
  book.pass(now)
  switch (event._tag) {
    case "Reading":
      onReading(state, event)
      break
    case "Failed":
      see(state, event)
      break
    case "ServerAdded":
      outages.added(event.server)
      break
    case "ServerRemoved":
      outages.removed(event.server)
      break
    case "Found":
      outages.found(event.server)
      break
    case "ServerFailed":
    case "ServerRecovered":
    case "BusFailed":
    case "BusRecovered":
      outages.take(event)
      break
    case "Appeared":
    case "Moved":
    case "Renamed":
    case "Rerouted":
      see(state, event)
      break
    case "Raised":
    case "Cleared":
      onAlarm(state, event)
      break
  }
  outages.tick(state.options.settings())
  return book.drain()
}

/**
 * Takes in a derived value. It holds until the next one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const derive = (state: State, value: Derived.Value, now: number): ReadonlyArray<Turn> => {
  state.book.pass(now)
  const subject = state.options.placeOf(value.place)
  if (subject !== undefined) {
    const watched = watch(state, subject)
    watched.derived.set(value.property, value)
    hold(state, watched, subject)
  }
  return state.book.drain()
}

/**
 * Takes in that time has passed. Call it about once a second.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tick = (state: State, now: number): ReadonlyArray<Turn> => {
  const { book, options, outages, watched } = state
  book.pass(now)
  const settings = options.settings()
  outages.tick(settings)
  const keys = new Set<string>()
  for (const subject of options.places()) {
    keys.add(subject.key)
    const place = watch(state, subject)
    hold(state, place, subject)
    if (outages.explains(place.seen, settings)) {
      place.quiet = Math.min(book.elapsed, place.quiet + book.elapsed - state.ticked)
      if (place.read !== undefined) place.read = book.elapsed
    }
    tellAlarm(state, place, subject, settings)
    tellSilence(state, place, subject, settings)
  }
  for (const key of watched.keys()) if (!keys.has(key)) watched.delete(key)
  for (const notice of book.open.values()) {
    if (notice.place !== undefined && !keys.has(notice.place)) book.end(notice, NoticeText.forgotten(notice))
  }
  state.ticked = book.elapsed
  return book.drain()
}

/**
 * Acknowledges an open notice. Returns `undefined` if no such notice is open.
 *
 * @category combinators
 * @since 0.1.0
 */
export const acknowledge = (state: State, id: string, now: number): Turn | undefined => {
  state.book.pass(now)
  return state.book.acknowledge(id)
}

const seconds = (date: Date): number => date.getTime() / 1000

/** Watches a place. Ends the notices of a device that filled the place before, and of limits that have changed. */
const watch = ({ book, ticked, watched }: State, subject: Subject): Watched => {
  const { device, key, limits, title } = subject
  let place = watched.get(key)
  if (place === undefined || place.device !== device) {
    if (place !== undefined) {
      for (const notice of ofPlace(book, key)) book.end(notice, NoticeText.filled(title, device))
    }
    place = {
      device,
      lines: new Map(),
      derived: new Map(),
      quiet: ticked,
      lastGood: undefined,
      seen: undefined,
      raised: undefined,
      cleared: undefined,
      read: undefined
    }
    watched.set(key, place)
    for (const { property } of ofPlace(book, key)) {
      if (property !== undefined) place.lines.set(property, LimitRule.line())
    }
  }
  for (const [property, line] of place.lines) LimitRule.settle(book, line, key, property, limits[property])
  return place
}

const ofPlace = ({ open }: Book, key: string): ReadonlyArray<Notice> =>
  [...open.values()].filter(({ place }) => place === key)

/** Takes in the location of a device. */
const see = (
  state: State,
  { device, server }: { readonly device: Device.AnyDevice; readonly server: string }
): readonly [Watched, Subject] | undefined => {
  const subject = state.options.placeOf(RomId.format(device.id))
  if (subject === undefined) return undefined
  const place = watch(state, subject)
  place.seen = { server, place: device.place }
  return [place, subject]
}

const onReading = (state: State, event: Follow.Of<Device.Reading>): void => {
  const { at, device, property, server, unit, value, verdict } = event
  const { book, outages } = state
  const found = see(state, event)
  // Even an implausible reading shows that its bus and server work.
  outages.read({ server, place: device.place })
  if (found === undefined || verdict._tag !== "Plausible") return
  const [place, subject] = found
  let isGood = false
  for (const [name, part] of Parts.split(device, property, value)) {
    const number = Parts.kept(part)
    if (number === undefined) isGood ||= part !== undefined
    else if (Number.isFinite(number)) {
      isGood = true
      onValue(book, place, subject, { property: name, unit, value: number, at: seconds(at) })
    }
  }
  if (!isGood) return
  onGood(book, place, subject, seconds(at))
  place.read ??= book.elapsed
  if (place.cleared !== undefined && seconds(at) >= place.cleared) endAlarm(book, place, subject)
}

const onValue = (
  book: Book,
  { lines }: Watched,
  subject: Subject,
  seen: Parameters<typeof LimitRule.take>[4]
): void => {
  const limits = subject.limits[seen.property]
  if (limits === undefined) return
  let line = lines.get(seen.property)
  if (line === undefined) lines.set(seen.property, line = LimitRule.line())
  LimitRule.take(book, line, subject, limits, seen)
}

const aboutSilence = (place: string): BookOf.About => ({ kind: "NoNews", place })

const onGood = (book: Book, place: Watched, { key, title }: Subject, at: number): void => {
  place.quiet = book.elapsed
  place.lastGood = at
  const notice = book.find(aboutSilence(key))
  if (notice !== undefined) book.end(notice, NoticeText.news(title, book.now - notice.since))
}

/** Keeps derived values as they are. */
const hold = ({ book }: State, place: Watched, subject: Subject): void => {
  for (const { property, unit, value } of place.derived.values()) {
    if (value === undefined || !Number.isFinite(value)) continue
    onValue(book, place, subject, { property, unit, value, at: book.now })
    onGood(book, place, subject, book.now)
  }
}

const tellSilence = ({ book }: State, place: Watched, subject: Subject, settings: Settings): void => {
  const { key, title } = subject
  const longest = subject.noNewsFor ?? (Places.isDerived(key) ? undefined : settings.noNewsFor)
  const notice = book.find(aboutSilence(key))
  if (longest === undefined || longest === 0) {
    if (notice !== undefined) book.end(notice, NoticeText.noNewsUnwatched(title))
    return
  }
  const silence = book.elapsed - place.quiet
  if (notice !== undefined || silence < longest) return
  book.begin({
    ...aboutSilence(key),
    title,
    isUrgent: false,
    since: place.lastGood ?? book.now - silence,
    text: NoticeText.noNews(title, silence)
  })
}

const aboutAlarm = (place: string): BookOf.About => ({ kind: "Alarm", place })

const onAlarm = (
  state: State,
  event: Extract<Follow.Event, { readonly _tag: "Raised" | "Cleared" }>
): void => {
  const found = see(state, event)
  if (found === undefined) return
  const [place, subject] = found
  const { book, options } = state
  if (event._tag === "Raised") {
    place.raised = seconds(event.at)
    place.cleared = undefined
    const notice = book.find(aboutAlarm(subject.key))
    if (notice !== undefined) book.confirm(notice)
    tellAlarm(state, place, subject, options.settings())
    return
  }
  place.raised = undefined
  // A chip whose properties are not read gives no other evidence.
  if (place.read === undefined) endAlarm(book, place, subject)
  else place.cleared = seconds(event.at)
}

const tellAlarm = ({ book }: State, place: Watched, { key, title }: Subject, { alarms = true }: Settings): void => {
  const notice = book.find(aboutAlarm(key))
  if (notice === undefined) {
    if (!alarms || place.raised === undefined) return
    book.begin({
      ...aboutAlarm(key),
      title,
      isUrgent: false,
      since: place.raised,
      text: NoticeText.raised(title)
    })
  } else if (!alarms) book.end(notice, NoticeText.alarmsUnwatched(notice))
  else if (book.isRestored(notice) && place.read !== undefined && book.elapsed - place.read >= settling) {
    endAlarm(book, place, { key, title })
  }
}

const endAlarm = (book: Book, place: Watched, { key, title }: Pick<Subject, "key" | "title">): void => {
  place.cleared = undefined
  const notice = book.find(aboutAlarm(key))
  if (notice !== undefined) book.end(notice, NoticeText.cleared(title, book.now - notice.since))
}
