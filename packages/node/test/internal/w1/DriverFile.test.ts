import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as DriverFile from "../../../src/internal/w1/DriverFile.ts"
import * as FakeW1 from "../../fixtures/FakeW1.ts"

const id = "28.000028D70100"

describe("DriverFile", () => {
  it.live("reads the beginning of a file by one read", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [id]: {} })
      assert.strictEqual(Buffer.from(yield* DriverFile.read(fake.path(id, "resolution"), 4096)).toString(), "12\n")
      assert.strictEqual((yield* DriverFile.read(fake.path(id, "id"), 3)).length, 3)
      // A whole one of this size would take a second, and all memory of a small computer.
      Fs.truncateSync(fake.path(id, "w1_slave"), 100_000_000)
      assert.strictEqual((yield* DriverFile.read(fake.path(id, "w1_slave"), 4096)).length, 4096)
    }))

  it.live("writes a whole text, or bytes from one on", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [id]: {}, "2D.000000000001": { eeprom: new Uint8Array(128) } })
      yield* DriverFile.write(fake.path(id, "resolution"), "9\n")
      assert.strictEqual(Buffer.from(fake.get(id, "resolution")).toString(), "9\n")
      yield* DriverFile.write(fake.path("2D.000000000001", "eeprom"), Uint8Array.of(1, 2), 3)
      const memory = fake.get("2D.000000000001", "eeprom")
      assert.deepStrictEqual([...memory.subarray(0, 6)], [0, 0, 0, 1, 2, 0])
      assert.strictEqual(memory.length, 128)
      assert.strictEqual(yield* Effect.flip(DriverFile.write(fake.path(id, "made"), "1")), -2)
    }))

  it.live("fails with the code of what is wrong", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [id]: { temperature: FakeW1.broken } })
      Fs.symlinkSync("loop", fake.path(id, "loop"))
      const failures = yield* Effect.forEach(
        ["none", "temperature", "loop", "name/x", "a\u0000b", "x".repeat(300)],
        (file) => Effect.flip(DriverFile.read(fake.path(id, file), 10))
      )
      assert.deepStrictEqual(failures, [-2, -5, -5, -2, -2, -5])
      assert.strictEqual(yield* Effect.flip(DriverFile.list(fake.path(id, "name"))), -2)
      assert.strictEqual(yield* Effect.flip(DriverFile.list("a\u0000b")), -2)
    }))

  it("knows the codes of a kernel's errors", () => {
    const codes = ["EIO", "ENODEV", "EACCES", "EPERM", "EROFS", "EBUSY", "EINVAL", "EMFILE", "EWHATEVER", undefined]
    assert.deepStrictEqual(codes.map((code) => DriverFile.codeOf({ code })), [
      -5,
      -1,
      -13,
      -13,
      -13,
      -16,
      -22,
      -12,
      -5,
      -5
    ])
  })
})
