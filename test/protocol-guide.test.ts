/**
 * Checks that the reference of the protocol matches the library, and shows the behavior of servers.
 */
import { ControlFlags, FrameDecoder, Header, MessageType, Request, ReturnCode } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { backends } from "./fixtures/owserver.ts"
import { bytesOf, connect, hexOf } from "./fixtures/wire.ts"

const page = readFileSync(new URL("../docs/protocol.md", import.meta.url), "utf8")

/** The rows of the first table below a heading, without the code marks of cells. */
const tableOf = (heading: string): ReadonlyArray<ReadonlyArray<string>> => {
  const table = page.split(`\n## ${heading}\n`)[1]?.match(/(?:^\|.*\n)+/m)?.[0] ?? ""
  return table.trim().split("\n").slice(2).map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()))
}

const plain = (cell: string): string => cell.replaceAll("`", "")

/** The flags other than booleans. */
const valuesOf: Record<string, ReadonlyArray<string>> = {
  temperatureScale: ControlFlags.TemperatureScale.literals,
  pressureScale: ControlFlags.PressureScale.literals,
  deviceFormat: ControlFlags.DeviceFormat.literals
}

interface Line {
  readonly direction: string
  readonly hex: string
  readonly note: string
}

/** The dumps of the page, line by line. */
const dumps: ReadonlyArray<ReadonlyArray<Line>> = Array.from(
  page.matchAll(/^```text\n(> .*?)^```$/gms),
  ([, dump = ""]) =>
    dump.trimEnd().split("\n").map((line) => {
      const [, direction = "", hex = "", note = ""] =
        /^([<>]) ((?:[0-9a-f]{2,8} )*[0-9a-f]{2,8}) +(\S.*)$/.exec(line) ??
          assert.fail(`no line of a dump: ${line}`)
      return { direction, hex: hex.replaceAll(" ", ""), note }
    })
)

const sentIn = (dump: ReadonlyArray<Line>, direction: string): Uint8Array =>
  bytesOf(dump.filter((line) => line.direction === direction).map(({ hex }) => hex).join(""))

const rest = ({ flags, offset, payload, size }: Header.RequestHeader | Header.ReplyHeader): string =>
  `${payload} bytes follow, flags 0x${flags.toString(16)}, size ${size}, offset ${offset}`

const dataLines = (direction: string, data: Uint8Array): ReadonlyArray<Line> =>
  Array.from({ length: Math.ceil(data.length / 24) }, (_, i) => {
    const bytes = data.subarray(24 * i, 24 * (i + 1))
    return { direction, hex: hexOf(bytes), note: String.fromCharCode(...bytes).replaceAll(/[^ -~]/g, "·") }
  })

/** A dump, as the library's own codecs write it. */
const decoded = (request: Uint8Array, reply: Uint8Array): ReadonlyArray<Line> => {
  const header = Header.decodeRequest(request)
  const note = `${MessageType.name(header.type)}, ${rest(header)}`
  const lines: Array<Line> = [
    { direction: ">", hex: hexOf(request.subarray(0, Header.byteLength)), note },
    ...dataLines(">", request.subarray(Header.byteLength))
  ]
  assert.strictEqual(request.length, Header.byteLength + header.payload)
  const received = (header: Header.ReplyHeader, note: string, data: Uint8Array): void => {
    const bytes = new Uint8Array(Header.byteLength)
    Header.encodeReply(header, bytes)
    lines.push({ direction: "<", hex: hexOf(bytes), note }, ...dataLines("<", data))
  }
  const decoder = FrameDecoder.make({
    onFrame: (frame) => received(frame, `ret ${frame.ret}, ${rest(frame)}`, frame.data),
    onKeepalive: () =>
      received({ version: 0, payload: -1, ret: 0, flags: 0, size: 0, offset: 0 }, "keepalive", new Uint8Array())
  })
  assert.isUndefined(decoder.push(reply))
  assert.isUndefined(decoder.end())
  return lines
}

