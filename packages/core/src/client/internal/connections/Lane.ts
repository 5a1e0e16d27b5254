/**
 * A bus, as far as it competes with others for connections: its calls that wait, and the number of connections that it holds.
 * A device whose bus is not known has a lane of its own.
 */
import type { Call } from "./Call.ts"
import { Fifo, type Linked } from "./Fifo.ts"
import type { Named } from "./Names.ts"

export class Lane extends Fifo<Call> implements Linked<Lane>, Named<Lane> {
  readonly name: string
  readonly hash: number
  sibling: Lane | undefined = undefined
  next: Lane | undefined = undefined
  previous: Lane | undefined = undefined
  /** The lanes among which it waits for its turn. */
  turn: Fifo<Lane> | undefined = undefined
  /** Number of connections that carry its calls. */
  held = 0
  /** Number of connections that its fast answers have earned it. */
  width = 1
  /** Time of its last answer, or of the first call since it held no connection. */
  heardAt = 0

  constructor(name: string, hash: number) {
    super()
    this.name = name
    this.hash = hash
  }
}
