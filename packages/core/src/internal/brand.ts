/**
 * Dates and bytes, told by what they are rather than by the constructor: those of another realm, such as a `vm` context or a
 * frame, have constructors of their own.
 */

export const isDate = (value: unknown): value is Date => tagOf(value) === "[object Date]"

export const isUint8Array = (value: unknown): value is Uint8Array =>
  ArrayBuffer.isView(value) && tagOf(value) === "[object Uint8Array]"

const tagOf = (value: unknown): string => Object.prototype.toString.call(value)
