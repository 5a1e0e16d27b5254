/** The switch of a relay. It is always visible, asks for confirmation, and shows the state that was read back. */
import type { PlaceState, Property } from "../src/Api.ts"
import * as Api from "./api.ts"
import * as Dialog from "./dialog.ts"
import { h, put, say } from "./dom.ts"
import * as Look from "./look.ts"
import * as Permission from "./permission.ts"
import * as Store from "./store.ts"

export interface Relay {
  readonly element: HTMLElement
  readonly update: () => void
  readonly end: () => void
}

const forbidden = "This hub may not switch it: start it with --allow-write 'PIO.*'."

export const make = (key: string, name: string): Relay => {
  const find = (): readonly [PlaceState | undefined, Property | undefined] => {
    const place = Store.known?.places.get(key)
    return [place, place?.properties.find((property) => property.name === name)]
  }

  let isBusy = false

  const turn = async (): Promise<void> => {
    const [place, property] = find()
    if (place === undefined || property === undefined || isBusy) return
    const next = property.reading?.value !== true
    const word = next ? "on" : "off"
    const value = property.reading?.value
    const text = `${name} of ${place.device} is ${
      value === undefined ? "not known" : value === true ? "on" : "off"
    } now.`
    const what = Look.relaysOf(place).length > 1 ? `${name} of ${place.title}` : place.title
    if (!await Permission.obtain()) return
    if (!await Dialog.confirm(`Switch ${what} ${word}?`, text, `Switch ${word}`)) return
    isBusy = true
    update()
    await Permission.attempt(async () => {
      const reading = await Api.write(place.device, name, next)
      Store.apply({
        _tag: "Change",
        at: reading.at,
        readings: { [key]: { [name]: reading } },
        places: [],
        removed: [],
        events: []
      })
      Dialog.tell(`${place.title}: ${name} was read back as ${reading.value === true ? "on" : "off"}.`)
    })
    isBusy = false
    update()
  }

  const state = h("span", { class: "state" })
  const knob = h("button", { type: "button", role: "switch", class: "switch", click: () => void turn() })
  const element = h("div", { class: "relay" }, h("span", { class: "channel" }, name), state, knob)

  const update = (): void => {
    const [place, property] = find()
    if (place === undefined || property === undefined) return
    const value = property.reading?.value
    const isPermitted = property.isWritable && Permission.permission !== "none"
    put(knob, "aria-checked", value === true ? "true" : "false")
    put(knob, "aria-label", `${name} of ${place.title}`)
    put(knob, "aria-busy", isBusy ? "true" : undefined)
    put(knob, "disabled", !isPermitted || isBusy || place.goneSince !== undefined)
    put(element, "title", isPermitted ? undefined : forbidden)
    say(state, isBusy ? "…" : value === undefined ? "unknown" : value === true ? "on" : "off")
  }

  const end = Permission.subscribe(update)
  update()
  return { element, update, end }
}
