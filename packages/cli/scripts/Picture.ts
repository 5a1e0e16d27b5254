/**
 * A picture of a terminal as SVG, which looks the same with any fonts. A picture with several frames moves, unless the reader
 * prefers no motion. Without motion it shows the last frame.
 */
import { Array as Arr } from "effect"
import type { Cell, Cells, Color } from "./Screen.ts"

export interface Frame {
  /** Time at which it appears, in seconds. */
  readonly at: number
  readonly cells: Cells
}

export interface Picture {
  /** Title of the window, which screen readers also read. */
  readonly title: string
  /** Frames. The first one appears at 0. */
  readonly frames: readonly [Frame, ...ReadonlyArray<Frame>]
  /** Time at which a moving picture begins again, in seconds. Default: 2 after the last frame. */
  readonly seconds?: number | undefined
}

const cellWidth = 9
const cellHeight = 18
const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace"
const fontSize = 15
const baseline = 13.5
const padding = 16
const bar = 34

const foreground = "#d8dee9"
const background = "#1e2430"

const palette = [
  ["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"],
  ["#7b869c", "#ef8b93", "#b3d99a", "#f2d399", "#8cc7f7", "#d9a0ea", "#7fd0da", "#ffffff"]
].flat()

const step = (index: number): number => index === 0 ? 0 : 55 + 40 * index

