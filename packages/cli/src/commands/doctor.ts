import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Examination from "../doctor/Examination.ts"
import * as Finding from "../doctor/Finding.ts"
import * as Server from "../server/Server.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

const doctor = Effect.fnUntraced(function*() {
  const isJson = yield* Output.Json
  let exitStatus: number | undefined
  for (const [index, address] of (yield* Server.addresses).entries()) {
    const server = ServerAddress.format(address)
    const findings: Array<Finding.Finding> = []
    if (!isJson) yield* Output.drawn(`${index === 0 ? "" : "\n"}${Output.paint("bold", server)}`)
    yield* Examination.examine(address, (finding) => {
      findings.push(finding)
      if (finding.status === "fail") exitStatus ??= finding.exitStatus ?? Failure.statuses.refused
      return Finding.print(server, finding)
    })
    yield* Finding.printAdvice(findings)
  }
  if (exitStatus !== undefined) return yield* new Failure.Ended({ status: exitStatus })
})

export const command = Command.make("doctor", {}, doctor).pipe(
  Command.withDescription(
    "Looks for what is wrong: from the server's name and its answers to its buses, devices and thermometers; or, with -s w1:, " +
      "from the modules of this machine's kernel to the wires and permissions. It reports each step, and finally " +
      "what to do. Nothing is written. Each step may take 10 seconds, or the --timeout."
  ),
  Command.withShortDescription("Find out what is wrong"),
  Command.withExamples([
    { command: "ow doctor -s raspberrypi", description: "Why the sensors are gone" },
    { command: "ow doctor -s w1:", description: "Why the kernel shows no sensors, as on a Raspberry Pi" },
    { command: "ow doctor -s attic -s cellar", description: "One server after another" },
    { command: "ow doctor --json | jq 'select(.status != \"ok\")'", description: "What is wrong, for a program" }
  ])
)
