/**
 * The step of values, such as 1/16 °C: a scale that makes all of them whole numbers. It is found from the values. There is a step
 * only if values can be restored exactly.
 */

/** Scales, in an order that files depend on. Add new ones at the end. `0` stands for no step. */
export const scales = [0, 1, 2, 4, 8, 16, 10, 32, 64, 128, 256, 100, 512, 1024, 1000, 4096, 10_000, 100_000, 1_000_000]

/** Maximum magnitude in steps, because seconds times steps must stay whole numbers. */
const most = 2 ** 40

const isWhole = (value: number, scale: number): boolean => {
  const steps = Math.round(value * scale)
  return steps / scale === value && Math.abs(steps) <= most && !Object.is(value, -0)
}

/** The position of the scale, or `0` if there is none. `NaN` values are ignored. */
export const find = (values: ReadonlyArray<number>): number => {
  next: for (let index = 1; index < scales.length; index++) {
    for (const value of values) {
      if (!Number.isNaN(value) && !isWhole(value, scales[index]!)) continue next
    }
    return index
  }
  return 0
}
