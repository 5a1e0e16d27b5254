/**
 * What is known of the temperatures of a chip, and what its driver says of them.
 */

/** How long the result of a simultaneous conversion is a measurement, in milliseconds. */
export const freshFor = 15_000

/** Temperatures of one chip. */
export interface Measured {
  /** Last temperature that was read here, in degrees Celsius. */
  last: number | undefined
  /** The chip has been told to convert since then. */
  isOutdated: boolean
  /** When a simultaneous conversion has ended whose result nobody has read yet, on the monotonic clock. */
  pendingSince: number | undefined
  /** The limits of the alarm, and when they were read. */
  limits: { readonly high: number; readonly low: number; readonly at: number } | undefined
}

/** Nothing is known. */
export const unmeasured = (): Measured => ({
  last: undefined,
  isOutdated: false,
  pendingSince: undefined,
  limits: undefined
})

/** A sixteenth of a degree, the finest step of any of these chips, in thousandths of a degree. */
const step = 62.5

/**
 * Degrees Celsius of the text of a driver's `temperature`, in thousandths. The kernel cuts them to whole ones: 21562 is 21.5625 °C.
 * `undefined` if the text is no number.
 */
export const celsius = (text: string): number | undefined => {
  if (!/^-?\d{1,7}$/.test(text)) return undefined
  const millis = Number(text)
  const exact = Math.round(millis / step) * step
  return (Math.abs(exact - millis) < 1 ? exact : millis) / 1000
}

/** Whether a chip is in alarm: it compares whole degrees, as it cuts them. */
export const isAlarming = (
  temperature: number,
  { high, low }: { readonly high: number; readonly low: number }
): boolean => {
  const whole = Math.floor(temperature)
  return whole >= high || whole <= low
}
