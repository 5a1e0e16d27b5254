/**
 * Every property of every family: read, written, or refused, as its access allows; with its type and without.
 */
import { type Device, Family, type OwClient, Place, type Property, RomId, TypeRecord } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Option } from "effect"
import { readFileSync } from "node:fs"
import { deviceAt } from "../packages/core/src/device/internal/device.ts"
import * as owserver from "./fixtures/owserver.ts"
import { ranges } from "./fixtures/ranges.ts"
import { renderCatalogue } from "./fixtures/renderCatalogue.ts"
import { units } from "./fixtures/units.ts"

const structure: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(
  readFileSync(new URL("fixtures/structure.json", import.meta.url), "utf8")
).families

const catalogue: ReadonlyArray<Family.Family> = Object.values(Families)

const codes = catalogue.flatMap((family) => family.codes).toSorted()

const familyOf = (code: string): Family.Family =>
  catalogue.find((family) => Family.has(family, code)) ?? assert.fail(`no family ${code}`)

/** All properties of a family, by the names of the server's own records. */
const recordsOf = (code: string): ReadonlyArray<readonly [name: string, record: TypeRecord.TypeRecord]> =>
  Object.entries(structure[code] ?? {}).map(([name, text]) => [
    name,
    Option.getOrThrowWith(TypeRecord.fromString(text), () => text)
  ])

/** A device without the compiler's knowledge of it, because the properties here are tried by name. */
const at = (family: Family.Family, code: string, ow: OwClient.Client, id: RomId.RomId): Device.Device =>
  deviceAt<Family.Unknown>(
    family === Family.unknown ? Family.unknown : { ...family, "~properties": undefined },
    { id, ow, path: `/${RomId.format(id)}`, place: Place.server, name: code }
  )

const devicesOf = (ow: OwClient.Client) =>
  Effect.map(ow.dir("/", { slash: false }), (paths) =>
    new Map(paths.map((path) => {
      const id = Option.getOrThrow(RomId.fromString(path.slice(1)))
      return [RomId.familyCode(id), id]
    })))

/** The read value, without the client's own decoders. */
const expected = (
  name: string,
  { elements, index, kind }: TypeRecord.TypeRecord,
  raw: (name: string) => Effect.Effect<Uint8Array, unknown>
) =>
  Effect.gen(function*() {
    const text = (name: string) => Effect.map(raw(name), (bytes) => Buffer.from(bytes).toString("latin1"))
    const list = (text: string): ReadonlyArray<string> => index === TypeRecord.all ? text.split(",") : [text]
    const shaped = <A>(values: ReadonlyArray<A>) => index === TypeRecord.all ? values : values[0]
    switch (kind) {
      case "a":
      case "l":
        return shaped(list(yield* text(name)))
      case "b": {
        const bytes = Buffer.from(yield* raw(name))
        const each = bytes.length / elements
        return index === TypeRecord.all
          ? Array.from({ length: elements }, (_, at) => bytes.subarray(at * each, (at + 1) * each).toString("hex"))
          : bytes.toString("hex")
      }
      case "d": {
        // The simulated chip's other clock is not in step with this one.
        const seconds = name.replace(/(?:date|end)(\.[^/]*)?$/, "udate$1")
        return shaped(list(yield* text(seconds)).map((part) => new Date(Number(part) * 1000).toISOString()))
      }
      case "y":
        return index === TypeRecord.byte
          ? Number(yield* text(name))
          : shaped(list(yield* text(name)).map((part) => part === "1"))
      default:
        return shaped(list(yield* text(name)).map(Number))
    }
  })

const comparable = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString("hex")
    : value instanceof Date
    ? value.toISOString()
    : Array.isArray(value)
    ? value.map(comparable)
    : value

/** A value that the property accepts. */
const sample = ({ name, range, record: { elements, index, kind, length } }: Property.Element): Family.Value => {
  const one = (at: number): Family.Scalar => {
    switch (kind) {
      case "y":
        return at % 2 === 0
      case "a":
      case "l":
        return `name ${at}`.slice(0, length)
      case "b":
        return new Uint8Array(index === TypeRecord.all ? length / elements : Math.min(length, 4)).fill(at + 1)
      case "d":
        return new Date(1_700_000_000_000 + at * 1000)
      default:
        return range?.[0] ?? (kind === "f" || kind === "t" || kind === "g" || kind === "p" ? 1.5 : 3)
    }
  }
  if (index === TypeRecord.byte) return 1
  assert.isAbove(length, 0, name)
  return index === TypeRecord.all ? Array.from({ length: elements }, (_, at) => one(at)) : one(0)
}

