/** Questions that wait for an answer, and messages to read once. */
import { h, say } from "./dom.ts"

const open = (title: string, content: ReadonlyArray<Node>, action: string, isGrave: boolean): Promise<boolean> =>
  new Promise((resolve) => {
    const heading = h("h2", { id: "dialog-title" }, title)
    const dialog = h(
      "dialog",
      { "aria-labelledby": "dialog-title" },
      h(
        "form",
        { method: "dialog" },
        heading,
        ...content,
        h(
          "div",
          { class: "actions" },
          h("button", { type: "button", class: "button", click: () => dialog.close("") }, "Cancel"),
          h("button", { type: "submit", value: "yes", class: isGrave ? "button grave" : "button primary" }, action)
        )
      )
    )
    dialog.addEventListener("close", () => {
      dialog.remove()
      resolve(dialog.returnValue === "yes")
    })
    document.body.append(dialog)
    dialog.showModal()
  })

/** Asks whether to do something. Escape means no. */
export const confirm = (title: string, text: string, action: string): Promise<boolean> =>
  open(title, [h("p", {}, text)], action, true)

/** Asks for a secret. */
export const secret = async (title: string, label: string): Promise<string | undefined> => {
  const input = h("input", { type: "password", autocomplete: "current-password", required: true, autofocus: true })
  const isGiven = await open(title, [h("label", { class: "field" }, h("span", {}, label), input)], "Unlock", false)
  return isGiven ? input.value : undefined
}

/** Asks for a value to write. */
export const value = async (
  title: string,
  text: string,
  kind: "boolean" | "number" | "text",
  unit: string
): Promise<boolean | number | string | undefined> => {
  const input = kind === "boolean"
    ? h("select", { autofocus: true }, h("option", { value: "on" }, "on"), h("option", { value: "off" }, "off"))
    : h("input", { type: kind, step: kind === "number" ? "any" : undefined, required: true, autofocus: true })
  const label = h("label", { class: "field" }, h("span", {}, unit === "" ? "New value" : `New value, ${unit}`), input)
  if (!await open(title, [h("p", {}, text), label], "Write", true)) return undefined
  return kind === "boolean" ? input.value === "on" : kind === "number" ? Number(input.value) : input.value
}

let ends: ReturnType<typeof setTimeout> | undefined

/** Shows a message at the foot of the page for a few seconds. */
export const tell = (text: string): void => {
  const toast = document.querySelector("#toast")
  if (toast === null) return
  say(toast, text)
  toast.classList.add("shown")
  clearTimeout(ends)
  ends = setTimeout(() => toast.classList.remove("shown"), 6000)
}

/** Tells a message to a screen reader only. */
export const announce = (text: string): void => {
  const region = document.querySelector("#announcement")
  if (region !== null) say(region, text)
}
