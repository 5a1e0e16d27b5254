import { RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as KernelName from "../../../src/internal/w1/KernelName.ts"

describe("KernelName", () => {
  it("knows the folders of bus masters", () => {
    assert.strictEqual(KernelName.masterNumber("w1_bus_master12"), 12)
    for (
      const name of [
        "w1_bus_master",
        "w1_bus_master1x",
        "w1_bus_master-1",
        "28-0001d7280000",
        "w1_bus_master1\n",
        "",
        "w1_bus_master99999999999999999999"
      ]
    ) assert.isUndefined(KernelName.masterNumber(name), JSON.stringify(name))
  })

  it.effect.prop(
    "reverses the bytes of ROM ids, both ways",
    [Schema.Uint8Array],
    ([bytes]) =>
      Effect.sync(() => {
        const serial = new Uint8Array(7)
        serial.set(bytes.subarray(0, 7))
        serial[0] ||= 0x28
        const hex = Buffer.from(serial).toString("hex")
        const id = RomId.fromStringUnsafe(hex)
        assert.deepStrictEqual(KernelName.devices(`${KernelName.ofDevice(id)}\n`), [id])
      }),
    { arbitrary: { seed: 1 } }
  )

  it("writes a ROM id as the kernel does", () => {
    assert.strictEqual(KernelName.ofDevice(RomId.fromStringUnsafe("28.2C1B0A000000")), "28-0000000a1b2c")
  })

  it("reads the list of a bus master, and leaves out what no device can be", () => {
    const text = [
      "28-0000000a1b2c",
      "00-000000000000", // the pull-up is missing
      "00-800000000000",
      "28-0000000a1b2c", // twice
      "10-00000000000G",
      "2C1B0A0000000028",
      "28.2C1B0A000000",
      "../../etc/passwd",
      "28-0000000a1b2c/../x",
      "\u0000\u0001\u00ff",
      "29-000000000001",
      "28-0000000a"
    ].join("\n")
    assert.deepStrictEqual(KernelName.devices(text).map((id) => RomId.format(id)), [
      "28.2C1B0A000000",
      "29.010000000000"
    ])
    assert.deepStrictEqual(KernelName.devices("not found.\n"), [])
    assert.deepStrictEqual(KernelName.devices(""), [])
  })
})
