/**
 * Return codes with which a driver's files are refused.
 */

/** The device does not answer. */
export const absent = -1

/** The device was there, and is gone. */
export const vanished = -2

/** The exchange failed, or its result makes no sense. */
export const fault = -5

/** The process or its system has no room or no file handle left. */
export const outOfMemory = -12

/** The kernel does not let this user do it. */
export const denied = -13

/** The bus master works on something else, and that takes too long. */
export const busy = -16

/** The bus master is gone. */
export const noMaster = -19

/** A value that the chip cannot take, or a sensor that did not measure. */
export const invalid = -22

export const readOnly = -30

/** A number beyond what can be set. */
export const outOfRange = -34

/** The kernel's driver cannot do it. */
export const unsupported = -95
