/**
 * Families that the kernel's drivers know.
 */
import type { Driver } from "./Driver.ts"

/** The driver of a family code. */
export const of = (_code: string): Driver | undefined => undefined

/** Codes of all families with a driver. */
export const codes: ReadonlyArray<string> = []
