/** A chart of one or more series: lines with gaps, bands between least and most, limits, and marks of implausible values. */
import uPlot from "uplot"
import type { Span } from "./api.ts"
import * as Format from "./format.ts"
import * as Gestures from "./gestures.ts"
import type { Trace } from "./trace.ts"

export interface Line {
  readonly trace: Trace
  /** Number of the color in the page's palette. */
  readonly color: number
  /** Number of the dash pattern. The first line has none. */
  readonly dash: number
  /** Whether its value is on or off. */
  readonly isSwitch: boolean
  /** Seconds by which the line is shifted to later. */
  readonly delay: number
}

export interface Limit {
  readonly value: number
  readonly label: string
}

export interface Drawing {
  /** Lines of the chart. The first has the band, the limits and the marks. */
  readonly lines: ReadonlyArray<Line>
  readonly span: Span
  readonly limits: ReadonlyArray<Limit>
  /** Values that the scale has to include. */
  readonly bounds: { readonly min: number; readonly max: number } | undefined
}

export interface Options {
  readonly isLarge: boolean
  /** Called when the user selects a range by drag or pinch. */
  readonly choose: (span: Span) => void
  /** Called when the user returns to the present. */
  readonly reset: () => void
  /**
   * Called with the values of each line at a time that the user points at, or with `undefined` when the user no longer points at
   * one.
   */
  readonly point: (at: number | undefined, values: ReadonlyArray<number | null | undefined>) => void
}

export interface Chart {
  readonly draw: (drawing: Drawing) => void
  readonly destroy: () => void
}

const dashes: ReadonlyArray<ReadonlyArray<number>> = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4]]

/** Dash pattern of a line, which distinguishes it from others without its color. */
export const dashOf = ({ dash, delay }: Pick<Line, "dash" | "delay">): ReadonlyArray<number> =>
  delay > 0 ? [3, 4] : dashes[dash % dashes.length]

const night = matchMedia("(prefers-color-scheme: dark)")

let colors = new Map<string, string>()

night.addEventListener("change", () => {
  colors = new Map()
})

/**
 * The page's current colors, by day or by night. They are cached, because reading one makes a browser compute all styles again.
 */
const color = (name: string): string => {
  let found = colors.get(name)
  if (found === undefined) {
    found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
    colors.set(name, found)
  }
  return found
}

const day = 86_400

/** Widths in pixels: of a character of an axis, of everything next to the plot, and of the margin on its right. */
const characterWidth = 6.6
const besides = 54
const margin = 14

const times: uPlot.Axis.DynamicValues = (chart, splits, _, __, step) => {
  const { max = 0, min = 0 } = chart.scales["x"]
  return splits.map((at) => {
    const text = timeOf(at, step)
    // A label that would be cut off is left out.
    const room = (max - at) / (max - min) * (chart.width - besides) + margin
    return text.length * characterWidth / 2 > room ? "" : text
  })
}

const timeOf = (at: number, step: number): string => {
  const date = new Date(at * 1000)
  if (step >= 28 * day) return date.getMonth() === 0 ? Format.year(at) : Format.month(at)
  if (step >= day || (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0)) {
    return Format.dayMonth(at)
  }
  return step < 60 ? Format.exact(at) : Format.clock(at)
}

/** Points without a neighbor to join with. */
const alone = (chart: uPlot, index: number): Array<number> | null => {
  const values = chart.data[index]
  const found: Array<number> = []
  for (let at = 0; at < values.length; at++) {
    const isNull = (other: number) => values[other] === null || values[other] === undefined
    if (!isNull(at) && (at === 0 || isNull(at - 1)) && (at === values.length - 1 || isNull(at + 1))) found.push(at)
  }
  return found.length === 0 ? null : found
}

type Columns = [Array<number>, ...Array<Array<number | null>>]

const columnsOf = ({ delay, trace }: Line): Columns => {
  const turn = (column: ReadonlyArray<number | null>) =>
    column.map((value) => value === null ? null : Format.toView(value, trace.unit))
  const xs = trace.xs.map((x) => x + delay)
  const columns: Columns = [xs, turn(trace.max), turn(trace.min), turn(trace.mean)]
  if (trace.tip !== undefined && delay === 0 && trace.tip.at > (xs.at(-1) ?? 0)) {
    xs.push(trace.tip.at)
    const value = Format.toView(trace.tip.value, trace.unit)
    for (const column of columns.slice(1)) column.push(value)
  }
  return columns
}

const dataOf = (lines: ReadonlyArray<Line>): uPlot.AlignedData => {
  const tables = lines.map(columnsOf)
  return tables.length === 1 ? tables[0] : uPlot.join(tables)
}

/** The name of the scale of a line: one for each unit. */
const scaleOf = ({ isSwitch, trace }: Line): string => isSwitch ? "switch" : `y ${trace.unit ?? ""}`

