/**
 * Tables, line by line.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Table from "../../src/terminal/Table.ts"
import * as Text from "../../src/terminal/Text.ts"

describe("a table", () => {
  it("has its columns below each other, and no blanks at the ends of lines", () => {
    assert.deepStrictEqual(
      Table.lines(["ID", "ALIAS", "VALUE"], [["28.1", "kitchen", "21.5 °C"], ["10.22", "", "-3.0 °C"]], Infinity),
      [
        "ID     ALIAS    VALUE",
        "28.1   kitchen  21.5 °C",
        "10.22  -        -3.0 °C"
      ]
    )
  })

  it("goes by the columns of a terminal, and not by letters", () => {
    assert.deepStrictEqual(
      Table.lines(["A", "B"], [["湿度", "x"], ["e\u0301", "x"], ["ü", "x"], ["🌡️", "x"]], Infinity),
      ["A     B", "湿度  x", "e\u0301     x", "ü     x", "🌡️    x"]
    )
  })

  it("has cells of several texts", () => {
    const cell = [{ text: "1.2 V" }, { text: "  " }, { text: "bus fault", color: "red" }] as const
    assert.deepStrictEqual(Table.lines(["A", "B"], [[cell, "x"]], Infinity), [
      "A                 B",
      "1.2 V  bus fault  x"
    ])
  })

  it("shows that something was cut off", () => {
    const rows = [["28.1", "kitchen"], ["28.2", "湿度計"], ["28.3", "hall"]]
    assert.deepStrictEqual(Table.lines(["ID", "ALIAS"], rows, 10), [
      "ID    ALI…",
      "28.1  kit…",
      "28.2  湿…",
      "28.3  hall"
    ])
  })

  const devices = ["ID", { title: "ALIAS", least: 4 }, { title: "CHIP", least: 4 }, "VALUES"]

  it("cuts long names, and no value", () => {
    const rows = [["28.1", "the kitchen on the first floor", "DS18B20", "21.5 °C"], [
      "28.2",
      "湿度計湿度計",
      "DS18B20",
      "-3.0 °C"
    ]]
    assert.deepStrictEqual(Table.lines(devices, rows, 38), [
      "ID    ALIAS           CHIP     VALUES",
      "28.1  the kitchen o…  DS18B20  21.5 °C",
      "28.2  湿度計湿度計    DS18B20  -3.0 °C"
    ])
  })

  it("leaves columns out where values have no room otherwise", () => {
    const rows = [["28.1", "kitchen", "DS18B20", "21.5 °C"]]
    assert.deepStrictEqual(Table.lines(devices, rows, 19), ["ID    ALI…  VALUES", "28.1  kit…  21.5 °C"])
    assert.deepStrictEqual(Table.lines(devices, rows, 13), ["ID    VALUES", "28.1  21.5 °C"])
    assert.deepStrictEqual(Table.lines(devices, rows, 11), ["ID    VALU…", "28.1  21.5…"])
  })

  it("goes on below with several values", () => {
    const values = [{ text: "21.5 °C" }, { text: "  " }, { text: "45.2 %RH" }, { text: "  " }, { text: "4.98 V" }]
    assert.deepStrictEqual(Table.lines(devices, [["26.1", "bath", "DS2438", values], ["28.1", "", "", "1.0 °C"]], 34), [
      "ID    ALIAS  CHIP    VALUES",
      "26.1  bath   DS2438  21.5 °C",
      "                     45.2 %RH",
      "                     4.98 V",
      "28.1  -      -       1.0 °C"
    ])
  })

  it("gives a terminal nothing that it would obey", () => {
    assert.deepStrictEqual(Table.lines(["A"], [["\u001B[31mred\r\n"], ["\u202Edrow"]], Infinity), [
      "A",
      "\uFFFD[31mred\uFFFD\uFFFD",
      "\uFFFDdrow"
    ])
  })

  const Texts = Schema.Array(Schema.Tuple([Schema.String, Schema.String, Schema.Trimmed]))

  it.prop("is never wider than it may be, and the same where there is room", { rows: Texts }, ({ rows }) => {
    const titles = ["ONE", "TWO", "THREE"]
    const whole = Table.lines(titles, rows, Infinity)
    const cut = Table.lines(titles, rows, 20)
    for (const [at, line] of cut.entries()) {
      assert.isAtMost(Text.columnsOf(line), 20)
      if (Text.columnsOf(whole[at]) <= 20) assert.strictEqual(line, whole[at])
      else assert.isTrue(line.endsWith("…"), line)
    }
  }, { arbitrary: { runs: 200, seed: "a table" } })
})
