/** Preferences of a viewer, stored only in the browser. */

export interface Settings {
  readonly isFahrenheit: boolean
  /** Whether the charts of a group share their scales. */
  readonly isOneScale: boolean
  /** Length of the displayed range, in seconds. */
  readonly span: number
}

const key = "ownet-hub"

const defaults: Settings = { isFahrenheit: false, isOneScale: false, span: 86_400 }

const stored = (): Partial<Settings> => {
  // A browser may refuse to store anything.
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
    // The preferences then last as long as the page.
  }
}