describe("the dumps of the protocol's guide", () => {
  it("are all that it shows", () => {
    assert.lengthOf(dumps, page.split("\n```text\n").length - 1)
    assert.isNotEmpty(dumps)
  })

  for (const dump of dumps) {
    const [{ note: name }] = dump as [Line]
    it(`decode as they are explained: ${name}`, () => {
      assert.deepStrictEqual(dump, decoded(sentIn(dump, ">"), sentIn(dump, "<")))
    })
  }

  for (const backend of backends) {
    backend.describe(`of ${backend.name}`, () => {
      it.live("are what it answers", () =>
        Effect.gen(function*() {
          for (const dump of dumps) {
            const args = [
              "--tester=10,28,29",
              ...(dump.some(({ note }) => note === "keepalive") ? ["--pingcrazy"] : [])
            ]
            const { port } = yield* backend.start(args)
            const frames = yield* (yield* connect(port)).ask(sentIn(dump, ">"))
            assert.strictEqual(frames.map(hexOf).join(""), hexOf(sentIn(dump, "<")), dump[0]?.note)
          }
        }).pipe(Effect.scoped))
    })
  }
})

describe("the tables of the protocol's guide", () => {
  it("have the fields of both headers, in their order", () => {
    const rows = tableOf("Headers")
    assert.deepStrictEqual(rows.map(([bytes]) => bytes), ["0–3", "4–7", "8–11", "12–15", "16–19", "20–23"])
    assert.deepStrictEqual(rows.map((row) => plain(row[1] ?? "")), Object.keys(Header.RequestHeader.fields))
    assert.deepStrictEqual(rows.map((row) => plain(row[3] ?? "")), Object.keys(Header.ReplyHeader.fields))
  })

  it("have all message types", () => {
    assert.deepStrictEqual(
      tableOf("Message types").map(([type, name]) => [Number(type), name]),
      MessageType.MessageType.literals.map((type) => [type, MessageType.name(type)])
    )
  })

  it("have all control flags, by their bits", () => {
    const rows = tableOf("Control flags").map((row) => row.map(plain))
    const { other: _, ...named } = ControlFlags.ControlFlags.fields
    assert.sameMembers(rows.map(([, name]) => name), [...Object.keys(named), "unnamed"])
    let all = 0
    for (const [bits = "", name = "", says = ""] of rows) {
      const mask = Number(bits) | 0
      assert.strictEqual(all & mask, 0, `${name} shares a bit`)
      all |= mask
      const values = valuesOf[name]
      if (name === "unnamed") {
        assert.strictEqual(ControlFlags.decode(mask).other, mask)
      } else if (values === undefined) {
        assert.strictEqual(ControlFlags.override(0, { [name]: true }), mask, name)
      } else {
        const lowest = mask & -mask
        assert.deepStrictEqual(
          says.replaceAll(/ \([^)]*\)/g, "").split(", "),
          values.map((value) => `${ControlFlags.override(0, { [name]: value }) / lowest} ${value}`)
        )
      }
    }
    assert.strictEqual(all, -1, "each bit is somewhere")
  })

  it("have all return codes, with what the library makes of them", () => {
    const passes = (code: number) => {
      const reading = ReturnCode.explain(code, MessageType.Read).isTransient
      const writing = ReturnCode.explain(code, MessageType.Write).isTransient
      return reading === writing ? reading ? "yes" : "no" : reading ? "reading" : "writing"
    }
    const known = Array.from({ length: 4096 }, (_, i) => ReturnCode.explain(-i, MessageType.Read))
      .filter(({ name }) => name !== "unknown")
      .map(({ code, name, reason }) => [
        String(code),
        name,
        reason,
        ReturnCode.explain(code, MessageType.Write).reason,
        passes(code)
      ])
    assert.deepStrictEqual(
      tableOf("Return codes").map((row) => [...row.slice(0, 2), ...row.slice(3).map(plain)]),
      known
    )
  })

  it("and the text know the most that a server takes", () => {
    assert.include(page, `\`payload\` of up to ${Request.maxPayload.toLocaleString("en")} bytes is taken`)
  })
})
