/** What Node itself takes: the value that the others read, with no server asked. */
import { writeSync } from "node:fs"

writeSync(1, "C")
