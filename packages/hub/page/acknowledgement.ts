/** A button that acknowledges open notices. */
import type { Notice } from "../src/Notices.ts"
import * as Api from "./api.ts"
import * as Dialog from "./dialog.ts"
import { h, put } from "./dom.ts"
import * as Look from "./look.ts"
import * as Permission from "./permission.ts"

export interface Button {
  readonly element: HTMLElement
  /** Sets the notices that the button acknowledges. `of` names them if there are other such buttons. */
  readonly show: (notices: ReadonlyArray<Notice>, of: string) => void
}

export const make = (): Button => {
  let fresh: ReadonlyArray<Notice> = []
  const acknowledge = async (): Promise<void> => {
    const some = fresh
    if (some.length === 0 || !await Permission.obtain()) return
    if (await Permission.attempt(() => Promise.all(some.map(({ id }) => Api.acknowledge(id))))) {
      Dialog.tell("Acknowledged.")
    }
  }
  const button = h("button", { type: "button", class: "button small", click: () => void acknowledge() }, "Acknowledge")
  const element = h("p", { class: "acknowledge", hidden: true }, button)
  return {
    element,
    show: (notices, of) => {
      fresh = Look.fresh(notices)
      put(element, "hidden", fresh.length === 0 || Permission.permission === "none")
      put(button, "aria-label", `Acknowledge ${of}`)
    }
  }
}
