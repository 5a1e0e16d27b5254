/**
 * The command `ow` without its subcommands: what all of them take.
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Flags from "./Flags.ts"

export const ow = Command.make("ow").pipe(
  Command.withDescription("Reads, writes and watches the devices of a 1-Wire network behind an owserver."),
  Command.withSharedFlags({
    server: Flags.servers,
    timeout: Flags.duration("timeout", "The longest that one call may take, all attempts included; no limit by default")
      .pipe(Flag.optional),
    retries: Flags.whole("retries", 0, "How often to try again after a failure that may pass; 0 by default").pipe(
      Flag.withDefault(0)
    ),
    json: Flags.present("json", "Results as JSON, one value a line")
  })
)
