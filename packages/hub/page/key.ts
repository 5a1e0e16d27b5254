/** Explanation of charts: what their parts mean, and how to look closer. */
import { h } from "./dom.ts"

const parts: ReadonlyArray<readonly [sign: string, word: string, text: string]> = [
  ["line", "Line", "the mean; flat while a value has not changed, and its dot is the present one"],
  ["band", "Band", "from the lowest to the highest value, where a point stands for more than one"],
  ["gap", "Gap", "nothing was measured: no answer, no bus, or no hub"],
  ["mark", "Mark", "a value that cannot be true, such as 85 °C after power came on; it counts in no mean"],
  ["limit", "Dashes", "a limit that is set for the sensor"]
]

const isTouched = matchMedia("(pointer: coarse)").matches

const gestures = isTouched
  ? "Pinch a chart to look closer, and move it by one finger. “Back to live” goes back."
  : "Drag over a chart to look closer. A double click, Escape, or “Back to live” goes back."

export const make = (): HTMLElement =>
  h(
    "details",
    { class: "key" },
    h("summary", {}, "How to read the charts"),
    h(
      "ul",
      {},
      ...parts.map(([sign, word, text]) =>
        h(
          "li",
          {},
          h("i", { class: `sign-${sign}`, "aria-hidden": "true" }),
          h("span", {}, h("b", {}, word), `: ${text}.`)
        )
      )
    ),
    h("p", {}, gestures)
  )
