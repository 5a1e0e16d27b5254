/** One of the views of the page: the overview, a place, the events. */
import type { Live } from "../src/Api.ts"

export interface View {
  /** Title of the tab, before the name of the hub. */
  readonly title: () => string | undefined
  /** Whether it shows the range that is selected above. */
  readonly hasRange: boolean
  /** Called after a message has arrived and has changed the state. */
  readonly news: (live: Live) => void
  /** Called when the range changes. */
  readonly range: () => void
  /** Called when units or scales change. */
  readonly refresh: () => void
  /** Called when the searched text changes. */
  readonly search: () => void
  /** Called every second. */
  readonly tick: () => void
  readonly end: () => void
}