const within = (position: number, start: number, length: number) => position >= start && position <= start + length

/** Minimum span of a scale, so that noise does not look like weather. */
const least = (line: Line): number => line.trace.unit === "°C" ? Format.deltaToView(1, "°C") : 0

export const make = (parent: HTMLElement, { choose, isLarge, point, reset }: Options): Chart => {
  let plot: uPlot | undefined
  let shape = ""
  let drawing: Drawing
  let isHeld = false

  const range = (line: Line): uPlot.Range.Function => (_, low, high) => {
    if (line.isSwitch) return [-0.15, 1.15]
    const isFirst = scaleOf(line) === scaleOf(drawing.lines[0])
    let min = low ?? 0
    let max = high ?? 1
    if (isFirst && drawing.bounds !== undefined) {
      min = Math.min(low ?? Infinity, Format.toView(drawing.bounds.min, line.trace.unit))
      max = Math.max(high ?? -Infinity, Format.toView(drawing.bounds.max, line.trace.unit))
    }
    // A limit that is near belongs in the picture. One that is far away would flatten it.
    const near = Math.max(max - min, least(line))
    const [lowest, highest] = [min, max]
    if (isFirst) {
      for (const { value } of drawing.limits) {
        if (value > highest && value < highest + near) max = Math.max(max, value)
        if (value < lowest && value > lowest - near) min = Math.min(min, value)
      }
    }
    const missing = Math.max(0, least(line) - (max - min)) / 2
    const pad = Math.max(max - min, least(line)) * 0.08 || Math.abs(max) * 0.05 || 1
    return [min - missing - pad, max + missing + pad]
  }

  const paint = (chart: uPlot): void => {
    const { bbox, ctx } = chart
    const [line] = drawing.lines
    const scale = scaleOf(line)
    const ratio = devicePixelRatio
    ctx.save()
    ctx.font = `${11 * ratio}px ${color("font")}`
    for (const { label, value } of drawing.limits) {
      const y = Math.round(chart.valToPos(value, scale, true))
      if (!within(y, bbox.top, bbox.height)) continue
      ctx.strokeStyle = color("limit")
      ctx.fillStyle = color("limit")
      ctx.lineWidth = ratio
      ctx.setLineDash([5 * ratio, 4 * ratio])
      ctx.beginPath()
      ctx.moveTo(bbox.left, y)
      ctx.lineTo(bbox.left + bbox.width, y)
      ctx.stroke()
      if (!isLarge) continue
      ctx.textAlign = "right"
      ctx.textBaseline = "bottom"
      ctx.fillText(label, bbox.left + bbox.width - 4 * ratio, y - 3 * ratio)
    }
    ctx.setLineDash([])
    const marks = drawing.lines.filter(({ delay }) => delay === 0).flatMap(({ trace }) =>
      trace.marks.map((mark) => ({ ...mark, unit: trace.unit }))
    )
    let written = -Infinity
    for (const { at, unit, value } of marks) {
      const x = chart.valToPos(at, "x", true)
      if (!within(x, bbox.left, bbox.width)) continue
      const y = bbox.top + 7 * ratio
      const size = 4 * ratio
      ctx.fillStyle = color("mark")
      ctx.beginPath()
      ctx.moveTo(x - size, y - size)
      ctx.lineTo(x + size, y - size)
      ctx.lineTo(x, y + size)
      ctx.fill()
      // Marks that are close together share one number.
      if (x - written < 40 * ratio) continue
      written = x
      const isLeft = x > bbox.left + bbox.width - 40 * ratio
      ctx.textAlign = isLeft ? "right" : "left"
      ctx.textBaseline = "middle"
      const text = Format.number(value, unit)
      const left = x + (isLeft ? -6 : 6) * ratio
      // A limit may be drawn behind it.
      ctx.strokeStyle = color("surface")
      ctx.lineWidth = 4 * ratio
      ctx.lineJoin = "round"
      ctx.strokeText(text, left, y - ratio)
      ctx.fillText(text, left, y - ratio)
    }
    // The end of a line is the current value, and the only point of a new sensor.
    for (const one of drawing.lines) {
      const { tip, unit } = one.trace
      if (tip === undefined || one.delay > 0) continue
      const x = chart.valToPos(tip.at, "x", true)
      if (!within(x, bbox.left, bbox.width + ratio)) continue
      ctx.fillStyle = color(`line-${one.color}`)
      ctx.beginPath()
      ctx.arc(x, chart.valToPos(Format.toView(tip.value, unit), scaleOf(one), true), (isLarge ? 4 : 3) * ratio, 0, 7)
      ctx.fill()
    }
    ctx.restore()
  }

  const build = (): uPlot => {
    const { lines } = drawing
    const scales = new Map(lines.map((line) => [scaleOf(line), line]))
    const stroke = (line: Line) => () => color(`line-${line.color}`)
    const font = `${isLarge ? 12 : 11}px ${color("font")}`
    const grid = { stroke: () => color("grid"), width: 1 }
    return new uPlot(
      {
        width: parent.clientWidth,
        height: parent.clientHeight,
        padding: [isLarge ? 14 : 8, isLarge && scales.size > 1 ? 0 : 16, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: true, y: false, setScale: false, dist: 6 },
          points: { size: 7, width: 2 },
          bind: {
            dblclick: () => () => {
              reset()
              return null
            }
          }
        },
        scales: {
          x: { time: true, range: () => [drawing.span.from, drawing.span.to] },
          ...Object.fromEntries([...scales].map(([name, line]) => [name, { range: range(line) }]))
        },
        axes: [
          {
            stroke: () => color("muted"),
            font,
            grid: { ...grid, show: isLarge },
            ticks: { ...grid, size: 4 },
            size: isLarge ? 30 : 22,
            gap: 3,
            space: isLarge ? 76 : 62,
            values: times
          },
          ...[...scales].map(([scale, line], index): uPlot.Axis => ({
            scale,
            show: index < 2,
            side: index === 0 ? 3 : 1,
            stroke: () => index === 0 ? color("muted") : color(`line-${line.color}`),
            font,
            grid: { ...grid, show: index === 0 },
            ticks: { show: false },
            size: isLarge ? 48 : 38,
            gap: 6,
            space: isLarge ? 42 : 24,
            ...line.isSwitch
              ? { splits: () => [0, 1], values: () => ["off", "on"] }
              : { values: (_: uPlot, splits: Array<number>) => splits.map(Format.tick) }
          }))
        ],
        series: [
          {},
          ...lines.flatMap((line): Array<uPlot.Series> => {
            const scale = scaleOf(line)
            const paths = line.isSwitch ? uPlot.paths.stepped?.({ align: 1 }) : undefined
            const shared = { scale, ...paths === undefined ? undefined : { paths } }
            const edge = { ...shared, width: 0, points: { show: false } }
            return [edge, edge, {
              ...shared,
              width: isLarge ? 2 : 1.75,
              stroke: stroke(line),
              dash: [...dashOf(line)],
              alpha: line.delay === 0 ? 1 : 0.75,
              points: { show: false, filter: alone, size: 4 }
            }]
          })
        ],
        // Bands of more than one line would hide each other.
        bands: lines.length === 1 && !lines[0].isSwitch
          ? [{ series: [1, 2], fill: () => color(`band-${lines[0].color}`) }]
          : [],
        hooks: {
          draw: [paint],
          setSelect: [(chart) => {
            const { left, width } = chart.select
            if (width < 6) return
            chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            choose({ from: chart.posToVal(left, "x"), to: chart.posToVal(left + width, "x") })
          }],
          setCursor: [(chart) => {
            const index = chart.cursor.idx
            if (index === null || index === undefined || (chart.cursor.left ?? -1) < 0) point(undefined, [])
            else point(chart.data[0][index], drawing.lines.map((_, line) => chart.data[3 + 3 * line][index]))
          }]
        }
      },
      dataOf(lines),
      parent
    )
  }

  const listen = (chart: uPlot): void =>
    Gestures.listen(chart.over, {
      scale: () => ({ min: drawing.span.from, max: drawing.span.to }),
      preview: ({ max, min }) => {
        isHeld = true
        drawing = { ...drawing, span: { from: min, to: max } }
        chart.setScale("x", { min, max })
      },
      commit: ({ max, min }) => {
        isHeld = false
        choose({ from: min, to: max })
      }
    })

  const draw = (next: Drawing): void => {
    if (isHeld) return
    drawing = next
    if (parent.clientWidth === 0) return
    const made = next.lines.map((line) => [scaleOf(line), line.color, line.dash, line.delay === 0].join()).join(";")
    if (plot === undefined || made !== shape) {
      plot?.destroy()
      shape = made
      plot = build()
      listen(plot)
      return
    }
    plot.batch(() => {
      plot?.setData(dataOf(next.lines), false)
      plot?.setScale("x", { min: next.span.from, max: next.span.to })
    })
  }

  const sizes = new ResizeObserver(() => {
    if (plot === undefined) {
      // Its place was not shown yet.
      if (drawing !== undefined) draw(drawing)
    } else if (parent.clientWidth > 0 && (plot.width !== parent.clientWidth || plot.height !== parent.clientHeight)) {
      plot.setSize({ width: parent.clientWidth, height: parent.clientHeight })
    }
  })
  sizes.observe(parent)

  const redraw = (): void => plot?.redraw(false)
  night.addEventListener("change", redraw)

  return {
    draw,
    destroy: () => {
      sizes.disconnect()
      night.removeEventListener("change", redraw)
      plot?.destroy()
      plot = undefined
    }
  }
}
