/** State of a hub in another process, rebuilt from its messages. */
import type * as Api from "../../../Api.ts"
import * as Places from "../../../Places.ts"

const nothing: Omit<Api.State, "at"> = {
  title: "1-Wire",
  every: 10,
  servers: [],
  notices: [],
  outlets: [],
  places: []
}

export class RelayedState {
  private head: Omit<Api.State, "at" | "places"> | undefined
  private readonly places = new Map<string, Api.PlaceState>()
  private sorted: ReadonlyArray<Api.PlaceState> | undefined

  /** Whether anything is known. */
  get isKnown(): boolean {
    return this.head !== undefined
  }

  take(message: Api.Live): void {
    if (message._tag === "Snapshot") {
      const { at: _, places, ...head } = message.state
      this.head = head
      this.places.clear()
      for (const place of places) this.places.set(place.key, place)
      this.sorted = places
      return
    }
    if (this.head === undefined) return
    const { _tag, at: _at, events: _events, historyFailing, places, readings, removed, ...news } = message
    this.head = { ...this.head, ...news }
    if (historyFailing === null) {
      const { historyFailing: _, ...head } = this.head
      this.head = head
    } else if (historyFailing !== undefined) this.head = { ...this.head, historyFailing }
    for (const place of places) this.places.set(place.key, place)
    for (const key of removed) this.places.delete(key)
    for (const [key, changed] of Object.entries(readings)) {
      const place = this.places.get(key)
      if (place !== undefined) this.places.set(key, read(place, changed))
    }
    this.sorted = undefined
  }

  /** The whole state, with an additional line after that of the hub. */
  state(at: number, line: string | undefined): Api.State {
    const { notice, ...head } = this.head ?? nothing
    const lines = [notice, line].filter((line) => line !== undefined)
    this.sorted ??= Places.arrange([...this.places.values()])
    return { ...head, at, ...lines.length === 0 ? {} : { notice: lines.join("; ") }, places: this.sorted }
  }

  /** The server of a device, if it is known. */
  serverOf(device: string): string | undefined {
    for (const place of this.places.values()) if (place.device === device) return place.server
    return undefined
  }
}

const read = (place: Api.PlaceState, readings: Readonly<Record<string, Api.Reading>>): Api.PlaceState => ({
  ...place,
  properties: place.properties.map((property) => {
    const reading = Object.hasOwn(readings, property.name) ? readings[property.name] : undefined
    return reading === undefined ? property : { ...property, reading }
  })
})
