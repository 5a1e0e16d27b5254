/**
 * Chips as their data sheets describe them, as far as the kernel's drivers use them. Their sensor values can be set while they
 * are in use.
 */
import { type Chip, crc8, hold, listen, rom, type Slots, tell } from "./line.ts"

/** The 16-bit checksum of memories and switches, inverted as they send it. */
const crc16 = (bytes: ReadonlyArray<number>): ReadonlyArray<number> => {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1
  }
  return [~crc & 0xff, ~crc >> 8 & 0xff]
}

/** The two bytes of a number, the low one first. */
const twoBytes = (value: number): readonly [low: number, high: number] => [value & 0xff, value >> 8 & 0xff]

/** Does nothing until the next reset. */
function* idle(): Slots {}

const signed = (byte: number): number => byte << 24 >> 24

export interface Thermometer extends Chip {
  /** Temperature of its surroundings, in degrees Celsius. */
  celsius: number
  /** Whether it has an external supply. Otherwise it uses parasite power. */
  powered: boolean
  /** Whether its supply breaks down while it measures, so that it keeps its power-on value. */
  starved: boolean
}

/** Milliseconds of a conversion, less than the data sheet's maximum. */
const conversionMillis = (resolution: number): number => 600 / 2 ** (12 - resolution)

/** DS18B20, DS1822, DS1825, DS18S20 by the family code 10, and DS28EA00, alone in its chain, by 42. */
export const thermometer = (name: string, celsius: number): Thermometer => {
  const isCoarse = name.startsWith("10-")
  const initial = isCoarse ? [75, 70] : [75, 70, 0x7f]
  const eeprom = [...initial]
  const settings = [...initial]
  const atPowerOn = isCoarse ? [0xaa, 0x00, 0x0c, 0x10] : [0x50, 0x05, 0x0c, 0x10]
  let [low, high, counted, perDegree] = atPowerOn
  let isNext = false
  let pending: { readonly until: number; readonly celsius: number } | undefined

  const resolution = (): number => isCoarse ? 12 : 9 + (settings[2] >> 5 & 3)
  const isBusy = (): boolean => pending !== undefined && Date.now() < pending.until
  const settle = (): void => {
    if (pending === undefined || isBusy()) return
    const measured = pending.celsius
    pending = undefined
    if (isCoarse) {
      const whole = Math.floor(measured + 0.25)
      ;[low, high] = twoBytes(whole * 2)
      counted = 16 - Math.floor((measured + 0.25 - whole) * 16)
      return
    }
    ;[low, high] = twoBytes(Math.floor(measured * 2 ** (resolution() - 8)) << 12 - resolution())
    counted = 0x10 - (low & 0xf)
  }
  const scratchpad = (): ReadonlyArray<number> => {
    settle()
    const content = [low, high, ...settings, ...(isCoarse ? [0xff] : []), 0xff, counted, perDegree]
    return [...content, crc8(content)]
  }

  const chip: Thermometer = {
    rom: rom(name),
    celsius,
    powered: true,
    starved: false,
    isAlarmed: () => {
      settle()
      const degrees = (high << 8 | low) << 16 >> (isCoarse ? 17 : 20)
      return degrees >= signed(settings[0]) || degrees <= signed(settings[1])
    },
    isNext: () => isNext,
    *selected(): Slots {
      switch (yield* listen()) {
        case 0x99: { // chain
          const [state, inverted] = [yield* listen(), yield* listen()]
          if (!name.startsWith("42-") || (state ^ inverted) !== 0xff) return
          isNext = state === 0x5a
          return yield* tell(0xaa)
        }
        case 0x44: // convert
          if (!chip.starved) pending = { until: Date.now() + conversionMillis(resolution()), celsius: chip.celsius }
          return chip.powered ? yield* hold(() => isBusy() ? 0 : 1) : undefined
        case 0xbe: // read scratchpad
          return yield* tell(...scratchpad())
        case 0x4e: // write scratchpad
          for (let index = 0; index < settings.length; index++) settings[index] = yield* listen()
          if (!isCoarse) settings[2] = settings[2] & 0x60 | 0x1f
          return
        case 0x48: // copy scratchpad
          eeprom.splice(0, eeprom.length, ...settings)
          return
        case 0xb8: // recall
          settings.splice(0, settings.length, ...eeprom)
          return
        case 0xb4: // read power supply
          return chip.powered ? undefined : yield* hold(() => 0)
      }
    }
  }
  return chip
}

export interface Switch8 extends Chip {
  /** The levels of its eight pins, as bits. */
  pins: number
}

/** DS2408, without its alarm conditions. */
export const switch8 = (name: string, pins: number): Switch8 => {
  let latches = 0xff
  let activity = 0
  let control = 0x88
  const registers = (): ReadonlyArray<number> => [chip.pins & latches, latches, activity, 0, 0, control, 0xff, 0xff]
  const chip: Switch8 = {
    rom: rom(name),
    pins,
    *selected(): Slots {
      switch (yield* listen()) {
        case 0xf0: { // read registers
          const address = (yield* listen()) | (yield* listen()) << 8
          const read = registers().slice(Math.max(0, address - 0x88))
          yield* tell(...read)
          return yield* tell(...crc16([0xf0, ...twoBytes(address), ...read]))
        }
        case 0x5a: { // write to the outputs
          const [written, inverted] = [yield* listen(), yield* listen()]
          if ((written ^ inverted) !== 0xff) return
          activity |= written ^ latches
          latches = written
          return yield* tell(0xaa, chip.pins & latches)
        }
        case 0xcc: { // write a register
          const address = (yield* listen()) | (yield* listen()) << 8
          const written = yield* listen()
          // The supply and the reserved bits cannot be written. The flag of a restart can be cleared.
          if (address === 0x8d) control = 0x80 | written & 0x0f & (control | 0x07)
          return
        }
        case 0xc3: // reset the latches of activity
          activity = 0
          return yield* hold(alternating())
      }
    }
  }
  return chip
}

