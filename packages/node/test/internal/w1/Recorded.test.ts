/**
 * Values made from files as they were recorded from the kernel's own drivers.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import * as Drivers from "../../../src/internal/w1/Drivers.ts"
import { type Chip, chip, type Content, outcome } from "../../fixtures/DriverFiles.ts"

interface Part {
  readonly title: string
  /** Files by the names of their devices. */
  readonly devices: ReadonlyMap<string, Record<string, Content>>
}

const codes: Readonly<Record<string, number>> = { ENODEV: -1, EACCES: -13 }

const bytesOf = (lines: ReadonlyArray<string>): Content => {
  const bytes: Array<number> = []
  for (const line of lines) {
    const failure = /^error (\w+)$/.exec(line)?.[1]
    if (failure !== undefined) return codes[failure] ?? -5
    const at = Number.parseInt(line.slice(0, 8), 16)
    // A star stands for lines like the one before.
    while (bytes.length < at) bytes.push(...bytes.slice(-16))
    bytes.push(
      ...(line.slice(8, 60).match(/\b[\da-f]{2}\b/g) ?? []).map((byte) => Number.parseInt(byte, 16))
    )
  }
  return Uint8Array.from(bytes)
}

const parts: ReadonlyArray<Part> = readFileSync(new URL("../../w1/recorded.txt", import.meta.url), "utf8")
  .split(/^@@/m)
  .filter((part) => part.startsWith("reads "))
  .map((part) => {
    const [first = "", ...files] = part.split(/^-- /m)
    const devices = new Map<string, Record<string, Content>>()
    for (const file of files) {
      const [path = "", ...lines] = file.trimEnd().split("\n")
      const [, device, name] = /^([\da-f]{2}-[\da-f]{12})\/([^/]+)$/.exec(path) ?? []
      if (device === undefined || name === undefined) continue
      const contents = devices.get(device) ?? {}
      devices.set(device, { ...contents, [name]: bytesOf(lines.filter((line) => line !== "*")) })
    }
    return { title: first.trim().slice("reads ".length), devices }
  })

const chips = (title: string): ReadonlyArray<readonly [name: string, chip: Chip]> =>
  parts.filter((part) => part.title === title).flatMap(({ devices }) =>
    [...devices].flatMap(([name, files]) => {
      const code = name.slice(0, 2).toUpperCase()
      return Drivers.of(code) === undefined ? [] : [[name, chip(code, files)] as const]
    })
  )

const values = Effect.fnUntraced(function*(chip: Chip) {
  const found: Record<string, unknown> = {}
  for (const name of chip.has) {
    const isArray = /^(?:PIO|sensed|latch|counter|pages\/page)$/.test(name)
    const values = yield* outcome(chip.read(isArray ? `${name}.ALL` : name))
    found[name] = typeof values === "number" || isArray ? values : values[0]
  }
  return found
})

/** Values of numbers, `property value` by line, for each device of some parts. */
const shown = Effect.fnUntraced(function*(...titles: ReadonlyArray<string>) {
  const found = new Map<string, string>()
  for (const [name, chip] of titles.flatMap(chips)) {
    const all = Object.entries(yield* values(chip)).filter(([property, value]) =>
      property !== "latesttemp" && !(value instanceof Uint8Array) && !property.startsWith("pages/")
    )
    if (all.length > 0) found.set(name, all.map(([property, value]) => `${property} ${value}`).join("; "))
  }
  return Object.fromEntries(found)
})

/** Memories whose drivers check nothing, and the level of a DS28E04's pins. */
const unchecked = /^(?:23|2d|1c)-/

const silent = [...new Set(parts.map(({ title }) => title))].filter((title) =>
  /gone|held low|no chip answers|does not answer/.test(title)
)

describe("recorded", () => {
  it.effect("values of chips in good health are all there", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* shown("thermometers alone", "with other families", "with parasite power"), {
        "10-000000000001": "power 1; temperature -3.3125; temphigh 75; templow 70",
        "22-000000000002":
          "fasttemp 0; power 1; temperature 0.0625; temperature10 0; temperature11 0; temperature12 0.0625; "
          + "temperature9 0; temphigh 75; templow 70; tempres 12",
        "28-0000000a1b2c": "fasttemp 21.5; power 1; temperature 21.5625; temperature10 21.5; temperature11 21.5; "
          + "temperature12 21.5625; temperature9 21.5; temphigh 75; templow 70; tempres 12",
        "3b-000000000003": "fasttemp 125; fault -95; ground_short -95; open_circuit -95; power 1; prog_addr 15; "
          + "temperature 125; temperature10 125; temperature11 125; temperature12 125; temperature9 125; tempres 12; "
          + "thermocouple -95; vdd_short -95",
        "42-000000000004": "fasttemp 18.5; power 1; temperature 18.75; temperature10 18.75; temperature11 18.75; "
          + "temperature12 18.75; temperature9 18.5; temphigh 75; templow 70; tempres 12",
        "05-000000000008": "PIO 0; sensed 1",
        "12-000000000007": "PIO 0,0",
        "1d-00000000000a": "counter 4294967295,42",
        "26-000000000009": "CA 1; EE 1; HIH3600/humidity 74.0711217533576; HIH4000/humidity 73.96895468887021; "
          + "HIH5030/humidity 73.43616188117049; HTM1735/humidity 79.4504; IAD 1; S3-R1-A/current -7.51076923076923; "
          + "VAD 3.12; VDD 5.02; date 0; humidity 74.0711217533576; offset 0; temperature 22.34375; udate 0; vis -0.0029292",
        "29-000000000005":
          "PIO 0,0,0,0,0,0,0,0; latch 0,0,0,0,0,0,0,0; por 1; power 1; sensed 1,1,0,0,1,1,1,1; strobe 0",
        "3a-000000000006": "PIO 0,0; sensed 0,1",
        "28-00000000beef": "fasttemp -10.5; power 0; temperature -10.125; temperature10 -10.25; temperature11 -10.125; "
          + "temperature12 -10.125; temperature9 -10.5; temphigh 75; templow 70; tempres 12"
      })
    }))

  it("failures are of several kinds", () => assert.isAtLeast(silent.length, 3))

  it.effect.each(silent)("files are taken for no value: %s", (title) =>
    Effect.gen(function*() {
      for (const [name, chip] of chips(title)) {
        if (unchecked.test(name)) continue
        for (const [property, value] of Object.entries(yield* values(chip))) {
          assert.include([-1, -5], value, `${name}/${property}`)
        }
      }
    }))
})
