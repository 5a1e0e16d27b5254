/** Fingers on a chart: two of them zoom, and one moves it sideways. The browser scrolls the page up and down. */

interface Scale {
  readonly min: number
  readonly max: number
}

export interface Target {
  /** Returns the range shown when a gesture begins. */
  readonly scale: () => Scale
  /** Called while fingers move. */
  readonly preview: (scale: Scale) => void
  /** Called when the fingers have left. */
  readonly commit: (scale: Scale) => void
}

/** Pixels below which the movement of a finger is only a touch. */
const slack = 10

export const listen = (element: HTMLElement, { commit, preview, scale }: Target): void => {
  const fingers = new Map<number, number>()
  let begun: { readonly scale: Scale; readonly at: ReadonlyMap<number, number> } | undefined
  let shown: Scale | undefined

  /** Each finger stays at the time that it touched. */
  const begin = (): void => {
    begun = fingers.size === 0 ? undefined : { scale: shown ?? scale(), at: new Map(fingers) }
  }

  const moved = (): Scale | undefined => {
    if (begun === undefined) return undefined
    const { width } = element.getBoundingClientRect()
    const { max, min } = begun.scale
    const [one, other] = [...fingers].map(([id, x]) => ({ from: begun?.at.get(id) ?? x, to: x }))
    if (width === 0 || one === undefined) return undefined
    const perPixel = (max - min) / width
    if (other === undefined) {
      const by = one.to - one.from
      if (shown === undefined && Math.abs(by) < slack) return undefined
      return { min: min - by * perPixel, max: max - by * perPixel }
    }
    const before = Math.max(24, Math.abs(other.from - one.from))
    const after = Math.max(24, Math.abs(other.to - one.to))
    const next = perPixel * before / after
    const start = min + (one.from + other.from) / 2 * perPixel - (one.to + other.to) / 2 * next
    return { min: start, max: start + width * next }
  }

  const place = (event: PointerEvent): number => event.clientX - element.getBoundingClientRect().left

  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return
    fingers.set(event.pointerId, place(event))
    begin()
  })
  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return
    fingers.set(event.pointerId, place(event))
    const next = moved()
    if (next === undefined) return
    shown = next
    preview(next)
  })
  const lift = ({ pointerId }: PointerEvent): void => {
    if (!fingers.delete(pointerId)) return
    begin()
    if (fingers.size > 0 || shown === undefined) return
    const last = shown
    shown = undefined
    commit(last)
  }
  element.addEventListener("pointerup", lift)
  element.addEventListener("pointercancel", lift)
}
