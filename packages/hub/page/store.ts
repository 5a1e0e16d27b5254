/** Present state of the network: a snapshot, and all changes since. */
import type { Event, Failing, Fleet, Live, Outlet, PlaceState, Property, Reading, ServerState } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"

export interface Known {
  readonly title: string
  /** Seconds from one reading to the next. */
  readonly every: number
  readonly notice: string | undefined
  readonly historyFailing: Failing | undefined
  readonly servers: ReadonlyArray<ServerState>
  readonly fleet?: Fleet | undefined
  readonly notices: ReadonlyArray<Notice>
  readonly outlets: ReadonlyArray<Outlet>
  readonly places: ReadonlyMap<string, PlaceState>
}

type Change = Extract<Live, { readonly _tag: "Change" }>

export let known: Known | undefined

/** Seconds that the clock of the hub is ahead of the browser's, which may be wrong by years. */
let ahead = 0

/** The hub's time. */
export const now = (): number => Date.now() / 1000 + ahead

/** When the hub told something last, by the hub's time. */
export let heardAt = 0

/** Events since the page was opened, the latest first: the hub writes its history once a minute only. */
export let happened: ReadonlyArray<Event> = []

const listeners = new Set<(live: Live) => void>()

/** Calls with each message, when it is in what is known. Ends by what it returns. */
export const subscribe = (listener: (live: Live) => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const read = (place: PlaceState, readings: Readonly<Record<string, Reading>>): PlaceState => ({
  ...place,
  properties: place.properties.map((property): Property => {
    const reading = readings[property.name]
    return reading === undefined ? property : { ...property, reading }
  })
})

const next = (known: Known, change: Change): Known => {
  const places = new Map(known.places)
  for (const place of change.places) places.set(place.key, place)
  for (const [key, readings] of Object.entries(change.readings)) {
    const place = places.get(key)
    if (place !== undefined) places.set(key, read(place, readings))
  }
  for (const key of change.removed) places.delete(key)
  return {
    ...known,
    places,
    servers: change.servers ?? known.servers,
    fleet: change.fleet ?? known.fleet,
    notices: change.notices ?? known.notices,
    outlets: change.outlets ?? known.outlets,
    historyFailing: change.historyFailing === undefined ? known.historyFailing : change.historyFailing ?? undefined
  }
}

export const apply = (live: Live): void => {
  if (live._tag === "Snapshot") {
    const { at, every, fleet, historyFailing, notice, notices, outlets, places, servers, title } = live.state
    ahead = at - Date.now() / 1000
    heardAt = at
    known = {
      title,
      every,
      notice,
      historyFailing,
      servers,
      fleet,
      notices,
      outlets,
      places: new Map(places.map((place) => [place.key, place]))
    }
  } else {
    if (known === undefined) return
    heardAt = now()
    known = next(known, live)
    happened = [...live.events.toSorted((one, other) => other.at - one.at), ...happened].slice(0, 200)
  }
  for (const listener of listeners) listener(live)
}

/** A snapshot of what is known, for another tab. */
export const snapshot = (): Live | undefined =>
  known === undefined ? undefined : {
    _tag: "Snapshot",
    state: {
      at: now(),
      title: known.title,
      every: known.every,
      ...known.notice === undefined ? undefined : { notice: known.notice },
      ...known.historyFailing === undefined ? undefined : { historyFailing: known.historyFailing },
      servers: known.servers,
      ...known.fleet === undefined ? undefined : { fleet: known.fleet },
      notices: known.notices,
      outlets: known.outlets,
      places: [...known.places.values()]
    }
  }
