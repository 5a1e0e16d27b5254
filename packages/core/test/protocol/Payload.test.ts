import { Payload } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"

const arbitrary = { runs: 500, seed: "payload" }
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

describe("Payload", () => {
  it.prop("any bytes survive as text", [Schema.Uint8Array], ([bytes]) => {
    assert.deepStrictEqual(Payload.encodeText(Payload.decodeText(bytes)), bytes)
  }, { arbitrary })

  it("any two bytes survive as text, by themselves and where they go on a character", () => {
    // The first and the last of each range that UTF-8 tells apart.
    const seconds = [
      0,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc0,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xef,
      0xf0,
      0xf4,
      0xf5,
      0xff
    ]
    for (let first = 0; first < 256; first++) {
      const texts = seconds.flatMap((second) => [[first, second], [0xe2, first, second], [0xf0, 0x9f, first, second]])
        .map((bytes) => Uint8Array.from(bytes))
      const again = texts.map((bytes) => Payload.encodeText(Payload.decodeText(bytes)))
      assert.strictEqual(Buffer.concat(again).toString("hex"), Buffer.concat(texts).toString("hex"))
      assert.deepStrictEqual(again.map(({ length }) => length), texts.map(({ length }) => length))
    }
  })

  it("what is UTF-8 is read as such, and a stray byte beside it stays", () => {
    assert.strictEqual(Payload.decodeText(new TextEncoder().encode("Küche €😀")), "Küche €😀")
    assert.strictEqual(Payload.decodeText(latin1("K\xfcche \xe2\x82\xac")), "K\udcfcche €")
    assert.deepStrictEqual(Payload.encodeText("K\udcfcche €"), latin1("K\xfcche \xe2\x82\xac"))
    assert.strictEqual(Payload.decodeText(latin1("\xef\xbb\xbfx")), "\ufeffx")
  })

  it("a surrogate in UTF-8 is three stray bytes, and no character", () => {
    for (const bytes of ["\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80", "a\xed\xb2\x80"].map(latin1)) {
      const text = Payload.decodeText(bytes)
      assert.strictEqual(text.length, bytes.length)
      assert.deepStrictEqual(Payload.encodeText(text), bytes)
    }
    assert.strictEqual(Payload.decodeText(latin1("\xed\xa0\x80")), "\udced\udca0\udc80")
  })

  it.effect("the schema of texts gives stray bytes back as they came", () =>
    Effect.gen(function*() {
      for (const bytes of ["K\xfcche", "\xed\xa0\x80", "\xe2\x82\xac", ""].map(latin1)) {
        const text = yield* Schema.decodeEffect(Payload.TextFromBytes)(bytes)
        assert.strictEqual(text, Payload.decodeText(bytes))
        assert.deepStrictEqual(yield* Schema.encodeEffect(Payload.TextFromBytes)(text), bytes)
      }
    }))

  it.effect("paths end in NUL, and hold none", () =>
    Effect.gen(function*() {
      const codec = Payload.PathFromBytes
      assert.deepStrictEqual(yield* Schema.encodeEffect(codec)("/10"), Uint8Array.from([0x2f, 0x31, 0x30, 0]))
      assert.strictEqual(yield* Schema.decodeEffect(codec)(latin1("/10\0/20")), "/10")
      assert.strictEqual(yield* Schema.decodeEffect(codec)(latin1("/10")), "/10")
      yield* Effect.flip(Schema.encodeEffect(codec)("/1\0"))
    }))

  it("a list is split where a comma stands before a slash", () => {
    assert.deepStrictEqual(Payload.decodeList(latin1("/10.1,/28.2,/a,b,/c\0")), ["/10.1", "/28.2", "/a,b", "/c"])
    assert.deepStrictEqual(Payload.decodeList(latin1("/bus.0\0")), ["/bus.0"])
    assert.deepStrictEqual(Payload.decodeList(new TextEncoder().encode("/ä,/ö,b,/c\0")), ["/ä", "/ö,b", "/c"])
    assert.deepStrictEqual(Payload.decodeList(new TextEncoder().encode("/ää,b/,/c")), ["/ää,b/", "/c"])
    assert.deepStrictEqual(Payload.decodeList(latin1("/a,/b\0,/c\0")), ["/a", "/b"])
    assert.deepStrictEqual(Payload.decodeList(new Uint8Array(0)), [])
    assert.deepStrictEqual(Payload.decodeList(latin1("/\xff,/b")), ["/\udcff", "/b"])
  })

  it.effect.prop(
    "lists survive the wire",
    [Schema.Array(Schema.String.check(Schema.isPattern(/^[a-zA-Z0-9.,äöü €]*[a-z]$/)))],
    ([names]) =>
      Effect.gen(function*() {
        const paths = names.map((name) => `/${name}`)
        const bytes = yield* Schema.encodeEffect(Payload.ListFromBytes)(paths)
        assert.deepStrictEqual(yield* Schema.decodeEffect(Payload.ListFromBytes)(bytes), paths)
      }),
    { arbitrary: { runs: 100, seed: "lists" } }
  )

  it("presence has a ROM id of eight bytes, or none", () => {
    const id = Uint8Array.from([0x28, 0, 0, 0x28, 0xd7, 1, 0, 0xd5])
    assert.deepStrictEqual(Payload.decodePresence(id), Option.some(id))
    assert.deepStrictEqual(Payload.decodePresence(new Uint8Array(8)), Option.none())
    assert.deepStrictEqual(Payload.decodePresence(new Uint8Array(0)), Option.none())
  })
})
