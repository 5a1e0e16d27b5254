/**
 * Rules by which a hub makes notices: each condition begins once and ends once, also over restarts. They are plain functions.
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
 * A place, as far as it matters to rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject extends Pick<Places.Place, "device" | "key" | "limits" | "noNewsFor"> {
  /** Its title in notices. */
  readonly title: string
}

/**
 * Settings of the rules. Durations are in seconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Whether alarms of chips are told. Default `true`. */
  readonly alarms?: boolean | undefined
  /** Whether failing buses and servers are told. Default `true`. */
  readonly outages?: boolean | undefined
  /** Time that a bus or a server has to fail before that is told. Default 30. */
  readonly outagesFor?: number | undefined
  /** Time without a good reading of any place before that is told, except for derived values. Never by default. */
  readonly noNewsFor?: number | undefined
}

/**
 * Look-up of settings and places. The rules call it each time, so that edits count at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Settings that hold now. */
  readonly settings: () => Settings
  /** The place that a device fills, or that of a derived value. */
  readonly placeOf: (device: string) => Subject | undefined
  /** All places. */
  readonly places: () => Iterable<Subject>
}

/** A place, as it is watched. */
interface Watched {
  /** The device that fills it. */
  device: string
  /** The limits of its properties. */
  readonly lines: Map<string, LimitRule.Line>
  /** Derived values, which hold until others are told. */
  readonly derived: Map<string, Derived.Value>
  /** Time that had passed at its last good reading, without the time of outages. */
  quiet: number
  lastGood: number | undefined
  seen: OutageRule.Seen | undefined
  /** When the alarm of its chip was raised, if it is in alarm. */
  raised: number | undefined
  /** When the alarm ended or the chip vanished: the next reading tells which. */
  cleared: number | undefined
  /** Time that had passed when it was first read, or could be read again. */
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
  /** Time that had passed at the last tick. */
  ticked: number
}

/** Seconds that the chip of a place has to be out of alarm to be known to be so after a restart. */
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
 * Takes in what was known before these rules began, if they go on where others stopped: where devices are, and what fails or is in
 * alarm. What was told of it goes on, and nothing of it is news.
 *
 * **Details**
 *
 * Call it before the first `take`. What has failed for some time and was not told counts from now on.
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
 * - Only a plausible reading is evidence. As long as nothing is known, a notice stays open: if a sensor vanishes while its value is
 *   beyond a limit, if its bus fails, and over a restart.
 * - A limit is exceeded once all readings have been beyond it for the time `for`. That ends once a value is back within it by
 *   `hysteresis`, or has been within it for a minute if there is no hysteresis.
 * - Unless `outages` is `false`, a failing bus or server is the only notice of its outage: there is none for places without news on
 *   it, nor for the buses of a failing server.
 * - An alarm that a chip no longer shows is over once the chip can be read: it may have been unplugged.
 * - Time passes only as long as something is heard: a computer that has slept, or a clock that was set, begins and ends nothing.
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
 * Takes in a derived value. It holds until another one is taken in.
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
 * Acknowledges an open notice. `undefined` if there is no such open notice.
 *
 * @category combinators
 * @since 0.1.0
 */
export const acknowledge = (state: State, id: string, now: number): Turn | undefined => {
  state.book.pass(now)
  return state.book.acknowledge(id)
}

const seconds = (date: Date): number => date.getTime() / 1000

/** A place as it is watched: what was told of another device that has filled it, or of another limit, ends. */
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

/** Takes in where a device is. */
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
  // Even a reading that is not plausible shows that its bus and server work.
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

/** Derived values go on as they are. */
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
  // A chip of which nothing is read tells nothing else.
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
