/**
 * The message with which a fleet refuses the kernel's own bus.
 */
export const message =
  "w1: is the bus of one machine, and any runner may follow a server of a fleet: run ow serve --w1 on that machine,"
  + " and name its host instead"
