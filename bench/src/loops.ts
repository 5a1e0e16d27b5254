// A caller makes its next call when the previous one is answered. That is the measurement.
// oxlint-disable no-await-in-loop
/** The loops of the workloads, over a client of promises and over one of Effects. */
import { Effect } from "effect"
import type { EffectClient, PromiseClient } from "./drivers/Driver.ts"
import type { Request, Task } from "./task.ts"

/** Compares each answer with the expected one, and remembers the first wrong answer. */
export class Answers {
  wrong = 0
  first: string | undefined
  private readonly task: Task

  constructor(task: Task) {
    this.task = task
  }

  see(answer: string | number | ReadonlyArray<unknown>, expected: string): void {
    if (this.task.check === "value") {
      // The server adds padding, and some clients remove it.
      if (answer !== expected && String(answer).trim() !== expected) this.mark(String(answer))
      return
    }
    const length = typeof answer === "number" ? 1 : answer.length
    if (length !== Number(expected)) this.mark(`${length} ${this.task.check === "length" ? "bytes" : "entries"}`)
  }

  private mark(shown: string): void {
    this.wrong++
    this.first ??= shown.slice(0, 60)
  }

  get areHopeless(): boolean {
    return this.wrong > 100
  }
}

export interface Loops {
  /** Takes the maximum number of calls and seconds. Returns the number of calls, or the time of each burst. */
  readonly callers: (limit: number, seconds: number) => Promise<number>
  readonly sweep: (limit: number) => Promise<number>
  readonly bursts: (limit: number) => Promise<ReadonlyArray<number>>
}

/** Whether to read the clock, which costs as much as a part of a call. */
const isClockDue = (call: number): boolean => (call & 15) === 15

const pick = (requests: ReadonlyArray<Request>) => {
  const paths = requests.map(([path]) => path)
  const expected = requests.map(([, value]) => value)
  const count = requests.length
  return {
    path: (call: number): string => paths[call % count] ?? "",
    expected: (call: number): string => expected[call % count] ?? ""
  }
}

const upTo = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, index) => index)

export const promiseLoops = (
  client: PromiseClient,
  task: Task,
  requests: ReadonlyArray<Request>,
  answers: Answers
): Loops => {
  const { expected, path } = pick(requests)
  const call: (path: string) => Promise<string | ReadonlyArray<string>> = task.check === "entries"
    ? client.dir
    : (path) => client.read(path, task.size)

  const callers = async (limit: number, seconds: number): Promise<number> => {
    const end = performance.now() + seconds * 1000
    let next = 0
    let isOpen = true
    const caller = async () => {
      while (isOpen && next < limit) {
        const at = next++
        answers.see(await call(path(at)), expected(at))
        if (isClockDue(at) && performance.now() >= end || answers.areHopeless) isOpen = false
      }
    }
    await Promise.all(Array.from({ length: task.callers }, caller))
    return next
  }
  return {
    callers,
    sweep: (limit) => callers(limit, Infinity),
    bursts: async (limit) => {
      const times: Array<number> = []
      while (times.length < limit) {
        const start = performance.now()
        const values = await Promise.all(upTo(task.callers).map((at) => call(path(at))))
        times.push(performance.now() - start)
        values.forEach((value, at) => answers.see(value, expected(at)))
      }
      return times
    }
  }
}

/** A whole loop is one Effect, without a promise for each call. */
export const effectLoops = (
  client: EffectClient,
  task: Task,
  requests: ReadonlyArray<Request>,
  answers: Answers
): Loops => {
  const { expected, path } = pick(requests)
  const call: (path: string) => Effect.Effect<string | number | ReadonlyArray<unknown>, unknown> =
    task.check === "entries"
      ? (path) => client.effect.dir(path, "dirall")
      : (path) => client.effect.read(path, task.size)
  const run = <A>(loop: Effect.Effect<A, unknown>): Promise<A> => Effect.runPromise(client.around?.(loop) ?? loop)
  const see = (at: number) => Effect.map(call(path(at)), (answer) => answers.see(answer, expected(at)))
  const { readMany } = client.effect
  const sweep = (limit: number): Effect.Effect<unknown, unknown> =>
    readMany === undefined
      ? Effect.forEach(upTo(limit), see, { concurrency: task.callers, discard: true })
      : Effect.map(
        readMany(upTo(limit).map(path), task.size),
        (values) => values.forEach((value, at) => answers.see(value, expected(at)))
      )

  return {
    callers: (limit, seconds) => {
      const end = performance.now() + seconds * 1000
      let next = 0
      let isOpen = true
      const caller = Effect.gen(function*() {
        while (isOpen && next < limit) {
          const at = next++
          answers.see(yield* call(path(at)), expected(at))
          if (isClockDue(at) && performance.now() >= end || answers.areHopeless) isOpen = false
        }
      })
      const all = Effect.forEach(upTo(task.callers), () => caller, { concurrency: "unbounded", discard: true })
      return run(Effect.map(all, () => next))
    },
    sweep: (limit) => run(Effect.as(sweep(limit), limit)),
    bursts: (limit) =>
      run(Effect.forEach(upTo(limit), () =>
        Effect.suspend(() => {
          const start = performance.now()
          return Effect.map(
            Effect.forEach(upTo(task.callers), see, { concurrency: "unbounded", discard: true }),
            () => performance.now() - start
          )
        })))
  }
}
