/** Properties of the device of a place: those that the hub follows, and all others of its chip, which are read on request. */
import type { Described, PlaceState, Reading } from "../src/Api.ts"
import * as Api from "./api.ts"
import { ageOf } from "./card.ts"
import * as Dialog from "./dialog.ts"
import { arrange, h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Look from "./look.ts"
import * as Permission from "./permission.ts"
import * as Store from "./store.ts"

export interface Properties {
  readonly element: HTMLElement
  readonly update: () => void
}

type Kind = Described["properties"][number]["kind"]

interface Row {
  readonly name: string
  readonly unit: string | undefined
  readonly kind: Kind
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly reading: Reading | undefined
  readonly problem: string | undefined
}

interface Table {
  readonly element: HTMLElement
  readonly show: (rows: ReadonlyArray<Row>) => void
}

const kindOf = (value: Reading["value"] | undefined): Kind =>
  typeof value === "boolean" ? "boolean" : typeof value === "number" ? "number" : "text"

const textOf = ({ problem, reading, unit }: Row): string =>
  reading === undefined
    ? problem ?? "–"
    : `${Format.valueOf(reading.value, unit)} ${Format.unitOf(unit)}${
      reading.verdict === undefined ? "" : " – not plausible"
    }`.trim()

const table = (caption: string, read: (row: Row) => void, write: (row: Row) => void): Table => {
  const body = h("tbody", {})
  const element = h(
    "div",
    { class: "scroll" },
    h("table", { class: "properties" }, h("caption", { class: "unseen" }, caption), body)
  )
  const made = new Map<string, { readonly element: HTMLElement; readonly show: (row: Row) => void }>()

  const make = (name: string) => {
    let shown: Row | undefined
    const value = h("td", { class: "of" })
    const age = h("td", { class: "when" })
    const reads = h("button", {
      type: "button",
      class: "button small",
      "aria-label": `Read ${name}`,
      title: "Read it from the sensor now",
      click: () => shown !== undefined && read(shown)
    }, "Read")
    const writes = h("button", {
      type: "button",
      class: "button small",
      "aria-label": `Write ${name}`,
      click: () => shown !== undefined && write(shown)
    }, "Write …")
    const element = h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      value,
      age,
      h("td", { class: "acts" }, reads, writes)
    )
    const show = (row: Row): void => {
      shown = row
      say(value, textOf(row))
      put(value, "data-problem", row.problem === undefined ? undefined : "")
      put(value, "title", row.problem)
      say(age, row.reading === undefined ? "" : ageOf(row.reading.at, Store.now(), Store.known?.every ?? 0))
      put(reads, "hidden", !row.isReadable)
      put(writes, "hidden", !row.isWritable || Permission.permission === "none")
    }
    return { element, show }
  }

  return {
    element,
    show: (rows) => {
      const names = new Set(rows.map(({ name }) => name))
      for (const name of made.keys()) if (!names.has(name)) made.delete(name)
      arrange(
        body,
        rows.map((row) => {
          let one = made.get(row.name)
          if (one === undefined) {
            one = make(row.name)
            made.set(row.name, one)
          }
          one.show(row)
          return one.element
        })
      )
    }
  }
}

export const make = (key: string): Properties => {
  /** Readings of properties that the hub does not follow, and the device that they belong to. */
  let readings = new Map<string, Reading>()
  let problems = new Map<string, string>()
  let described: Described | undefined
  let device: string | undefined

  const find = (): PlaceState | undefined => Store.known?.places.get(key)

  const keep = (name: string, reading: Reading): void => {
    problems.delete(name)
    if (find()?.properties.some((property) => property.name === name) !== true) {
      readings.set(name, reading)
      return update()
    }
    Store.apply({
      _tag: "Change",
      at: reading.at,
      readings: { [key]: { [name]: reading } },
      places: [],
      removed: [],
      events: []
    })
  }

  const read = async ({ name }: Row): Promise<void> => {
    const place = find()
    if (place === undefined) return
    try {
      keep(name, await Api.read(place.device, name))
    } catch (error) {
      problems.set(name, error instanceof Error ? error.message : String(error))
      readings.delete(name)
      update()
    }
  }

  const write = async (row: Row): Promise<void> => {
    const place = find()
    const { kind, name, reading, unit } = row
    if (place === undefined || !await Permission.obtain()) return
    const now = reading === undefined ? "" : ` It is ${textOf(row)} now.`
    const value = await Dialog.value(
      `Write ${name} of ${place.title}?`,
      `It is written to ${place.device}.${now}`,
      kind === "boolean" ? kind : kind === "number" ? kind : "text",
      Format.unitOf(unit)
    )
    if (value === undefined) return
    await Permission.attempt(async () => {
      const found = await Api.write(
        place.device,
        name,
        typeof value === "number" ? Format.fromView(value, unit) : value
      )
      keep(name, found)
      Dialog.tell(
        `${place.title}: ${name} was read back as ${Format.valueOf(found.value, unit)} ${Format.unitOf(unit)}`.trim() +
          "."
      )
    })
  }

  const followed = table("Followed properties", (row) => void read(row), (row) => void write(row))
  const others = table("Other properties", (row) => void read(row), (row) => void write(row))
  const summary = h("summary", {})
  const status = h("p", { class: "hint" })
  const more = h("details", { toggle: () => void load() }, summary, status, others.element)
  const element = h(
    "section",
    { class: "panel", "aria-labelledby": "properties-title" },
    h("h2", { id: "properties-title" }, "Properties"),
    followed.element,
    more
  )

  const load = async (): Promise<void> => {
    const of = find()?.device
    if (!more.open || of === undefined || described !== undefined) return
    say(status, "Looking …")
    try {
      described = await Api.describe(of)
      say(
        status,
        described.properties.length === 0 ? "This chip has no other known properties." : "They are read when you ask."
      )
    } catch (error) {
      say(status, error instanceof Error ? error.message : String(error))
    }
    update()
  }

  const update = (): void => {
    const place = find()
    if (place === undefined) return
    if (place.device !== device) {
      device = place.device
      described = undefined
      readings = new Map()
      problems = new Map()
      void load()
    }
    const relays = new Set(Look.relaysOf(place).map(({ name }) => name))
    const known = new Map(described?.properties.map((property) => [property.name, property]))
    followed.show(place.properties.map(({ failing, isWritable, name, reading, unit }) => ({
      name,
      unit,
      kind: known.get(name)?.kind ?? kindOf(reading?.value),
      isReadable: place.goneSince === undefined,
      // A relay has a switch instead.
      isWritable: isWritable && !relays.has(name) && place.goneSince === undefined,
      reading,
      problem: problems.get(name) ?? failing?.message
    })))
    const names = new Set(place.properties.map(({ name }) => name))
    say(summary, `All other properties of the ${place.chip}`)
    others.show(
      (described?.properties ?? []).filter(({ name }) => !names.has(name)).map((property) => ({
        ...property,
        unit: property.unit,
        isReadable: property.isReadable && place.goneSince === undefined,
        isWritable: property.isWritable && property.kind !== "bytes" && property.kind !== "date" &&
          place.goneSince === undefined,
        reading: readings.get(property.name),
        problem: problems.get(property.name)
      }))
    )
  }

  return { element, update }
}
