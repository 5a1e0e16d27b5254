/** Edits of places: their settings, and the devices that fill them. Edits run one at a time. */
import { OwError, RomId } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Semaphore from "effect/Semaphore"
import type * as History from "../../History.ts"
import type { HistoryError } from "../../HistoryError.ts"
import type * as Hub from "../../Hub.ts"
import * as Places from "../../Places.ts"
import type { Board } from "../Board.ts"
import * as EventText from "../EventText.ts"
import type { Writer } from "../Writer.ts"
import * as HubSettings from "./HubSettings.ts"

type Service = Hub.Hub["Service"]

export interface Options {
  readonly board: Board
  readonly history: History.History["Service"]
  readonly writer: Writer
  /** Held during an edit. */
  readonly editing: Semaphore.Semaphore
  /** Seconds since 1970. */
  readonly now: () => number
  readonly settings: () => HubSettings.HubSettings
  /** Saves a place to the source of its settings, before it is written to the history. */
  readonly save: (place: Places.Place) => Effect.Effect<void, HistoryError>
  /** Called when a device has left its place, which ends its series. */
  readonly leave: (device: string) => void
  readonly tell: (event: History.Event) => void
}

export interface PlaceEditing extends Pick<Service, "edit" | "fill"> {
  /** Fills the places whose settings name a device that is known now. A failed one is not tried again. */
  readonly fillAll: Effect.Effect<void>
  /** Lets `fillAll` try failed places again. */
  readonly forgetFailures: () => void
}

export const make = (
  { board, editing, history, leave, now, save, settings, tell, writer }: Options
): PlaceEditing => {
  const edit: Service["edit"] = (key, change) =>
    Effect.gen(function*() {
      const place = board.place(key)
      if (place === undefined) return undefined
      for (const [property, limits] of Object.entries(change.limits ?? {})) {
        const problem = Places.problemOf(limits)
        if (problem === undefined) continue
        return yield* new OwError.ArgumentError({ operation: "Hub.edit", argument: `limits of ${property}`, problem })
      }
      const edited = editedPlace(place, change)
      yield* save(edited)
      yield* writer.setPlace(edited)
      board.setPlace(edited)
      return edited
    }).pipe(editing.withPermit)

  const fillNow = Effect.fnUntraced(function*(
    key: string,
    device: string,
    known: Places.Place | undefined,
    place: Places.Place
  ): Effect.fn.Return<Places.Place | undefined, HistoryError> {
    // Waiting rows belong to the places as they were.
    yield* writer.flush
    if (known === undefined) yield* writer.setPlace(place)
    yield* history.fill(key, device)
    if (known !== undefined) leave(known.device)
    board.fill(place, device, now())
    const subject = board.subject(device)
    if (subject !== undefined) tell(EventText.filled(subject, device, now()))
    return board.place(key)
  })

  const fill: Service["fill"] = (key, address) =>
    Effect.gen(function*() {
      if (board.isDerived(key)) {
        return yield* new OwError.ArgumentError({
          operation: "Hub.fill",
          argument: "key",
          problem: `${key} is a derived value: no device fills it`
        })
      }
      const device = Option.getOrUndefined(Option.map(RomId.fromString(address), (id) => RomId.format(id)))
      if (device === undefined || !board.isKnown(device)) return undefined
      const known = board.place(key)
      if (known?.device === device) return known
      // A device that has filled a place by mistake gets its own place back.
      const place = known ?? (key === device ? HubSettings.placed(key, settings().places[key], key) : undefined)
      if (place === undefined) return undefined
      // Settings may assign the device to another place.
      for (const [other, own] of Object.entries(settings().places)) {
        if (other !== key && own.device === device) yield* save(HubSettings.placed(other, own, other))
      }
      yield* save({ ...place, device })
      return yield* fillNow(key, device, known, place)
    }).pipe(editing.withPermit)

  /** Keys of places that could not be filled by the devices of their settings. */
  const unfilled = new Set<string>()
  const fillAll = Effect.gen(function*() {
    for (const [key, own] of Object.entries(settings().places)) {
      const { device } = own
      const known = board.place(key)
      if (device === undefined || known?.device === device || unfilled.has(key) || !board.isKnown(device)) continue
      yield* Effect.catch(fillNow(key, device, known, known ?? HubSettings.placed(key, own, key)), (error) => {
        unfilled.add(key)
        return Effect.logWarning(`${device} could not be put into the place ${key}`, error)
      })
    }
  }).pipe(editing.withPermit)

  return { edit, fill, fillAll, forgetFailures: () => unfilled.clear() }
}

const editedPlace = (place: Places.Place, change: Parameters<Service["edit"]>[1]): Places.Place => {
  const { group, isHidden, limits, name, noNewsFor, order } = change
  const of = <K extends "group" | "name" | "noNewsFor" | "order">(
    key: K,
    value: Places.Place[K] | null | undefined
  ): Partial<Pick<Places.Place, K>> => {
    const kept = value === undefined ? place[key] : value ?? undefined
    // The key is present with its value, or not at all.
    return (kept === undefined ? {} : { [key]: kept }) as Partial<Pick<Places.Place, K>>
  }
  return {
    key: place.key,
    device: place.device,
    ...of("name", name),
    ...of("group", group),
    ...of("order", order),
    isHidden: isHidden === undefined ? place.isHidden : isHidden ?? false,
    limits: limits === undefined ? place.limits : limits ?? {},
    ...of("noNewsFor", noNewsFor)
  }
}
