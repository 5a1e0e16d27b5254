import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { set } from "../actions/set.ts"
import * as Flags from "../Flags.ts"
import * as CheckedWrite from "../server/CheckedWrite.ts"

export const command = Command.make(
  "set",
  {
    path: Argument.String("path").pipe(Argument.withDescription("A property, such as 29.000028D70100/PIO.0")),
    value: Argument.String("value").pipe(Argument.withDescription("The value to write"), Argument.optional),
    file: Flag.String("file").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("Write the contents of this file; - is standard input"),
      Flag.optional
    ),
    hex: Flags.present("hex", "The value is in hexadecimal"),
    offset: Flags.offset,
    verify: Flags.present(
      "verify",
      "Read the value back from the device; the exit status is 1 if it differs"
    ),
    units: Flags.units
  },
  ({ verify, ...options }) => set(options, CheckedWrite.write(verify))
).pipe(
  Command.withDescription(
    "Writes a property. It prints nothing if the server accepts the value. A number has a decimal point and no unit; a switch takes 1 " +
      "or 0, on or off, true or false, yes or no. Values that do not fit the property are refused. --hex and --file write bytes as they are."
  ),
  Command.withShortDescription("Write a value"),
  Command.withExamples([
    { command: "ow set 29.000028D70100/PIO.0 1", description: "Switch something on" },
    { command: "ow set 29.000028D70100/PIO.BYTE 0x0F --verify", description: "Four of eight on, and read back" },
    {
      command: "ow set 28.000028D70100/temphigh -- -5",
      description: "A value that begins with a dash, after two dashes"
    },
    { command: "ow set 2D.000028D70100/memory --file image.bin", description: "Bytes of a file" },
    {
      command: "echo 0102ff | ow set 2D.000028D70100/memory --hex --offset 16 --file -",
      description: "Bytes of a pipe"
    }
  ])
)
