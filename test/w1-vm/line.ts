/**
 * A 1-Wire line, one time slot at a time. The master and each chip pull it low or leave it alone, and all of them see the
 * resulting level. A chip is a generator that yields its level for a slot, and receives the level of the line.
 */

/** 0 pulls the line low; 1 leaves it to the others. */
export type Level = 0 | 1

export type Slots<A = void> = Generator<Level, A, Level>

/** Reads a byte from the line, as a chip. */
export function* listen(): Slots<number> {
  let byte = 0
  for (let bit = 0; bit < 8; bit++) byte |= (yield 1) << bit
  return byte
}

/** Lets the master read bytes. */
export function* tell(...bytes: ReadonlyArray<number>): Slots {
  for (const byte of bytes) for (let bit = 0; bit < 8; bit++) yield (byte >> bit & 1) as Level /* a bit */
}

/** Lets the master read the same level in any number of slots. */
export function* hold(level: () => Level): Slots<never> {
  while (true) yield level()
}

export interface Chip {
  /** Eight bytes: family code, serial number, CRC. */
  readonly rom: Uint8Array
  /** Reactions to commands, once it is selected. */
  readonly selected: () => Slots
  /** Whether it answers an alarm search. Default: never. */
  readonly isAlarmed?: (() => boolean) | undefined
  /** Whether it is the next of a chain, whose ROM id is read by its position. Default: never. */
  readonly isNext?: (() => boolean) | undefined
  /** Reaction to a search that has found it. Default: none. */
  readonly searched?: (() => Slots) | undefined
}

/** The 8-bit checksum of ROM ids and scratchpads. */
export const crc8 = (bytes: ArrayLike<number>): number => {
  let crc = 0
  for (const byte of Array.from(bytes)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x8c : crc >> 1
  }
  return crc
}

/** The ROM id of a chip with a kernel name such as `28-0000000a1b2c`. */
export const rom = (name: string): Uint8Array => {
  const [family = "", serial = ""] = name.split("-")
  const bytes = [...Buffer.from(family, "hex"), ...Buffer.from(serial, "hex").toReversed()]
  return Uint8Array.from([...bytes, crc8(bytes)])
}

const bitOf = (rom: Uint8Array, index: number): Level => (rom[index >> 3] >> (index & 7) & 1) as Level // a bit

/** A chip after a reset: it waits to be selected, and then for commands. */
function* fromReset(chip: Chip, resumable: { chip?: Chip | undefined }): Slots {
  const command = yield* listen()
  switch (command) {
    case 0xcc: // skip ROM
      return yield* chip.selected()
    case 0x0f: // conditional read ROM
      return chip.isNext?.() === true ? yield* tell(...chip.rom) : undefined
    case 0x33: // read ROM
      yield* tell(...chip.rom)
      return yield* chip.selected()
    case 0x55: // match ROM
      for (const byte of chip.rom) if ((yield* listen()) !== byte) return
      resumable.chip = chip
      return yield* chip.selected()
    case 0xa5: // resume
      if (resumable.chip === chip) yield* chip.selected()
      return
    case 0xec: // alarm search
    case 0xf0: // search
      if (command === 0xec && chip.isAlarmed?.() !== true) return
      for (let index = 0; index < 64; index++) {
        const bit = bitOf(chip.rom, index)
        yield bit
        yield bit === 1 ? 0 : 1
        if ((yield 1) !== bit) return
      }
      if (chip.searched !== undefined) yield* chip.searched()
  }
}

export class Line {
  /** Whether it is held low, as by a short circuit. */
  isShorted = false
  readonly #chips = new Set<Chip>()
  readonly #resumable: { chip?: Chip | undefined } = {}
  #active: Array<{ readonly slots: Slots; drives: Level }> = []

  attach(...chips: ReadonlyArray<Chip>): void {
    for (const chip of chips) this.#chips.add(chip)
  }

  detach(...chips: ReadonlyArray<Chip>): void {
    for (const chip of chips) this.#chips.delete(chip)
  }

  reset(): void {
    this.#active = [...this.#chips].map((chip) => ({ slots: fromReset(chip, this.#resumable), drives: 1 }))
    for (const active of this.#active) this.#advance(active, 1)
  }

  #advance(active: { readonly slots: Slots; drives: Level }, level: Level): void {
    const { done, value } = active.slots.next(level)
    active.drives = done ? 1 : value
  }

  slot(level: Level): Level {
    const low = this.isShorted || level === 0 || this.#active.some(({ drives }) => drives === 0)
    for (const active of this.#active) this.#advance(active, low ? 0 : 1)
    return low ? 0 : 1
  }

  /** Writes a byte, and returns the byte on the line. `0xff` reads. */
  byte(written: number): number {
    let read = 0
    for (let bit = 0; bit < 8; bit++) read |= this.slot((written >> bit & 1) as Level /* a bit */) << bit
    return read
  }

  /** The ROM ids that answer a search, from a given one on, up to a limit. */
  search(command: number, start: Uint8Array, limit: number): ReadonlyArray<Uint8Array> {
    const found: Array<Uint8Array> = []
    let path = start
    // Up to this bit the search takes the path of the last round again, and at it the other branch.
    let branch = 64
    while (branch >= 0 && found.length < limit) {
      const rom = new Uint8Array(8)
      let open = -1
      this.reset()
      this.byte(command)
      for (let index = 0; index < 64; index++) {
        const [bit, complement] = [this.slot(1), this.slot(1)]
        if (bit === 1 && complement === 1) return found
        const chosen = bit !== complement ? bit : index < branch ? bitOf(path, index) : index === branch ? 1 : 0
        if (bit === complement && chosen === 0) open = index
        rom[index >> 3] |= this.slot(chosen) << (index & 7)
      }
      found.push(rom)
      path = rom
      branch = open
    }
    return found
  }
}