interface Counts {
  read: number
  elements: number
  written: number
  verified: number
  refused: Map<string, number>
  /** Properties that the server refused, not the client. */
  failed: Array<string>
}

const count = (counts: Counts, why: string): void => {
  counts.refused.set(why, (counts.refused.get(why) ?? 0) + 1)
}

const shown = (what: string, { elements, failed, read, refused, verified, written }: Counts): string =>
  [
    `${what}: ${codes.length} family codes, ${
      codes.flatMap(recordsOf).length
    } properties; ${read} read (${elements} values),`,
    `${written} written, ${verified} of them read back;`,
    ...[...refused].map(([why, times]) => `${times} × ${why};`),
    ...(failed.length === 0 ? [] : [`the server refused ${failed.join(", ")}`])
  ].join(" ")

const counts = (): Counts => ({ read: 0, elements: 0, written: 0, verified: 0, refused: new Map(), failed: [] })

/** Reason why a call failed, in one or two words. */
const why = (failure: Device.Failure): string =>
  failure._tag === "ArgumentError"
    ? `${failure.argument} ${failure.problem.replace(/^is none.*/, "is unknown")}`
    : failure._tag === "OwnetError"
    ? `${failure.reason._tag} (${failure.code})`
    : `${failure._tag} ${failure.reason._tag}: ${failure._tag === "DeviceError" ? failure.problem : ""}`

describe("the catalogue", () => {
  it("has every record of the server, of each family, and no other", () => {
    assert.deepStrictEqual(codes, Object.keys(structure).filter((code) => code.length === 2).toSorted())
    let records = 0
    for (const code of codes) {
      const family = familyOf(code)
      for (const [name, text] of Object.entries(structure[code])) {
        const element = Option.getOrElse(Family.find(family, name), () => assert.fail(`${family.chip} has no ${name}`))
        assert.strictEqual(TypeRecord.format(element.record), text, `${family.chip} ${name}`)
        records++
      }
      const named = Object.keys(structure[code]).map((name) => name.replace(/\.[^./]*$/, ""))
      for (const { kind, name } of Family.properties(family)) {
        if (kind !== "D") assert.include(named, name, family.chip)
      }
    }
    assert.strictEqual(records, 2221)
  })

  it("is what its generator writes", () => {
    // The server's own records, without ranges and units, which the generator adds.
    const recorded = catalogue.flatMap(({ chip, codes, records }) => {
      const lines = records.trim().split("\n").map((line) =>
        line.split(" ").filter((part, index) => index < 5 || part === "=" || part === "-").join(" ")
      )
      return codes.map((code) => ({ code, chip: chip === `HobbyBoards_${code}` ? "" : chip, lines }))
    })
    const source = readFileSync(new URL("../packages/core/src/device/Families.ts", import.meta.url), "utf8")
    assert.strictEqual(renderCatalogue(recorded.toSorted((one, other) => one.code < other.code ? -1 : 1)), source)
  })

  it("has every range and every unit that was found out", () => {
    const known = (table: Readonly<Record<string, object>>) =>
      Object.entries(table).flatMap(([code, properties]) =>
        Object.entries(properties).map(([name, value]) => {
          const property = Family.properties(familyOf(code)).find((property) => property.name === name)
          return { where: `${code} ${name}`, property: property ?? assert.fail(`${code} has no ${name}`), value }
        })
      )
    for (const { property, value, where } of known(ranges)) assert.deepStrictEqual(property.range, value, where)
    for (const { property, value, where } of known(units)) assert.strictEqual(property.unit, value, where)
  })
})

