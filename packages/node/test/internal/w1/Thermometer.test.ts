import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Chip, chip, outcome } from "../../fixtures/DriverFiles.ts"
import { healthy } from "../../fixtures/healthyChips.ts"

const files = healthy["28"]

const reads = Effect.fnUntraced(function*(chip: Chip, expected: Readonly<Record<string, unknown>>) {
  for (const [path, value] of Object.entries(expected)) {
    const found = yield* outcome(chip.read(path))
    assert.deepStrictEqual(typeof found === "number" ? found : found[0], value, path)
  }
})

describe("temperatures", () => {
  it.effect("are what the chip has counted, of which the driver cuts off what is below a thousandth", () =>
    Effect.gen(function*() {
      for (
        const [printed, counted] of [["21562", 21.5625], ["-10125", -10.125], ["62", 0.0625], ["-62", -0.0625], [
          "0",
          0
        ]] as const
      ) yield* reads(chip("28", { ...files, temperature: `${printed}\n` }), { temperature: counted })
      yield* reads(chip("10", healthy["10"]), { temperature: -3.3125 })
      yield* reads(chip("42", healthy["42"]), { temperature: 18.75 })
    }))

  it.effect("stay what they are between the counts", () =>
    reads(chip("28", { ...files, temperature: "21600\n" }), { temperature: 21.6 }))

  it.effect("are those from before if they are to be the latest", () =>
    reads(chip("28", files, { latest: 4.062 }), { latesttemp: 4.0625 }))

  it.effect("are cut to a coarser resolution towards minus infinity", () =>
    Effect.gen(function*() {
      yield* reads(chip("28", { ...files, temperature: "21937\n" }), {
        temperature12: 21.9375,
        temperature11: 21.875,
        temperature10: 21.75,
        temperature9: 21.5,
        fasttemp: 21.5
      })
      yield* reads(chip("28", { ...files, temperature: "-10062\n" }), { temperature10: -10.25, temperature9: -10.5 })
    }))

  it.effect("are measured in a finer resolution for once, if that may be set", () =>
    Effect.gen(function*() {
      const coarse = { ...files, resolution: "9\n" }
      const writable = chip("28", coarse)
      yield* reads(writable, { temperature9: 21.5 })
      assert.deepStrictEqual(writable.written, [])
      yield* reads(writable, { temperature12: 21.5625, tempres: 9 })
      assert.deepStrictEqual(writable.written, [`resolution "12\\n"`, `resolution "9\\n"`])
      yield* reads(chip("28", coarse, { isWritable: false }), { temperature12: -95, temperature9: 21.5 })
    }))

  it.effect("leave the resolution as it was, also if they fail", () =>
    Effect.gen(function*() {
      const failing = chip("28", { ...files, resolution: "10\n", temperature: "" })
      yield* reads(failing, { temperature12: -5, tempres: 10 })
    }))

  it.effect("fail in a resolution that the chip does not take", () =>
    reads(chip("28", { ...files, resolution: "9\n" }, { onWrite: { resolution: () => {} } }), { temperature11: -95 }))
})

describe("a chip that does not answer", () => {
  const silent = { alarms: "0 0\n", temperature: "", w1_slave: "" }
  const properties = [
    "power",
    "temphigh",
    "templow",
    "tempres",
    "temperature",
    "temperature9",
    "temperature12",
    "scratchpad"
  ]
  const all = (code: number) => Object.fromEntries(properties.map((name) => [name, code]))

  it.effect("has no value, whatever its driver calls a success", () =>
    Effect.gen(function*() {
      // As they were recorded: without any chip, with others on the wire, and with chips whose limits are known to be 0.
      const alone = { ...files, ...silent, ext_power: "-19\n", resolution: "-19\n" }
      yield* reads(chip("28", alone), { ...all(-1), temperature: -5, scratchpad: -5 })
      const among = { ...files, ...silent, ext_power: "1\n", resolution: "-5\n" }
      yield* reads(chip("28", among), all(-5))
      yield* reads(chip("10", { ...healthy["10"], ...silent, ext_power: "1\n" }), {
        power: -5,
        temphigh: -5,
        templow: -5,
        temperature: -5
      })
    }))

  it.effect("is not at 0 °C while the wire is held low", () =>
    Effect.gen(function*() {
      const low = {
        alarms: "0 0\n",
        ext_power: "0\n",
        temperature: "0\n",
        w1_slave: "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n"
      }
      yield* reads(chip("28", { ...files, ...low, resolution: "9\n" }), all(-5))
      yield* reads(chip("10", { ...healthy["10"], ...low }), {
        power: -5,
        temphigh: -5,
        temperature: -5,
        scratchpad: -5
      })
      yield* reads(chip("3B", { ...healthy["3B"], ...low, resolution: "9\n" }), { temperature: -5, prog_addr: -5 })
    }))

  it.effect("is not one that is at 0 °C, with limits of 0", () =>
    Effect.gen(function*() {
      const zero = { alarms: "0 0\n", temperature: "0\n", w1_slave: "00 00 00 00 1f ff 10 10 2b : crc=2b YES\n" }
      for (const resolution of ["9\n", "12\n"]) {
        yield* reads(chip("28", { ...files, ...zero, resolution }), {
          temperature: 0,
          temphigh: 0,
          templow: 0,
          power: 1
        })
      }
      yield* reads(chip("10", { ...healthy["10"], ...zero }), { temperature: 0, temphigh: 0 })
    }))
})

