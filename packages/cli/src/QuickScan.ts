/**
 * The action of a plain call of `scan`. It has a separate bundle, because it has more modules than all other plain calls
 * together.
 */
import { scan } from "./actions/scan.ts"
import type { Actions } from "./QuickCommandLine.ts"

export const actions: Actions = {
  scan: (...more) => more.length === 0 ? scan({}) : undefined
}
