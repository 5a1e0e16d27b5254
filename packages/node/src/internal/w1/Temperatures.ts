/**
 * The known temperatures of a chip, and its alarm.
 */

/** Longest time in milliseconds for which the result of a simultaneous conversion passes for a measurement. */
export const freshFor = 15_000

/** Temperatures of one chip. */
export interface Measured {
  /** Last temperature that was read here, and when, on the monotonic clock. */
  last: { readonly celsius: number; readonly at: number } | undefined
  /** The chip has been told to convert since then. */
  isOutdated: boolean
  /** When a simultaneous conversion ended, on the monotonic clock, if its result has not been read yet. */
  pendingSince: number | undefined
  /** Whether the driver has no result left of a conversion that another program began before this one read the chip. */
  isClear: boolean
  /** The limits of the alarm, and when they were read. */
  limits: { readonly high: number; readonly low: number; readonly at: number } | undefined
}

/** The state of a chip of which nothing is known. */
export const unmeasured = (): Measured => ({
  last: undefined,
  isOutdated: false,
  pendingSince: undefined,
  isClear: false,
  limits: undefined
})

/** Whether the chip has measured anything that this process knows of, or can get. */
export const isKnown = ({ last, pendingSince }: Measured): boolean => last !== undefined || pendingSince !== undefined

/** Degrees Celsius of the text of a driver's `temperature`, in thousandths. `undefined` if the text is no number. */
export const celsius = (text: string): number | undefined => /^-?\d{1,7}$/.test(text) ? Number(text) / 1000 : undefined

/** Whether a chip is in alarm: it compares whole degrees. */
export const isAlarming = (
  temperature: number,
  { high, low }: { readonly high: number; readonly low: number }
): boolean => {
  const whole = Math.floor(temperature)
  return whole >= high || whole <= low
}
