/**
 * Known temperatures of a chip, and its alarm.
 */

/** Maximum age in milliseconds at which the result of a simultaneous conversion counts as a measurement. */
export const freshFor = 15_000

/** State of the temperatures of one chip. */
export interface Measured {
  /** Last temperature that this process has read, and its time on the monotonic clock. */
  last: { readonly celsius: number; readonly at: number } | undefined
  /** Whether the chip was told to convert after that. */
  isOutdated: boolean
  /** Time on the monotonic clock at which a simultaneous conversion ended, if its result has not been read yet. */
  pendingSince: number | undefined
  /** Whether the driver has no result left of a conversion that another program started before this process read the chip. */
  isClear: boolean
  /** Limits of the alarm, and the time at which they were read. */
  limits: { readonly high: number; readonly low: number; readonly at: number } | undefined
}

/** The state of a chip before any measurement. */
export const unmeasured = (): Measured => ({
  last: undefined,
  isOutdated: false,
  pendingSince: undefined,
  isClear: false,
  limits: undefined
})

/** Whether this process knows a measurement of the chip, or can read one. */
export const isKnown = ({ last, pendingSince }: Measured): boolean => last !== undefined || pendingSince !== undefined

/** Degrees Celsius from the text of a driver's `temperature`, in thousandths. `undefined` if the text is not a number. */
export const celsius = (text: string): number | undefined => /^-?\d{1,7}$/.test(text) ? Number(text) / 1000 : undefined

/** Whether a chip is in alarm: it compares whole degrees. */
export const isAlarming = (
  temperature: number,
  { high, low }: { readonly high: number; readonly low: number }
): boolean => {
  const whole = Math.floor(temperature)
  return whole >= high || whole <= low
}
