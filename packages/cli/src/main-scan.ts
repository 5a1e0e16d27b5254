/**
 * The command `ow` for plain calls of `scan`.
 */
import * as QuickCommandLine from "./QuickCommandLine.ts"
import { actions } from "./QuickScan.ts"

/** Whether the call is plain, and runs now. */
export const isTaken = QuickCommandLine.start(actions)