for (const backend of owserver.backends) {
  backend.describe(`every property, at ${backend.name}`, () => {
    it.live("is read or refused as its access says, typed and untyped alike", () =>
      Effect.gen(function*() {
        const { ow } = yield* owserver.serveBy(backend)([`--tester=${codes.join(",")}`])
        const ids = yield* devicesOf(ow)
        const tally = counts()
        for (const code of codes) {
          const id = ids.get(code) ?? assert.fail(`no device of family ${code}`)
          const typed = at(familyOf(code), code, ow, id)
          const untyped = at(Family.unknown, code, ow, id)
          for (const [name, record] of recordsOf(code)) {
            const where = `${code} ${name}`
            const results = yield* Effect.all([Effect.result(typed.read(name)), Effect.result(untyped.read(name))])
            const [one, other] = results
            if (one._tag === "Failure") {
              assert.strictEqual(other._tag, "Failure", where)
              if (other._tag === "Failure") assert.strictEqual(why(one.failure), why(other.failure), where)
              if (!TypeRecord.isReadable(record)) {
                assert.strictEqual(why(one.failure), "property cannot be read", where)
              }
              count(tally, why(one.failure))
              if (one.failure._tag !== "ArgumentError") tally.failed.push(where)
              continue
            }
            assert.isTrue(TypeRecord.isReadable(record), where)
            const value = comparable(one.success)
            assert.deepStrictEqual(value, other._tag === "Success" ? comparable(other.success) : other, where)
            const raw = (name: string) => ow.read(`${typed.path}/${name}`)
            assert.deepStrictEqual(value, yield* expected(name, record, raw), where)
            tally.read++
            tally.elements += Array.isArray(value) ? value.length : 1
          }
        }
        yield* Console.log(shown(backend.name, tally))
        assert.deepStrictEqual([...tally.refused.keys()].toSorted(), ["BusFault (-22)", "property cannot be read"])
        // The first six depend on the version that a chip reports, and a driver asks its device for the last.
        const unknown = tally.failed.filter((name) =>
          !/^21 (?:about\/(?:resolution|temphigh|templow)|histogram\/(?:gap|temperature\.(?:0|ALL)))$/.test(name) &&
          name !== "ED rgbw_channels"
        )
        assert.deepStrictEqual(unknown, [])
        assert.isAbove(tally.read, 2000)
      }), 60_000)

    it.live("is read of devices that answer at random", () =>
      Effect.gen(function*() {
        const { ow } = yield* owserver.serveBy(backend)([`--fake=${codes.join(",")}`])
        const ids = yield* devicesOf(ow)
        let read = 0
        for (const code of codes) {
          const id = ids.get(code) ?? assert.fail(`no device of family ${code}`)
          const device = at(familyOf(code), code, ow, id)
          for (const [name, record] of recordsOf(code)) {
            if (!TypeRecord.isReadable(record)) continue
            const result = yield* Effect.result(device.reading(name))
            if (result._tag === "Success") read++
            else assert.strictEqual(result.failure._tag, "OwnetError", `${code} ${name}: ${result.failure.message}`)
          }
        }
        assert.isAbove(read, 2000)
      }), 60_000)

    it.live(
      "is written or refused as its access says, and read back where the server keeps it",
      () =>
        Effect.gen(function*() {
          const { ow } = yield* owserver.serveBy(backend)([`--mock=${codes.join(",")}`])
          const ids = yield* devicesOf(ow)
          const tally = counts()
          for (const code of codes) {
            const id = ids.get(code) ?? assert.fail(`no device of family ${code}`)
            const device = at(familyOf(code), code, ow, id)
            for (const [name, record] of recordsOf(code)) {
              const where = `${code} ${name}`
              const value = sample(yield* device.describe(name))
              const result = yield* Effect.result(device.write(name, value))
              if (result._tag === "Failure") {
                if (!TypeRecord.isWritable(record)) {
                  assert.strictEqual(why(result.failure), "property cannot be written", where)
                }
                count(tally, why(result.failure))
                continue
              }
              assert.isTrue(TypeRecord.isWritable(record), where)
              tally.written++
              // A mock does not keep bit fields and texts of whole arrays, and treats aliases differently.
              const isKept = record.kind !== "l" && record.elements === 1 && TypeRecord.isReadable(record)
              if (!isKept) continue
              const range = value instanceof Uint8Array ? { size: value.length } : {}
              assert.deepStrictEqual(comparable(yield* device.read(name, range)), comparable(value), where)
              tally.verified++
            }
          }
          yield* Console.log(shown(backend.name, tally))
          assert.deepStrictEqual([...tally.refused.keys()], ["property cannot be written"])
          assert.isAbove(tally.written, 900)
          assert.isAbove(tally.verified, 300)
        }),
      60_000
    )
  })
}
