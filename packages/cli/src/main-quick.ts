/**
 * The command `ow` for plain calls that ask for one thing.
 */
import { actions } from "./QuickActions.ts"
import * as QuickCommandLine from "./QuickCommandLine.ts"

/** Whether the call is plain, and runs now. */
export const isTaken = QuickCommandLine.start(actions)
