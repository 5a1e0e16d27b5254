/** Legend of charts: the meaning of their parts, and how to look closer. */
import { h } from "./dom.ts"

const parts: ReadonlyArray<readonly [sign: string, word: string, text: string]> = [
  ["line", "Line", "the mean; flat while the value does not change. The dot is the current value"],
  ["band", "Band", "from the lowest to the highest value, if a point stands for several readings"],
  ["gap", "Gap", "nothing was measured: no answer, no bus, or no hub"],
  ["mark", "Mark", "a value that cannot be true, such as 85 °C after power-on; the mean leaves it out"],
  ["limit", "Dashes", "a limit that is set for the sensor"]
]

const isTouched = matchMedia("(pointer: coarse)").matches

const gestures = isTouched
  ? "Pinch a chart to zoom in, and drag it with one finger. Press “Back to live” to return."
  : "Drag over a chart to zoom in. Double-click it, or press Escape or “Back to live”, to return."

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
