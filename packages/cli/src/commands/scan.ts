import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { scan } from "../actions/scan.ts"
import * as Flags from "../Flags.ts"
import * as Target from "../watch/Target.ts"

/** `28`, or several codes separated by commas. */
const families = Flag.String("family").pipe(
  Flag.withMetavar("<code>"),
  Flag.withDescription("Only devices of this family, such as 28; or of several: 28,10"),
  Flag.filterMap(
    (text) => /^[0-9A-F]{2}(,[0-9A-F]{2})*$/i.test(text) ? Option.some(text.toUpperCase().split(",")) : Option.none(),
    () => "family codes of two hexadecimal digits, such as 28 or 28,10"
  ),
  Flag.atLeast(0),
  Flag.map((lists) => new Map(lists.flat().map((code) => [code, Target.ofCode(code)])))
)

export const command = Command.make(
  "scan",
  {
    families,
    noValues: Flags.noValues,
    format: Flags.format,
    units: Flags.units,
    uncached: Flags.uncached
  },
  scan
).pipe(
  Command.withDescription(
    "Lists the devices of one server or several with what they measure, each once. Thermometers measure at once if that is faster; " +
      "if a value could not be read, it shows why. The exit status is that of the first server or bus that could not be searched."
  ),
  Command.withShortDescription("Find all devices and their values"),
  Command.withExamples([
    { command: "ow scan", description: "All devices and their values" },
    { command: "ow scan -s raspberrypi,attic:4305", description: "The devices of two servers" },
    { command: "ow scan --family 28,10 -F", description: "The thermometers of two kinds, in degrees Fahrenheit" },
    { command: "ow scan --json | jq '.values.temperature.value'", description: "For scripts: one line per device" }
  ])
)
