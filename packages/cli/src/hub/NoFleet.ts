/**
 * The refusal of the kernel's own bus by a fleet.
 */
export const message =
  "w1: is the bus of one machine, and any runner may follow a server of a fleet: run ow serve --w1 on that machine,"
  + " and name its host instead"
