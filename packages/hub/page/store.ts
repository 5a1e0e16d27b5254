/** Current state of the network: a snapshot, and all changes since. */
import type { Event, Failing, Fleet, Live, Outlet, PlaceState, Property, Reading, ServerState } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"

export interface Known {
  readonly title: string
  /** Seconds between readings. */
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

/** Seconds by which the clock of the hub is ahead of the browser's, which may be wrong by years. */
let ahead = 0

/** The hub's time. */
export const now = (): number => Date.now() / 1000 + ahead

/** Time of the last message from the hub, by the hub's time. */
export let heardAt = 0

/** Events since the page was opened, the latest first. The hub writes its history only once a minute. */
export let happened: ReadonlyArray<Event> = []

const listeners = new Set<(live: Live) => void>()

/** Calls the listener with each message, after the state contains it. The returned function ends that. */
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

/** A snapshot of the state, for another tab. */
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
