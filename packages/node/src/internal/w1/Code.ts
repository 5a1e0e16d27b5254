/**
 * Return codes for failures of a driver's files.
 */

/** The device does not answer. */
export const absent = -1

/** The device was present, and is gone. */
export const vanished = -2

/** The exchange failed, or its result is invalid. */
export const fault = -5

/** The process or its system has no memory or no file handle left. */
export const outOfMemory = -12

/** The kernel does not permit this user to do it. */
export const denied = -13

/** The bus master is busy with something else for too long. */
export const busy = -16

/** The bus master is gone. */
export const noMaster = -19

/** The chip cannot take the value, or a sensor did not measure. */
export const invalid = -22

export const readOnly = -30

/** The number is beyond the range that can be set. */
export const outOfRange = -34

/** The kernel's driver cannot do it. */
export const unsupported = -95
