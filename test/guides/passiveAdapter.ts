/**
 * A DS9097, the passive adapter of serial ports, with chips: each byte that comes on standard input is a time slot or a reset, and comes
 * back as the wire has made it. `socat` makes a serial port of it.
 */
import { counter, thermometer } from "../w1-vm/imitations.ts"
import { Line } from "../w1-vm/line.ts"

const reset = 0xf0
const presence = 0xe0

const line = new Line()
line.attach(
  thermometer("10-00000a1b2c3e", -3.5),
  thermometer("28-00000a1b2c3d", 21.5625),
  counter("1d-00000a1b2c44", [0, 0, 104_729, 3])
)

process.stdin.on("data", (bytes: Uint8Array) => {
  process.stdout.write(bytes.map((byte) => {
    if (byte === reset) {
      line.reset()
      return presence
    }
    // A low bit at its beginning is the slot of the master, and the others are what the chip has left of it.
    const isHigh = line.slot(byte === 0xff ? 1 : 0) === 1
    return isHigh ? 0xff : byte === 0xff ? 0xfe : byte
  }))
})
