/** Measures the sweeps with `readTextMany` instead of a read for each caller. */
import { Effect, Result } from "effect"
import * as driver from "./driver.ts"

export const meta = { ...driver.meta, id: "effect-ownet-many", label: "effect-ownet readTextMany" }

/** Batches that run at the same time if paths repeat. Together they have as many calls as one. */
const concurrency = 4

/** Splits a list where a path repeats, because a batch reads each path once. */
const distinct = (paths: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  if (new Set(paths).size === paths.length) return [paths]
  const batches: Array<ReadonlyArray<string>> = []
  let batch = new Set<string>()
  for (const path of paths) {
    if (batch.has(path)) {
      batches.push([...batch])
      batch = new Set()
    }
    batch.add(path)
  }
  return [...batches, [...batch]]
}

export const open = async (address: Parameters<typeof driver.open>[0]) => {
  const { close, effect, ow } = await driver.openOn(address, {})
  return {
    close,
    effect: {
      ...effect,
      readMany: (paths: ReadonlyArray<string>, size?: number) =>
        Effect.map(
          Effect.forEach(
            distinct(paths),
            (batch) =>
              Effect.map(
                ow.readTextMany(batch, { size }),
                (answers) => Array.from(answers.values(), Result.getOrThrow)
              ),
            { concurrency }
          ),
          (batches) => batches.flat()
        )
    }
  }
}
