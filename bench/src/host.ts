/** The process that runs one workload on one client in Node: `host.ts <client> key=value…`; see `task.ts`. */
import { text } from "node:stream/consumers"
import { clients } from "./clients.ts"
import { Answers, effectLoops, promiseLoops } from "./loops.ts"
import { fromArguments, fromLines, type Measurement } from "./task.ts"

const [id, ...args] = process.argv.slice(2)
const task = fromArguments(args)
const requests = fromLines(await text(process.stdin))
const client = clients.find((client) => client.id === id)
if (client?.load === undefined) throw new Error(`there is no client ${id} in Node`)

const driver = await client.load()
const opened = await driver.open({
  host: "127.0.0.1",
  port: task.port,
  persistent: task.connection === "kept",
  callers: task.callers
})

const run = async (limit: number, seconds: number, answers: Answers) => {
  const loops = "effect" in opened
    ? effectLoops(opened, task, requests, answers)
    : promiseLoops(opened, task, requests, answers)
  if (task.loop === "bursts") {
    const bursts = await loops.bursts(limit)
    return { calls: bursts.length * task.callers, times: bursts }
  }
  return { calls: task.loop === "sweep" ? await loops.sweep(limit) : await loops.callers(limit, seconds) }
}

const heapUsed = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const warmUntil = performance.now() + task.warmSeconds * 1000
for (let left = task.warm; left > 0 && performance.now() < warmUntil; left -= task.limit) {
  // As long as the measurement, because only loops of callers end by the clock.
  // oxlint-disable-next-line no-await-in-loop
  await run(Math.min(left, task.limit), task.warmSeconds, new Answers(task))
}
const answers = new Answers(task)
const before = heapUsed()
const start = performance.now()
const done = await run(task.limit, task.seconds, answers)
const seconds = (performance.now() - start) / 1000
const measurement: Measurement = {
  ...done,
  seconds,
  wrong: answers.wrong,
  ...(answers.first === undefined ? {} : { firstWrong: answers.first }),
  heapGrowth: heapUsed() - before
}
process.stdout.write(`${JSON.stringify(measurement)}\n`)
await opened.close()
