/**
 * Return codes with which a driver's files are refused.
 */

/** The device does not answer. */
export const absent = -1

/** The exchange failed, or what came of it makes no sense. */
export const fault = -5

/** A value that the chip cannot take, or a sensor that did not measure. */
export const invalid = -22

export const readOnly = -30

/** A number beyond what can be set. */
export const outOfRange = -34

/** Nothing that the kernel's driver can do. */
export const unsupported = -95
