/** One of the pages in the page: the overview, a place, the events. */
import type { Live } from "../src/Api.ts"

export interface View {
  /** What the tab is called besides the name of the hub. */
  readonly title: () => string | undefined
  /** Whether it shows the range that is chosen above. */
  readonly hasRange: boolean
  /** A message has come, and what is known has changed. */
  readonly news: (live: Live) => void
  /** Another range is chosen. */
  readonly range: () => void
  /** Units or scales are shown in another way. */
  readonly refresh: () => void
  /** Something else is searched for. */
  readonly search: () => void
  /** A second has passed. */
  readonly tick: () => void
  readonly end: () => void
}