describe("the scratchpad", () => {
  it.effect("is that of the first line", () =>
    reads(chip("28", files), { scratchpad: Uint8Array.of(0x59, 1, 0x4b, 0x46, 0x7f, 0xff, 7, 0x10, 0xa2) }))

  it.effect("fails if its CRC is wrong: the second line is older", () =>
    Effect.gen(function*() {
      const wrong = String(files["w1_slave"]).replace(": crc=a2 YES", ": crc=a3 NO")
      yield* reads(chip("28", { ...files, w1_slave: wrong }), { scratchpad: -5 })
      yield* reads(chip("28", { ...files, w1_slave: "59 01 4b : crc=a2 YES\n" }), { scratchpad: -5 })
    }))
})

describe("the limits of the alarm", () => {
  it.effect("are the lower one, and then the higher one", () => reads(chip("28", files), { templow: 70, temphigh: 75 }))

  it.effect("are set one by one, and saved", () =>
    Effect.gen(function*() {
      const one = chip("28", files)
      yield* one.write("templow", -5)
      yield* one.write("temphigh", 30.000000000004)
      assert.deepStrictEqual(one.written, [
        `alarms "-5 75\\n"`,
        `eeprom_cmd "save\\n"`,
        `alarms "-5 30\\n"`,
        `eeprom_cmd "save\\n"`
      ])
      yield* reads(one, { templow: -5, temphigh: 30 })
    }))

  it.effect("are not set where the driver would set something else", () =>
    Effect.gen(function*() {
      const one = chip("28", files)
      for (const [limit, code] of [[126, -34], [-56, -34], [Number.NaN, -22], [Infinity, -22], [69, -22]] as const) {
        assert.strictEqual(yield* outcome(one.write("temphigh", limit)), code)
      }
      // The other one would be moved to where the driver allows it.
      assert.strictEqual(yield* outcome(chip("28", { ...files, alarms: "-100 75\n" }).write("temphigh", 80)), -22)
      assert.deepStrictEqual(one.written, [])
    }))

  it.effect("fail to be set if the chip then has others", () =>
    Effect.gen(function*() {
      const deaf = chip("28", files, { onWrite: { alarms: () => {} } })
      assert.strictEqual(yield* outcome(deaf.write("temphigh", 80)), -5)
      assert.deepStrictEqual(deaf.written, [`alarms "70 80\\n"`])
    }))
})

describe("the resolution", () => {
  it.effect("is set, and saved", () =>
    Effect.gen(function*() {
      const one = chip("28", files)
      yield* one.write("tempres", 10)
      assert.deepStrictEqual(one.written, [`resolution "10\\n"`, `eeprom_cmd "save\\n"`])
      yield* reads(one, { tempres: 10 })
      for (const bits of [8, 13, 10.5]) assert.strictEqual(yield* outcome(one.write("tempres", bits)), -34)
    }))

  it.effect("is refused by a chip that keeps its own", () =>
    Effect.gen(function*() {
      const clone = chip("28", files, { onWrite: { resolution: () => {} } })
      assert.strictEqual(yield* outcome(clone.write("tempres", 9)), -22)
    }))
})

describe("the chips of family 3B", () => {
  it.effect("tell their own temperature and their pins", () =>
    reads(chip("3B", { ...healthy["3B"], w1_slave: "91 01 4b 46 75 ff 0c 10 00 : crc=00 YES\n" }), {
      temperature: 25.0625,
      temperature9: 25,
      prog_addr: 5,
      thermocouple: -95,
      fault: -95
    }))

  it.effect("tell the temperature at both ends of a thermocouple apart", () =>
    Effect.gen(function*() {
      // 100.75 °C at the thermocouple, 23.5625 °C at the chip.
      yield* reads(chip("3B", { ...healthy["3B"], w1_slave: "4c 06 90 17 f3 ff ff ff 00 : crc=00 YES\n" }), {
        temperature: 23.5625,
        temperature9: 23.5625,
        thermocouple: 100.75,
        fault: 0,
        open_circuit: 0,
        prog_addr: 3
      })
      // -0.25 °C, and all that can be wrong, at -1.0625 °C.
      yield* reads(chip("3B", { ...healthy["3B"], w1_slave: "fd ff f7 fe f0 ff ff ff 00 : crc=00 YES\n" }), {
        temperature: -1.0625,
        thermocouple: -0.25,
        fault: 1,
        open_circuit: 1,
        ground_short: 1,
        vdd_short: 1
      })
    }))
})
