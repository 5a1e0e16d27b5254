/** The cost of Node itself: prints the value that the others read, without a server. */
import { writeSync } from "node:fs"

writeSync(1, "C")
