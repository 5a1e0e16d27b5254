/** The command line. */
import { parseArgs } from "node:util"
import { clients, floor } from "./clients.ts"
import { nameOf, type Pace, warmedSeconds, workloads } from "./workloads.ts"

export interface Options extends Pace {
  readonly isQuick: boolean
  readonly workloads: ReadonlySet<string>
  readonly clients: ReadonlySet<string>
}

const normal = { rounds: 5, seconds: 0.6 }
const quick = { rounds: 3, seconds: 0.3 }

/** The workload that does not compare clients. */
export const house = "house"

const workloadNames = [...new Set(workloads({ ...normal, isWarmed: false }).map(nameOf)), house]
const clientNames = clients.flatMap(({ formOf, id }) => formOf === undefined ? [id] : [])

export const usage = `usage: pnpm bench [options]

  --workloads W1,W8     some of ${workloadNames.join(", ")}
  --clients perl,owfs   some of ${clientNames.join(", ")}; the floor always runs
  --rounds ${normal.rounds}            rounds of each workload
  --seconds ${normal.seconds}         how long a client runs in a round, where the number of calls does not end it
  --warmed              clients are warmed up for ${warmedSeconds} s, as a program is that runs for hours
  --quick               ${quick.rounds} rounds of ${quick.seconds} s, and smaller houses
`

/** Options, or `undefined` if the command line is invalid. */
export const parse = (args: ReadonlyArray<string>): Options | undefined => {
  try {
    const { values } = parseArgs({
      args: args[0] === "--" ? args.slice(1) : [...args],
      options: {
        workloads: { type: "string" },
        clients: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        warmed: { type: "boolean", default: false },
        quick: { type: "boolean", default: false }
      }
    })
    const pace = values.quick ? quick : normal
    const rounds = values.rounds === undefined ? pace.rounds : Number(values.rounds)
    const seconds = values.seconds === undefined ? pace.seconds : Number(values.seconds)
    const chosenWorkloads = values.workloads?.split(",") ?? workloadNames
    const chosenClients = values.clients?.split(",") ?? clientNames
    const isSound = Number.isSafeInteger(rounds) && rounds >= 1 && rounds <= 1000 && seconds > 0 && seconds <= 60 &&
      chosenWorkloads.every((name) => workloadNames.includes(name)) &&
      chosenClients.every((name) => clientNames.includes(name))
    return isSound
      ? {
        rounds,
        seconds,
        isWarmed: values.warmed,
        isQuick: values.quick,
        workloads: new Set(chosenWorkloads),
        clients: new Set([floor, ...chosenClients])
      }
      : undefined
  } catch {
    return undefined
  }
}
