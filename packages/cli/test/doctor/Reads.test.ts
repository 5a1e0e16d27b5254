/**
 * Reads that a server had to repeat, and checksums that were wrong.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Reads from "../../src/doctor/Reads.ts"

const read = (tries: number, second = 0) => ({ calls: tries, "tries.0": tries, "tries.1": second, "tries.2": 0 })
const crc = (tries: number, errors: number) => ({
  CRC8_tries: tries,
  CRC8_errors: errors,
  CRC16_tries: 0,
  CRC16_errors: 0
})

describe("counted reads", () => {
  it("are well with few faults among many", () => {
    assert.strictEqual(Reads.judge(read(1000), crc(1000, 0)).status, "ok")
    assert.strictEqual(Reads.judge(read(100_000, 20), crc(100_000, 20)).status, "ok")
    assert.strictEqual(Reads.judge(read(20, 8), crc(20, 8)).status, "ok")
    assert.strictEqual(Reads.judge({}, {}).status, "ok")
  })

  it("are not with many repeats, and not with many wrong checksums that cost no repeats", () => {
    const repeats = Reads.judge(read(1000, 100), crc(1000, 0))
    assert.strictEqual(repeats.status, "warn")
    assert.match(repeats.message, /^100 of 1000 reads had to be repeated/)
    const wrong = Reads.judge(read(1000), crc(1000, 100))
    assert.strictEqual(wrong.status, "warn")
    assert.match(wrong.message, /; 100 of 1000 checksums were wrong$/)
    assert.match(wrong.advice ?? "", /loose contacts/)
    const long = { CRC8_tries: 0, CRC8_errors: 0, CRC16_tries: 1000, CRC16_errors: 100 }
    assert.strictEqual(Reads.judge(read(1000), long).status, "warn")
  })
})
