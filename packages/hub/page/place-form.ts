/** Settings of a place: its name, its group, its limits, and the sensor at it. */
import type { PlaceState } from "../src/Api.ts"
import type { Limits } from "../src/Places.ts"
import * as Api from "./api.ts"
import * as Dialog from "./dialog.ts"
import { h, put, say } from "./dom.ts"
import * as LimitsForm from "./limits-form.ts"
import * as Look from "./look.ts"
import * as Permission from "./permission.ts"
import * as Store from "./store.ts"

export interface Form {
  readonly element: HTMLElement
  readonly update: () => void
  /** Fills the fields again, because the unit of values has changed. */
  readonly refresh: () => void
  readonly end: () => void
}

const field = (label: string, input: HTMLElement): HTMLElement =>
  h("label", { class: "field" }, h("span", {}, label), input)

/** A blank text counts as none. */
const textOf = (value: string) => value.trim() === "" ? null : value.trim()

const limited = (place: PlaceState) => Look.keptOf(place).filter(({ reading }) => typeof reading?.value !== "boolean")

export const make = (key: string): Form => {
  const groups = h("datalist", { id: "groups" })
  const name = h("input", { name: "name", maxlength: 100, autocomplete: "off" })
  const group = h("input", { name: "group", maxlength: 100, list: "groups", autocomplete: "off" })
  const isHidden = h("input", { name: "hidden", type: "checkbox" })
  const limits = h("div", { class: "limits" })
  const news = h("div", { class: "limit" })
  const bounds = new Map<string, LimitsForm.LimitsForm>()
  let noNews: LimitsForm.NumberField | undefined
  const save = h("button", { type: "submit", class: "button primary" }, "Save")
  const fields = h(
    "fieldset",
    {},
    field("Name", name),
    field("Group", group),
    h("label", { class: "check" }, isHidden, h("span", {}, "Hide it from the overview")),
    limits,
    news,
    groups
  )
  /** Two buttons that move the place, or its group, and a text with its position. */
  const mover = (what: "place" | "group") => {
    const where = h("span", { class: "where", id: `where-${what}` })
    const button = (word: string, sign: string, by: -1 | 1) =>
      h("button", {
        type: "button",
        class: "button small",
        "aria-label": what === "place" ? `Show it ${word}` : `Show its group ${word}`,
        "aria-describedby": where.id,
        click: () => void move(what, by)
      }, `${sign} ${word}`)
    const made = { where, earlier: button("earlier", "↑", -1), later: button("later", "↓", 1) }
    return { ...made, element: h("div", { class: "mover" }, where, made.earlier, made.later) }
  }
  const movers = { place: mover("place"), group: mover("group") }
  const order = h(
    "fieldset",
    { class: "order" },
    h("legend", {}, "Order on the overview"),
    movers.place.element,
    movers.group.element
  )
  const locked = h("p", { class: "hint" })
  const device = h("select", { "aria-label": "Sensor" })
  const replace = h(
    "form",
    {
      class: "replace",
      submit: (event) => {
        event.preventDefault()
        void fill()
      }
    },
    h("h3", {}, "Another sensor fills this place"),
    h(
      "p",
      { class: "hint" },
      "If you have replaced a sensor: name, limits and history stay, and the new sensor continues them."
    ),
    h("div", { class: "row" }, device, h("button", { type: "submit", class: "button" }, "Replace"))
  )
  const form = h(
    "form",
    {
      novalidate: true,
      input: () => {
        isDirty = true
      },
      submit: (event) => {
        event.preventDefault()
        void submit()
      }
    },
    fields,
    h("div", { class: "actions" }, save)
  )
  const element = h(
    "section",
    { class: "panel settings", "aria-labelledby": "settings-title" },
    h("h2", { id: "settings-title" }, "Settings"),
    locked,
    form,
    order,
    replace
  )
  let isDirty = false
  let shape = ""

  const find = (): PlaceState | undefined => Store.known?.places.get(key)

  const fillFields = (place: PlaceState): void => {
    name.value = place.name ?? ""
    put(name, "placeholder", place.title)
    group.value = place.group ?? ""
    put(group, "placeholder", Look.groupOf({ ...place, group: undefined as never }))
    isHidden.checked = place.isHidden
    bounds.clear()
    limits.replaceChildren(
      ...limited(place).map(({ name, unit }) => {
        const form = LimitsForm.make(name, unit, place.limits[name] ?? {})
        bounds.set(name, form)
        return form.element
      })
    )
    const minutes = place.noNewsFor === undefined ? undefined : place.noNewsFor / 60
    noNews = LimitsForm.numberField("Minutes without news", minutes, "default")
    news.replaceChildren(
      h("span", {}, "No news needs a look"),
      h("p", { class: "sentence" }, "after", noNews.input, "minutes"),
      noNews.mistake
    )
  }

  /** Shows all errors, and focuses the first one. */
  const isSound = (): boolean => {
    const minutes = noNews?.value()
    const wrong = [
      ...[...bounds.values()].map((form) => form.check()),
      noNews?.complain(
          minutes === undefined || minutes > 0 ? undefined : "The time must be greater than 0."
        ) === true
        ? noNews.input
        : undefined
    ].find((input) => input !== undefined)
    wrong?.focus()
    return wrong === undefined
  }

  const limitsOf = (place: PlaceState): Record<string, Limits> => {
    const next: Record<string, Limits> = { ...place.limits }
    for (const [name, form] of bounds) {
      const found = form.limits()
      delete next[name]
      if (found !== undefined) next[name] = found
    }
    return next
  }

  const submit = async (): Promise<void> => {
    const place = find()
    if (place === undefined || !isSound() || !await Permission.obtain()) return
    const minutes = noNews?.value()
    const isDone = await Permission.attempt(() =>
      Api.edit(key, {
        name: textOf(name.value),
        group: textOf(group.value),
        isHidden: isHidden.checked,
        limits: limitsOf(place),
        noNewsFor: minutes === undefined ? null : Math.round(minutes * 60)
      })
    )
    if (!isDone) return
    isDirty = false
    Dialog.tell("Saved.")
  }

  const move = async (what: "place" | "group", by: -1 | 1): Promise<void> => {
    if (Store.known === undefined || !await Permission.obtain()) return
    const changes = [...Look.moved(Store.known, key, what, by)]
    await Permission.attempt(() => Promise.all(changes.map(([key, order]) => Api.edit(key, { order }))))
  }

  const showOrder = (known: Store.Known, place: PlaceState): void => {
    const at = Look.positionOf(known, key)
    put(order, "hidden", at === undefined || Permission.permission === "none")
    if (at === undefined) return
    const show = ({ earlier, later, where }: (typeof movers)["place"], text: string, index: number, of: number) => {
      say(where, text)
      put(earlier, "aria-disabled", index === 0 ? "true" : undefined)
      put(later, "aria-disabled", index === of - 1 ? "true" : undefined)
    }
    const title = Look.groupOf(place)
    show(movers.place, `Sensor ${at.index + 1} of ${at.of} in ${title}`, at.index, at.of)
    show(movers.group, `${title}: group ${at.groupIndex + 1} of ${at.groups}`, at.groupIndex, at.groups)
  }

  const fill = async (): Promise<void> => {
    const place = find()
    const other = [...Store.known?.places.values() ?? []].find((other) => other.device === device.value)
    if (place === undefined || other === undefined || !await Permission.obtain()) return
    const text =
      `${other.device} fills ${place.title} from now on. What it has measured belongs to ${place.title}, too, `
      + `and ${other.title} is no longer a separate place.`
    if (!await Dialog.confirm(`Replace ${place.device}?`, text, "Replace")) return
    if (await Permission.attempt(() => Api.fill(key, other.device))) {
      Dialog.tell(`${other.device} fills ${place.title}.`)
    }
  }

  const update = (): void => {
    const place = find()
    if (place === undefined) return
    const { permission } = Permission
    put(fields, "disabled", permission === "none")
    put(element, "data-locked", permission === "none")
    put(save, "hidden", permission === "none")
    say(
      locked,
      permission === "none"
        ? "This hub is read-only. To edit places here, start it with --token-file."
        : permission === "token"
        ? "Changes need the token of this hub. You enter it once."
        : ""
    )
    put(locked, "hidden", permission === "edit")
    if (Store.known !== undefined) showOrder(Store.known, place)
    const known = [...Store.known?.places.values() ?? []]
    const others = known.filter((other) => other.key !== key && other.derived === undefined)
    put(replace, "hidden", permission === "none" || others.length === 0 || place.derived !== undefined)
    const next = JSON.stringify([
      place.name,
      place.title,
      place.group,
      place.order,
      place.isHidden,
      place.limits,
      place.noNewsFor,
      limited(place).map(({ name }) => name),
      others.map(({ device, title }) => [device, title])
    ])
    if (next === shape) return
    shape = next
    const chosen = device.value
    device.replaceChildren(
      ...others.map((other) =>
        h(
          "option",
          { value: other.device },
          other.title === other.device ? other.device : `${other.title}, ${other.device}`
        )
      )
    )
    if (others.some(({ device }) => device === chosen)) device.value = chosen
    groups.replaceChildren(
      ...[...new Set(known.flatMap(({ group }) => group ?? []))].map((value) => h("option", { value }))
    )
    // Unsaved edits are kept.
    if (!isDirty) fillFields(place)
  }

  const end = Permission.subscribe(update)
  update()
  return {
    element,
    update,
    refresh: () => {
      const place = find()
      if (place !== undefined) fillFields(place)
    },
    end
  }
}
