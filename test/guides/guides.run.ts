/**
 * Each guide is followed to the letter: its files are written and its commands typed, in order, on a machine of its own. What has to be
 * true of that machine is in `stage/stage.sh`, and the exceptions in `Rules.ts` and `stage/rule.ts`.
 *
 * A file is written if the paragraph before a fence names it, as in "Put this into `/etc/owfs.aliases`:", and added to if that says so.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as FakeW1 from "../../packages/node/test/fixtures/FakeW1.ts"
import { type Step, stepsOf } from "./Guide.ts"
import { stageOf } from "./Rules.ts"
import * as Session from "./Session.ts"

const root = Path.join(import.meta.dirname, "../..")

const guides = Fs.globSync([
  "README.md",
  "SECURITY.md",
  "docs/{*,recipes/*}.md",
  "examples/README.md",
  "packages/*/README.md"
], {
  cwd: root
}).toSorted()

/** What of the world a guide speaks of. */
const partsOf = (text: string, localhost: boolean, at: string | undefined): ReadonlyArray<string> => [
  ...(at === "checkout" ? ["checkout"] : []),
  ...(localhost ? ["localhost"] : []),
  ...(/raspberrypi|pi-1|attic/.test(text) ? ["raspberrypi"] : []),
  ...(/barn|pi-2|cellar|stable/.test(text) ? ["barn"] : []),
  ...(/mqtt|mosquitto/.test(text) ? ["mosquitto"] : []),
  ...(/^influx /m.test(text) ? ["influx"] : []),
  ...(/postgres/.test(text) ? ["postgres"] : [])
]

const total = { run: 0, files: 0 }
const byRule = new Map<string, number>()

const follow = Effect.fnUntraced(function*(guide: string, steps: ReadonlyArray<Step>) {
  const stage = stageOf(guide)
  const typed = [
    ...steps.map((step) => step._tag === "Command" ? step.text : step.content),
    ...(stage.between ?? []).map(([, text]) => text)
  ].join("\n")
  const fake = yield* FakeW1.make({ "28.000028D70100": FakeW1.thermometer(21.5) })
  const session = yield* Session.open(
    stage,
    partsOf(typed, stage.localhost ?? true, stage.at),
    Path.dirname(fake.folder)
  )
  const problems: Array<string> = []
  const all = steps.flatMap((step): ReadonlyArray<Step> =>
    step._tag === "File" ? [step] : [
      ...(stage.between ?? []).flatMap(([command, text]) =>
        command.test(step.text) ? [{ ...step, text, shown: undefined }] : []
      ),
      step
    ]
  )
  for (const step of all) {
    const result = yield* Effect.result(step._tag === "Command" ? session.type(step) : session.write(step))
    if (step._tag === "Command") total.run++
    else total.files++
    if (result._tag === "Failure") problems.push(result.failure.message)
    if (result._tag === "Failure" && /has not ended|ended the shell/.test(result.failure.message)) break
  }
  const stopped = yield* Effect.result(session.stopAll)
  if (stopped._tag === "Failure") problems.push(stopped.failure.message)
  for (const { why } of yield* session.rules) byRule.set(why, (byRule.get(why) ?? 0) + 1)
  if (problems.length > 0) assert.fail(`${guide}\n${problems.join("\n")}`)
})

describe.concurrent("guides", () => {
  for (const guide of guides) {
    const text = Fs.readFileSync(Path.join(root, guide), "utf8")
    const steps = stepsOf(text)
    const commands = steps.filter(({ _tag }) => _tag === "Command").length
    if (commands === 0) continue
    it.live(`${guide}: ${commands} commands`, () => follow(guide, steps))
  }
})

afterAll(() => {
  process.stdout.write(`\n${total.run} commands were typed, and ${total.files} files written; of those, by rule:\n`)
  for (const [why, times] of byRule) process.stdout.write(`  ${times}: ${why}\n`)
})
