/**
 * What is known of the temperatures of a chip, and when it is in alarm.
 */

/** How long the result of a simultaneous conversion is a measurement, in milliseconds. */
export const freshFor = 15_000

/** Temperatures of one chip. */
export interface Measured {
  /** Last temperature that was read here, and when, on the monotonic clock. */
  last: { readonly celsius: number; readonly at: number } | undefined
  /** The chip has been told to convert since then. */
  isOutdated: boolean
  /** When a simultaneous conversion has ended whose result nobody has read yet, on the monotonic clock. */
  pendingSince: number | undefined
  /** Whether the driver has no result left of a conversion that another program began before this one read the chip. */
  isClear: boolean
  /** The limits of the alarm, and when they were read. */
  limits: { readonly high: number; readonly low: number; readonly at: number } | undefined
}

/** Nothing is known. */
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

/** Whether a chip is in alarm: it compares whole degrees, as it cuts them. */
export const isAlarming = (
  temperature: number,
  { high, low }: { readonly high: number; readonly low: number }
): boolean => {
  const whole = Math.floor(temperature)
  return whole >= high || whole <= low
}
