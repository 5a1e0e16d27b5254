/**
 * Bus masters of the kernel that come and go while its buses are served.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import * as SmallFile from "../server/SmallFile.ts"

/** Maximum bus masters to report. A machine has a few. */
const most = 64

export interface Change {
  readonly came: ReadonlyArray<string>
  readonly went: ReadonlyArray<string>
}

/** Names of the bus masters that the kernel shows in a folder, in the order of their numbers. */
export const list = (folder: string): Effect.Effect<ReadonlyArray<string>> =>
  SmallFile.names(join(folder, "devices")).pipe(
    Effect.map((names) =>
      names.filter((name) => /^w1_bus_master\d{1,9}$/.test(name))
        .toSorted((a, b) => Number(a.slice(13)) - Number(b.slice(13))).slice(0, most)
    ),
    Effect.orElseSucceed(() => [])
  )

/** Reports bus masters that come and go. It never ends. */
export const follow = Effect.fnUntraced(function*(
  folder: string,
  first: ReadonlyArray<string>,
  tell: (change: Change) => Effect.Effect<void>
) {
  let known = first
  const look = Effect.gen(function*() {
    const now = yield* list(folder)
    const came = now.filter((name) => !known.includes(name))
    const went = known.filter((name) => !now.includes(name))
    known = now
    if (came.length + went.length > 0) yield* tell({ came, went })
  })
  return yield* Effect.andThen(Effect.repeat(look, Schedule.spaced("2 seconds")), Effect.never)
})
