/** How somebody looks at the page: kept in the browser, and nowhere else. */

export interface Settings {
  readonly isFahrenheit: boolean
  /** Whether the charts of a group share their scales. */
  readonly isOneScale: boolean
  /** Seconds of the range that is shown. */
  readonly span: number
}

const key = "ownet-hub"

const defaults: Settings = { isFahrenheit: false, isOneScale: false, span: 86_400 }

const stored = (): Partial<Settings> => {
  // A browser may refuse to keep anything.
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "{}")
    return typeof found === "object" && found !== null ? found : {}
  } catch {
    return {}
  }
}

const pick = (found: Partial<Settings>): Settings => ({
  isFahrenheit: found.isFahrenheit === true,
  isOneScale: found.isOneScale === true,
  span: typeof found.span === "number" && found.span > 0 ? found.span : defaults.span
})

export let settings: Settings = pick(stored())

export const change = (next: Partial<Settings>): void => {
  settings = { ...settings, ...next }
  try {
    localStorage.setItem(key, JSON.stringify(settings))
  } catch {
    // They last as long as the page, then.
  }
}
