/** A DS2490, the adapter between USB and 1-Wire, as far as the kernel's driver `ds2490` uses it. */
import type { Level, Line } from "./line.ts"

/** A request of the host to endpoint 0. */
export interface Setup {
  readonly requestType: number
  readonly request: number
  readonly value: number
  readonly index: number
}

const device = [18, 1, 0x10, 0x01, 0xff, 0, 0, 8, 0xfa, 0x04, 0x90, 0x24, 0x02, 0x00, 0, 0, 0, 1]

/** Four settings of one interface: how often its state can be requested, and how much data a packet contains. */
const settings = [[10, 16], [1, 16], [10, 64], [1, 64]].flatMap(([interval, size], alternative) =>
  [
    [9, 4, 0, alternative, 3, 0xff, 0xff, 0xff, 0],
    [7, 5, 0x81, 3, 16, 0, interval],
    [7, 5, 0x02, 2, size, 0, 0],
    [7, 5, 0x83, 2, size, 0, 0]
  ].flat()
)
const configuration = [9, 2, (9 + settings.length) & 0xff, (9 + settings.length) >> 8, 1, 1, 0, 0xe0, 50, ...settings]

/** Bytes of found ROM ids that the host fetches at once. */
const searchSize = 128

export class Adapter {
  readonly #line: Line
  /** Bytes that the host has sent for the next command. */
  #outgoing: Array<number> = []
  /** Answers of the line. */
  #incoming: Array<number> = []
  #command = 0

  constructor(line: Line) {
    this.#line = line
  }

  /** Answers a request, or returns `undefined` if it does not know the request. */
  control({ index, request, requestType, value }: Setup): Uint8Array | undefined {
    if (requestType === 0x80 && request === 6) {
      const found = value >> 8 === 1 ? device : value >> 8 === 2 ? configuration : undefined
      return found && Uint8Array.from(found)
    }
    if (requestType === 0x80 || requestType === 0x81) return Uint8Array.of(0, 0)
    if (requestType !== 0x40) return new Uint8Array()
    if (request === 0 && value === 0) [this.#outgoing, this.#incoming] = [[], []]
    if (request === 1) this.#communicate(value, index)
    return new Uint8Array()
  }

  #communicate(command: number, parameter: number): void {
    this.#command = command
    switch (command & 0xf0) {
      case 0x20: // a bit
        return void this.#incoming.push(this.#line.slot((command >> 3 & 1) as Level /* a bit */))
      case 0x40: // reset
        return this.#line.reset()
      case 0x50: // a byte
        return void this.#incoming.push(this.#line.byte(parameter & 0xff))
      case 0x70: // a block
        return void this.#incoming.push(...this.#outgoing.splice(0, parameter).map((byte) => this.#line.byte(byte)))
      case 0xf0: { // search
        const start = Uint8Array.from(this.#outgoing.splice(0, 8))
        const found = this.#line.search(parameter & 0xff, start, parameter >> 8 || Infinity)
        this.#incoming.push(...found.flatMap((rom) => [...rom]))
      }
    }
  }

  /** The endpoint that reports its progress: idle, unless a search waits until the host has fetched more of its results. */
  status(): Uint8Array {
    const status = new Uint8Array(16)
    const isSearching = (this.#command & 0xf0) === 0xf0 && this.#incoming.length > searchSize
    status[8] = isSearching ? 0 : 0x20
    status[9] = this.#command & 0xff
    status[10] = this.#command >> 8
    status[12] = Math.min(this.#outgoing.length, searchSize)
    status[13] = Math.min(this.#incoming.length, searchSize)
    return status
  }

  send(bytes: Uint8Array): void {
    this.#outgoing.push(...bytes)
  }

  /** Answers of the line, or `undefined` as long as there is none. */
  receive(length: number): Uint8Array | undefined {
    return this.#incoming.length === 0 ? undefined : Uint8Array.from(this.#incoming.splice(0, length))
  }
}
