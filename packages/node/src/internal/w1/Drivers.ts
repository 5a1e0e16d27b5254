/**
 * Families that the kernel's drivers know.
 */
import type * as Driver from "./Driver.ts"
import * as Thermometer from "./Thermometer.ts"

const drivers: ReadonlyMap<string, Driver.Driver> = new Map([
  ["10", Thermometer.DS18S20],
  ["22", Thermometer.DS18B20],
  ["28", Thermometer.DS18B20],
  ["3B", Thermometer.DS1825],
  ["42", Thermometer.DS28EA00]
])

/** The driver of a family code. */
export const of = (code: string): Driver.Driver | undefined => drivers.get(code)

/** Codes of all families with a driver. */
export const codes: ReadonlyArray<string> = [...drivers.keys()].toSorted()
