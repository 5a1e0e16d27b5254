/**
 * What the simulated server knows beside the families of devices. Written by `test/record-families.ts`; do not edit.
 */

export const simultaneous = `
iblss y rw 1 v
present y ro 1 v
present_ds2400 y ro 1 v
single a ro 18 v
single_ds2400 a ro 18 v
temperature y rw 1 v
voltage y rw 1 v
`

export const thermostat = `
1shot y rw 1 s
polarity y rw 1 s
temperature t ro 12 v
temphigh t rw 12 s
temphighflag y rw 1 s
templow t rw 12 s
templowflag y rw 1 s
thermostatmode y rw 1 s
type a ro 32 f
`

/** By family code, what its devices add to the classes that a listing tells of. */
export const classes: Readonly<Record<string, number>> = {
  "04": 2,
  "05": 2,
  "0A": 4,
  "0C": 4,
  "0F": 4,
  "10": 32770,
  "12": 2,
  "18": 5,
  "1A": 4,
  "1C": 7,
  "1D": 4,
  "1E": 49152,
  "20": 16390,
  "21": 32774,
  "22": 32770,
  "23": 4,
  "26": 49152,
  "28": 32770,
  "29": 7,
  "2C": 7,
  "2D": 5,
  "35": 2,
  "37": 5,
  "3A": 5,
  "3B": 32770,
  "41": 32775,
  "42": 40962,
  "43": 5,
  "7E": 32770,
  "8F": 4,
  "A6": 49152,
  "DD": 2,
  "ED": 1,
  "FC": 3,
  "FE": 32768,
  "FF": 2
}
