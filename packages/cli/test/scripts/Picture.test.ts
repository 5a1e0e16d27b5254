/**
 * The pictures of the guides, down to the cell.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Picture from "../../scripts/Picture.ts"
import * as Screen from "../../scripts/Screen.ts"

const draw = (output: string) =>
  Effect.callback<Screen.Cells>((resume) => {
    const screen = Screen.make(20, 4)
    screen.write(output, () => resume(Effect.succeed(screen.cells())))
  })

const render = (output: string) =>
  Effect.map(draw(output), (cells) => Picture.render({ title: "ow", frames: [{ at: 0, cells }] }))

/** Whatever is on the screen: where it begins, how wide it is, and how it is written. */
const textsOf = (svg: string) =>
  [...svg.matchAll(
    /<text x="(\d+)" y="([\d.]+)" textLength="(\d+)"( lengthAdjust="spacingAndGlyphs")?(.*?)>(.*?)<\/text>/g
  )]
    .map(([, x, y, width, stretched, style, text]) => ({
      column: Number(x) / 9,
      row: Math.floor(Number(y) / 18),
      columns: Number(width) / 9,
      isStretched: stretched !== undefined,
      style: style.trim(),
      text: text.replaceAll("\u00A0", " ")
    }))

const boxesOf = (svg: string) =>
  [...svg.matchAll(/<rect x="(\d+)" y="(\d+)" width="(\d+)" height="18" fill="(.*?)"\/>/g)]
    .map(([, x, y, width, fill]) => [Number(x) / 9, Number(y) / 18, Number(width) / 9, fill])

describe("a picture of a terminal", () => {
  it.effect("has text where it stands, as it stands there", () =>
    Effect.gen(function*() {
      const svg = yield* render("a <b> & \"c\"\r\n\r\n   two  words")
      assert.deepStrictEqual(textsOf(svg), [
        { column: 0, row: 0, columns: 11, isStretched: false, style: "", text: "a &lt;b&gt; &amp; &quot;c&quot;" },
        { column: 3, row: 2, columns: 10, isStretched: false, style: "", text: "two  words" }
      ])
      // Browsers take several spaces for one.
      assert.include(svg, ">two\u00A0\u00A0words<")
      assert.include(svg, "width=\"212\" height=\"104\"")
    }))

  it.effect("has the colors of all three kinds", () =>
    Effect.gen(function*() {
      const svg = yield* render(
        "\u001B[31mr\u001B[92mg\u001B[38;5;202mo\u001B[38;5;244ms\u001B[38;2;1;2;255mb\u001B[0m\u001B[48;5;17m  \u001B[0m."
      )
      assert.deepStrictEqual(textsOf(svg).map(({ column, style, text }) => [column, text, style]), [
        [0, "r", "fill=\"#e06c75\""],
        [1, "g", "fill=\"#b3d99a\""],
        [2, "o", "fill=\"#ff5f00\""],
        [3, "s", "fill=\"#808080\""],
        [4, "b", "fill=\"#0102ff\""],
        [7, ".", ""]
      ])
      assert.deepStrictEqual(boxesOf(svg), [[5, 0, 2, "#00005f"]])
    }))

  it.effect("has what text can be beside its color", () =>
    Effect.gen(function*() {
      const svg = yield* render("\u001B[1mb\u001B[0;2md\u001B[0;3mi\u001B[0;4m u \u001B[0;9ms\u001B[0;7mn\u001B[0;8mh")
      assert.deepStrictEqual(textsOf(svg).map(({ style, text }) => [text, style]), [
        ["b", "font-weight=\"bold\""],
        ["d", "fill-opacity=\".6\""],
        ["i", "font-style=\"italic\""],
        [" u ", "text-decoration=\"underline\""],
        ["s", "text-decoration=\"line-through\""],
        ["n", "fill=\"#1e2430\""]
      ])
      assert.deepStrictEqual(boxesOf(svg), [[7, 0, 1, "#d8dee9"]])
    }))

  it.effect("keeps what comes from other fonts in its cells", () =>
    Effect.gen(function*() {
      const svg = yield* render("20 °C ▁▂█ ─┐ ●○ 温 x")
      assert.deepStrictEqual(
        textsOf(svg).map(({ column, columns, isStretched, text }) => [column, columns, isStretched, text]),
        [
          [0, 5, false, "20 °C"],
          [6, 3, true, "▁▂█"],
          [10, 2, true, "─┐"],
          [13, 1, true, "●"],
          [14, 1, true, "○"],
          [16, 2, true, "温"],
          [19, 1, false, "x"]
        ]
      )
    }))

  it.effect("moves, and draws once what stays", () =>
    Effect.gen(function*() {
      const [one, two] = yield* Effect.forEach(["head\r\n1.0 °C", "head\r\n2.0 °C"], draw)
      const frames = [{ at: 0, cells: one }, { at: 1, cells: two }, { at: 2, cells: one }, {
        at: 3,
        cells: two
      }] as const
      const svg = Picture.render({ title: "ow", frames, seconds: 4 })
      assert.deepStrictEqual(textsOf(svg).map(({ text }) => text), ["head", "1.0 °C", "2.0 °C"])
      assert.match(svg, /<g class="s0" visibility="hidden"><text [^>]*>1.0\u00A0°C</)
      assert.match(svg, /<g class="s1"><text [^>]*>2.0\u00A0°C</)
      const keyframes = (states: ReadonlyArray<string>) =>
        states.map((state, i) => `${25 * i}%{visibility:${state}}`).join("")
      assert.include(svg, `@keyframes s0{${keyframes(["visible", "hidden", "visible", "hidden"])}}`)
      assert.include(svg, `@keyframes s1{${keyframes(["hidden", "visible", "hidden", "visible"])}}`)
      assert.include(svg, "{.s0{animation:s0 4s step-end infinite}}")
    }))
})