/** The colors above 16 are the same on all terminals: a cube with six steps per side, and a ramp of grays. */
const paint = (color: Color): string => {
  if (typeof color === "string") return color
  if (color < 16) return palette[color]
  const grey = 8 + 10 * (color - 232)
  const cube = color - 16
  const [red, green, blue] = color >= 232
    ? [grey, grey, grey]
    : [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

interface Placed {
  readonly cell: Cell
  readonly column: number
  /** Background color, if it differs from that of the picture. */
  readonly behind: string | undefined
  /** Attributes of its text. */
  readonly style: string
  readonly isDecorated: boolean
}

const place = (row: ReadonlyArray<Cell>): ReadonlyArray<Placed> => {
  let column = 0
  return row.map((cell) => {
    const colors = [paint(cell.color ?? foreground), paint(cell.background ?? background)]
    const [color, behind] = cell.inverse ? colors.toReversed() : colors
    const lines = [...cell.underline ? ["underline"] : [], ...cell.strikethrough ? ["line-through"] : []]
    const style = [
      color === foreground ? "" : ` fill="${color}"`,
      cell.bold ? ` font-weight="bold"` : "",
      cell.italic ? ` font-style="italic"` : "",
      cell.dim ? ` fill-opacity=".6"` : "",
      lines.length > 0 ? ` text-decoration="${lines.join(" ")}"` : ""
    ].join("")
    const placed = {
      cell,
      column,
      behind: behind === background ? undefined : behind,
      style,
      isDecorated: lines.length > 0
    }
    column += cell.columns
    return placed
  })
}

/**
 * Kind of a character. Characters of the same kind can be written together, and each still falls into its cell: those that every
 * font has, in one width; and lines and blocks, which come from one font. Any other character may come from any font, and is
 * written alone.
 */
const kindOf = ({ cell: { text }, column }: Placed): string =>
  /^[\u0020-\u007e\u00a0-\u00ff]$/.test(text) ? "" : /^[\u2500-\u259f]$/.test(text) ? "lines" : `column ${column}`

/** Groups neighboring cells that are alike. */
const runs = (row: ReadonlyArray<Placed>, key: (cell: Placed) => string): ReadonlyArray<ReadonlyArray<Placed>> => {
  const found: Array<Array<Placed>> = []
  let last: string | undefined
  for (const placed of row) {
    if (last === key(placed)) found.at(-1)?.push(placed)
    else found.push([placed])
    last = key(placed)
  }
  return found
}

const widthOf = (run: ReadonlyArray<Placed>): number =>
  run.reduce((columns, { cell }) => columns + cell.columns, 0) * cellWidth

const isSeen = ({ cell, isDecorated }: Placed): boolean => isDecorated || cell.text !== " "

/** The backgrounds of a screen, and its texts. The same content in the same place of two screens is the same string. */
const elementsOf = (cells: Cells): readonly [ReadonlyArray<string>, ReadonlyArray<string>] => {
  const rows = cells.map(place)
  const behind = rows.flatMap((cells, row) =>
    runs(cells, ({ behind }) => behind ?? "").filter(([{ behind }]) => behind !== undefined).map((run) =>
      `<rect x="${run[0].column * cellWidth}" y="${row * cellHeight}" width="${widthOf(run)}" height="${cellHeight}" `
      + `fill="${run[0].behind}"/>`
    )
  )
  const text = rows.flatMap((cells, row) =>
    runs(cells, (cell) => `${cell.style} ${kindOf(cell)}`).map((run) =>
      run.slice(run.findIndex(isSeen), run.findLastIndex(isSeen) + 1)
    ).filter((run) => run.length > 0).map((run) =>
      `<text x="${run[0].column * cellWidth}" y="${row * cellHeight + baseline}" textLength="${widthOf(run)}"`
      // Glyphs that must meet their neighbors, or may be too wide for their cell.
      + `${kindOf(run[0]) === "" ? "" : ` lengthAdjust="spacingAndGlyphs"`}${run[0].style}>`
      // Browsers collapse several spaces into one, even with xml:space.
      + `${escape(run.map(({ cell }) => cell.text).join("")).replaceAll(" ", "\u00A0")}</text>`
    )
  )
  return [behind, text]
}

/** Moves a picture: each element is drawn once, and is visible while it is part of the frame. */
const moving = (frames: Picture["frames"], seconds: number) => {
  const screens = frames.map(({ cells }) => elementsOf(cells))
  const names = new Map<string, string>()
  const groups = [0, 1].flatMap((layer) => {
    const sets = screens.map((screen) => new Set(screen[layer]))
    const elements = [...new Set(screens.flatMap((screen) => screen[layer]))]
    const isThere = (element: string) => sets.map((set) => set.has(element))
    const alike = Arr.groupBy(elements, (element) => isThere(element).join())
    return Object.entries(alike).map(([key, [first, ...others]]) => {
      const states = isThere(first)
      const drawn = [first, ...others].join("\n")
      if (states.every((state) => state)) return drawn
      const name = names.get(key) ?? `s${names.size}`
      names.set(key, name)
      return `<g class="${name}"${states.at(-1) === true ? "" : ` visibility="hidden"`}>${drawn}</g>`
    })
  })
  const styles = [...names].flatMap(([key, name]) => {
    const states = key.split(",")
    const steps = frames.map(({ at }, frame) =>
      states[frame] === states[frame - 1]
        ? ""
        : `${Number((100 * at / seconds).toFixed(2))}%{visibility:${states[frame] === "true" ? "visible" : "hidden"}}`
    )
    return [
      `@keyframes ${name}{${steps.join("")}}`,
      `@media(prefers-reduced-motion:no-preference){.${name}{animation:${name} ${seconds}s step-end infinite}}`
    ]
  })
  return { groups, styles }
}

/** Draws a picture, no higher than its content. */
export const render = ({ frames, seconds = frames[frames.length - 1].at + 2, title }: Picture): string => {
  const { groups, styles } = moving(frames, seconds)
  const isUsed = (row: ReadonlyArray<Cell>) => place(row).some((cell) => isSeen(cell) || cell.behind !== undefined)
  const rows = Math.max(...frames.map(({ cells }) => cells.findLastIndex(isUsed) + 1))
  const size = {
    width: widthOf(place(frames[0].cells[0])) + 2 * padding,
    height: bar + rows * cellHeight + padding
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" `
    + `viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escape(title)}" `
    + `font-family="${fonts}" font-size="${fontSize}">`,
    ...styles.length === 0 ? [] : ["<style>", ...styles, "</style>"],
    `<rect x=".5" y=".5" width="${size.width - 1}" height="${
      size.height - 1
    }" rx="8" fill="${background}" stroke="#5b667a"/>`,
    ...[0, 1, 2].map((dot) => `<circle cx="${padding + 4 + 18 * dot}" cy="17" r="5" fill="#5b667a"/>`),
    `<text x="${size.width / 2}" y="22" text-anchor="middle" fill="#9aa5b8">${escape(title)}</text>`,
    `<g transform="translate(${padding},${bar})" fill="${foreground}">`,
    ...groups,
    "</g></svg>",
    ""
  ].join("\n")
}