/** Returns `0xaa` bit by bit, forever. */
const alternating = (): () => 0 | 1 => {
  let level: 0 | 1 = 1
  return () => level = level === 1 ? 0 : 1
}

export interface Switch2 extends Chip {
  /** The levels of its two pins, as bits. */
  pins: number
}

/** DS2413. */
export const switch2 = (name: string, pins: number): Switch2 => {
  let latches = 3
  const state = (): number => {
    const levels = chip.pins & latches
    const nibble = levels & 1 | (latches & 1) << 1 | (levels & 2) << 1 | (latches & 2) << 2
    return nibble | (~nibble & 0xf) << 4
  }
  const chip: Switch2 = {
    rom: rom(name),
    pins,
    *selected(): Slots {
      switch (yield* listen()) {
        case 0xf5: // read the pins
          while (true) yield* tell(state())
        case 0x5a: { // write to the outputs
          const [written, inverted] = [yield* listen(), yield* listen()]
          if ((written ^ inverted) !== 0xff) return
          latches = written & 3
          return yield* tell(0xaa, state())
        }
      }
    }
  }
  return chip
}

/** DS2406: its two latches, which are all that the driver shows. */
export const addressable = (name: string): Chip => {
  let status = 0x7f
  return {
    rom: rom(name),
    *selected(): Slots {
      const command = yield* listen()
      const address = [yield* listen(), yield* listen()]
      if (address[0] !== 7 || address[1] !== 0) return
      if (command === 0xaa) return yield* tell(status, ...crc16([command, ...address, status]))
      if (command !== 0x55) return
      const written = yield* listen()
      yield* tell(...crc16([command, ...address, written]))
      if ((yield* listen()) === 0xff) status = status & 0x80 | written & 0x7f
    }
  }
}

/** DS2405: a latch that each selection toggles, and a pin. */
export const toggle = (name: string): Chip => {
  let isLow = false
  return {
    rom: rom(name),
    isAlarmed: () => isLow,
    selected: () => {
      isLow = !isLow
      return idle()
    },
    searched: () => hold(() => isLow ? 0 : 1)
  }
}

export interface Battery extends Chip {
  celsius: number
  /** Supply voltage, in volts. */
  vdd: number
  /** Input voltage, in volts. */
  vad: number
  /** Value of its current register, in steps. */
  current: number
}

/** DS2438. */
export const battery = (
  name: string,
  senses: { readonly celsius: number; readonly vdd: number; readonly vad: number; readonly current: number }
): Battery => {
  const memory = Array.from({ length: 8 }, () => Array.from({ length: 8 }, () => 0))
  const scratch = structuredClone(memory)
  memory[0][0] = 0x0f
  const chip: Battery = {
    rom: rom(name),
    ...senses,
    *selected(): Slots {
      const command = yield* listen()
      const [page] = memory
      switch (command) {
        case 0x44: // convert temperature
          ;[page[1], page[2]] = twoBytes(Math.floor(chip.celsius * 32) << 3)
          return
        case 0xb4: // convert voltage
          ;[page[3], page[4]] = twoBytes(Math.round((page[0] & 8 ? chip.vdd : chip.vad) * 100))
          return
      }
      const number = (yield* listen()) & 7
      switch (command) {
        case 0xb8: // recall
          ;[memory[0][5], memory[0][6]] = twoBytes(chip.current)
          scratch[number] = [...memory[number]]
          return
        case 0xbe: // read scratchpad
          return yield* tell(...scratch[number], crc8(scratch[number]))
        case 0x4e: // write scratchpad
          for (let index = 0; index < 8; index++) scratch[number][index] = yield* listen()
          return
        case 0x48: // copy scratchpad: its measured values cannot be written
          memory[number] = number === 0 ? [scratch[0][0] & 0xf, ...memory[0].slice(1)] : [...scratch[number]]
      }
    }
  }
  return chip
}

export interface Counter extends Chip {
  /** Counts of its four counters, for pages 12 to 15. */
  readonly counts: Array<number>
}

/** DS2423 with a blank memory. */
export const counter = (name: string, counts: ReadonlyArray<number>): Counter => {
  const chip: Counter = {
    rom: rom(name),
    counts: [...counts],
    *selected(): Slots {
      if ((yield* listen()) !== 0xa5) return
      const [low, high] = [yield* listen(), yield* listen()]
      let sent = [0xa5, low, high]
      for (let address = low | high << 8; address < 0x200; address = (address | 0x1f) + 1) {
        const count = chip.counts[(address >> 5) - 12] ?? 0xffffffff
        const rest = [
          ...Array.from({ length: 0x20 - (address & 0x1f) }, () => 0xff),
          ...twoBytes(count),
          ...twoBytes(count >>> 16),
          0,
          0,
          0,
          0
        ]
        yield* tell(...rest, ...crc16([...sent, ...rest]))
        sent = []
      }
    }
  }
  return chip
}

/** DS2431, DS2433 and other memories. They are read-only here. */
export const memory = (name: string, content: Uint8Array): Chip => ({
  rom: rom(name),
  *selected(): Slots {
    if ((yield* listen()) !== 0xf0) return
    const address = (yield* listen()) | (yield* listen()) << 8
    yield* tell(...content.subarray(address))
  }
})

/** A chip with nothing but a ROM id. */
export const identity = (name: string): Chip => ({ rom: rom(name), selected: idle })
