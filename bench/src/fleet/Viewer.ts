/** A viewer of a page: the live stream of a runner, with the time of each message. */
import { Clock, Effect, type Scope } from "effect"
import { request } from "node:http"

interface Heard {
  readonly at: number
  readonly tag: string
  readonly readings: number
}

export interface Viewer {
  readonly heard: ReadonlyArray<Heard>
}

/** Reads the stream of a page until the scope closes, and opens it again when it ends. */
export const view = Effect.fnUntraced(function*(url: string): Effect.fn.Return<Viewer, never, Scope.Scope> {
  const clock = yield* Clock.Clock
  const heard: Array<Heard> = []
  const take = (line: string): void => {
    const [, data] = /^data: ?(.*)$/.exec(line) ?? []
    if (data === undefined) return
    const tag = /"_tag":"(\w+)"/.exec(data)?.[1] ?? ""
    heard.push({
      at: clock.currentTimeMillisUnsafe(),
      tag,
      readings: tag === "Change" ? data.split(`"temperature":{`).length - 1 : 0
    })
  }
  const once = Effect.callback<void>((resume) => {
    let rest = ""
    const sent = request(`${url}api/v1/live`, { agent: false }, (response) => {
      response.setEncoding("utf8")
      response.on("data", (text: string) => {
        const lines = (rest + text).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) take(line)
      })
      response.on("close", () => resume(Effect.void))
    })
    sent.on("error", () => resume(Effect.void))
    sent.end()
    return Effect.sync(() => sent.destroy())
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(once, Effect.sleep("250 millis"))))
  return { heard }
})

/** Longest time without a reading on the page, in milliseconds. */
export const gapOf = ({ heard }: Viewer, from: number, to: number): number => {
  let before = from
  let longest = 0
  for (const { at, readings } of heard) {
    if (at < from || at > to || readings === 0) continue
    longest = Math.max(longest, at - before)
    before = at
  }
  return Math.max(longest, to - before)
}
