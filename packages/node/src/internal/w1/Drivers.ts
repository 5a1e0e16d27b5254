/**
 * Families that the kernel's drivers support.
 */
import * as BatteryMonitor from "./BatteryMonitor.ts"
import * as Counters from "./Counters.ts"
import * as Driver from "./Driver.ts"
import * as Memory from "./Memory.ts"
import * as Switches from "./Switches.ts"
import * as Thermometer from "./Thermometer.ts"

/** A chip with no property besides its ROM id, or whose driver shows the others elsewhere. */
const bare: Driver.Driver = Driver.make({})

const drivers: ReadonlyMap<string, Driver.Driver> = new Map([
  ["01", bare],
  ["05", Switches.DS2405],
  ["09", bare],
  ["0B", bare],
  ["10", Thermometer.DS18S20],
  ["12", Switches.DS2406],
  ["1C", Memory.DS28E04],
  ["1D", Counters.DS2423],
  ["22", Thermometer.DS18B20],
  ["23", Memory.EEPROM],
  ["26", BatteryMonitor.DS2438],
  ["28", Thermometer.DS18B20],
  ["29", Switches.DS2408],
  ["2D", Memory.EEPROM],
  ["3A", Switches.DS2413],
  ["3B", Thermometer.DS1825],
  ["42", Thermometer.DS28EA00],
  ["43", Memory.EEPROM],
  ["81", bare]
])

/** The driver of a family code. */
export const of = (code: string): Driver.Driver | undefined => drivers.get(code)

/** Codes of all families with a driver. */
export const codes: ReadonlyArray<string> = [...drivers.keys()].toSorted()
