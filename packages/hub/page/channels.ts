/** The channels that deliver notices to people, each with a button that sends a test. */
import * as Api from "./api.ts"
import { h, put, say } from "./dom.ts"
import * as Permission from "./permission.ts"

export interface Channels {
  readonly element: HTMLElement
  readonly load: () => void
  readonly end: () => void
}

/** A channel. */
const row = (name: string): HTMLElement => {
  const answer = h("span", { class: "answer", role: "status" })
  const test = async (): Promise<void> => {
    if (!await Permission.obtain()) return
    put(button, "disabled", true)
    put(answer, "data-tone", undefined)
    say(answer, "Sending …")
    const problem = await Api.testChannel(name).then(
      () => undefined,
      (error: unknown) => error instanceof Error ? error.message : String(error)
    )
    put(button, "disabled", false)
    put(answer, "data-tone", problem === undefined ? "good" : "bad")
    say(answer, problem === undefined ? "Delivered." : `Not delivered: ${problem}`)
    button.focus()
  }
  const button = h(
    "button",
    { type: "button", class: "button small", "aria-label": `Send a test to ${name}`, click: () => void test() },
    "Send a test"
  )
  return h("li", {}, h("span", { class: "name" }, name), button, answer)
}

/** A list of all channels. It hides itself if there are none. */
export const make = (): Channels => {
  const rows = h("ul", {})
  const element = h(
    "section",
    { class: "panel channels", "aria-labelledby": "channels-title", hidden: true },
    h("h2", { id: "channels-title" }, "Channels for notices"),
    rows
  )
  let names: ReadonlyArray<string> = []
  const show = (): void => {
    put(element, "hidden", names.length === 0)
    put(element, "data-locked", Permission.permission === "none")
  }
  const end = Permission.subscribe(show)
  return {
    element,
    end,
    load: () => {
      Api.channels().then((found) => {
        if (found.join("\n") !== names.join("\n")) rows.replaceChildren(...found.map(row))
        names = found
        show()
      }, () => {})
    }
  }
}
