/**
 * A bus as it competes with others for connections: its waiting calls, and the number of connections that it holds. A device
 * whose bus is unknown has its own lane.
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
  /** The list of lanes in which it waits for its turn. */
  turn: Fifo<Lane> | undefined = undefined
  /** Number of connections that carry its calls. */
  held = 0
  /** Number of connections that its fast answers allow it. */
  width = 1
  /** Time of its last answer, or of its first call since it held no connection. */
  heardAt = 0

  constructor(name: string, hash: number) {
    super()
    this.name = name
    this.hash = hash
  }
}
