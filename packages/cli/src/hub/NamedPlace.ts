/**
 * Finding a place of the history by any of its names: its key, the name from the page or from `hub.yaml`, the ROM id of its
 * device, or the alias of that device on a server.
 */
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Places from "@effect-ownet/hub/Places"
import * as Option from "effect/Option"

/** Name and device that `hub.yaml` gives to a place. */
interface Settings {
  readonly name?: string | undefined
  readonly device?: string | undefined
}

/** A place that a file may set, by its key. */
export type ByKey = Readonly<Record<string, Settings>>

const canonical = (text: string): string =>
  Option.match(RomId.fromString(text), { onNone: () => text, onSome: RomId.format })

/** The places of a file by their keys, and the ROM ids in the form that the history has. */
const normalized = (byKey: ByKey): ReadonlyMap<string, Settings> =>
  new Map(
    Object.entries(byKey).map(([key, { device, name }]) => [
      canonical(key),
      { name, device: device === undefined ? undefined : canonical(device) }
    ])
  )

/** The key or the page's name of a place, as an export takes it. `undefined` if no place has the name. */
export const find = (
  text: string,
  places: ReadonlyArray<Places.Place>,
  byKey: ByKey
): string | undefined => {
  if (places.some(({ key, name }) => key === text || name === text)) return text
  const settings = normalized(byKey)
  const named = places.find(({ key }) => settings.get(key)?.name === text)
  return named?.key ?? ofDevice(canonical(text), places, byKey)
}

/** The key of the place that a device fills, or else that it was the first to fill. */
export const ofDevice = (id: string, places: ReadonlyArray<Places.Place>, byKey: ByKey): string | undefined => {
  const settings = normalized(byKey)
  const filled = places.find(({ device, key }) => (settings.get(key)?.device ?? device) === id)
  return (filled ?? places.find(({ key }) => key === id))?.key
}

/** Maximum number of names in a message. */
const most = 12

/** Message for a name that no place has, with the names of places, those most similar first. */
export const problem = (
  text: string,
  places: ReadonlyArray<Places.Place>,
  byKey: ByKey,
  aliases: string | undefined
): string => {
  const settings = normalized(byKey)
  const names = Places.similar(
    text,
    [...new Set(places.map(({ key, name }) => settings.get(key)?.name ?? name ?? key))]
  )
  const [left, shown] = [names.length - most, names.slice(0, most).join(", ")]
  const listed = names.length === 0
    ? "the history has no places yet"
    : `the history has ${shown}${left > 0 ? ` and ${left} more, which ow hub export places lists` : ""}`
  return `no place has the key, the name, the ROM id or the alias ${JSON.stringify(text)}: ${listed}${
    aliases === undefined ? "" : `. Aliases could not be looked up: ${aliases}`
  }`
}
