import { MulticastDns } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { NetAddress } from "effect/net"

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const service = ["_owserver", "_tcp", "local"]
const host = ["raspberrypi", "local"]
const ipv4 = Result.getOrThrow(NetAddress.ipv4FromString("10.77.0.1"))
const ipv6 = Result.getOrThrow(NetAddress.ipv6FromString("fe80::2cb1:1ff:feb9:51a"))

const packet = (hex: string): MulticastDns.Packet => Result.getOrThrow(MulticastDns.decode(fromHex(hex)))

const problem = (bytes: Uint8Array | string): string => {
  const { _tag, problem } = Result.getOrThrow(
    Result.flip(MulticastDns.decode(typeof bytes === "string" ? fromHex(bytes) : bytes))
  )
  assert.strictEqual(_tag, "MalformedPacket")
  return problem
}

/** A header that counts so many questions and answers. */
const header = (questions: number, answers: number): string =>
  toHex(Uint8Array.of(0, 0, 0x84, 0, 0, questions, answers >> 8, answers & 0xff, 0, 0, 0, 0))

const serviceHex = "095f6f77736572766572 045f746370 056c6f63616c 00"

describe("a question", () => {
  const question: MulticastDns.Packet = {
    isResponse: false,
    questions: [{ name: service, type: "PTR", unicast: false }],
    records: []
  }

  it("is written as RFC 1035 says", () => {
    assert.strictEqual(
      toHex(MulticastDns.encode(question)),
      toHex(fromHex(`0000 0000 0001 0000 0000 0000 ${serviceHex} 000c 0001`))
    )
  })

  it("asks for an answer to this host alone by the top bit of the class", () => {
    const asked = { ...question, questions: [{ name: host, type: "AAAA", unicast: true }] } as const
    const bytes = MulticastDns.encode(asked)
    assert.strictEqual(
      toHex(bytes),
      toHex(fromHex("0000 0000 0001 0000 0000 0000 0b 7261737062657272797069 056c6f63616c 00 001c 8001"))
    )
    assert.deepStrictEqual(MulticastDns.decode(bytes), Result.succeed(asked))
  })

  it("says which answers are known, and each name once", () => {
    const asked: MulticastDns.Packet = {
      ...question,
      records: [{ _tag: "PTR", name: service, ttl: 4000, target: ["attic", ...service] }]
    }
    const bytes = MulticastDns.encode(asked)
    assert.strictEqual(
      toHex(bytes),
      toHex(fromHex(
        `0000 0000 0001 0001 0000 0000 ${serviceHex} 000c 0001  c00c 000c 0001 00000fa0 0008 056174746963 c00c`
      ))
    )
    assert.deepStrictEqual(MulticastDns.decode(bytes), Result.succeed(asked))
  })
})

describe("packets of avahi", () => {
  const instance = ["owserver on raspberrypi", ...service]

  it("are read: an answer with what was added to it", () => {
    const answer = packet(
      "000084000000000600000000176f77736572766572206f6e207261737062657272797069095f6f77736572766572045f746370056c6f63616c000010"
        + "800100001194000100c024000c0001000011940002c00cc00c002180010000007800140000000010d00b7261737062657272797069c033c065001c"
        + "8001000000780010fe800000000000002cb101fffeb9051ac065000180010000007800040a4d0001095f7365727669636573075f646e732d736404"
        + "5f756470c033000c0001000011940002c024"
    )
    assert.deepStrictEqual(answer, {
      isResponse: true,
      questions: [],
      records: [
        { _tag: "TXT", name: instance, ttl: 4500, texts: [] },
        { _tag: "PTR", name: service, ttl: 4500, target: instance },
        { _tag: "SRV", name: instance, ttl: 120, priority: 0, weight: 0, port: 4304, target: host },
        { _tag: "AAAA", name: host, ttl: 120, address: ipv6 },
        { _tag: "A", name: host, ttl: 120, address: ipv4 },
        { _tag: "PTR", name: ["_services", "_dns-sd", "_udp", "local"], ttl: 4500, target: service }
      ]
    })
  })

  it("are read: the farewell of a server by its own library, with the port as that announces it", () => {
    const name = ["OWFS (1-wire) Server <4304>", ...service]
    const { records } = packet(
      "0000840000000003000000001b4f5746532028312d776972652920536572766572203c343330343e095f6f77736572766572045f746370056c6f6361"
        + "6c000010800100000000000100c028000c0001000000000002c00cc00c0021800100000000001400000000d0100b7261737062657272797069c037"
    )
    assert.deepStrictEqual(records, [
      { _tag: "TXT", name, ttl: 0, texts: [] },
      { _tag: "PTR", name: service, ttl: 0, target: name },
      { _tag: "SRV", name, ttl: 0, priority: 0, weight: 0, port: 53_264, target: host }
    ])
  })

  it("are read without the kinds that are not known: a question for any record of a name, and what is meant to be its answer", () => {
    const { isResponse, questions, records } = packet(
      "0000000000010000000200001b4f5746532028312d776972652920536572766572203c343330343e095f6f77736572766572045f746370056c6f6361"
        + "6c0000ff0001c00c0021000100000078001400000000d0100b7261737062657272797069c037c00c0010000100001194000100"
    )
    assert.isFalse(isResponse)
    assert.deepStrictEqual(questions, [])
    assert.deepStrictEqual(records.map(({ _tag }) => _tag), ["SRV", "TXT"])
  })
})

/** Labels of 1 to 63 bytes. */
const Label = Schema.NonEmptyString.check(Schema.isMaxLength(15))
const Name = Schema.Array(Label).check(Schema.isMaxLength(4))
const Int16 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
const Int32 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff_ffff }))
const Record = Schema.Struct({
  tag: Schema.Literals(["A", "AAAA", "PTR", "SRV", "TXT"]),
  name: Name,
  ttl: Int32,
  numbers: Schema.Tuple([Int16, Int16, Int16]),
  target: Name,
  texts: Schema.Array(Schema.NonEmptyString.check(Schema.isMaxLength(60)))
})
const Question = Schema.Struct({
  name: Name,
  type: Schema.Literals(["A", "AAAA", "PTR", "SRV", "TXT"]),
  unicast: Schema.Boolean
})

const recordOf = (
  { name, numbers: [priority, weight, port], tag, target, texts, ttl }: typeof Record.Type
): MulticastDns.ResourceRecord => {
  switch (tag) {
    case "A":
      return { _tag: tag, name, ttl, address: ipv4 }
    case "AAAA":
      return { _tag: tag, name, ttl, address: ipv6 }
    case "PTR":
      return { _tag: tag, name, ttl, target }
    case "SRV":
      return { _tag: tag, name, ttl, priority, weight, port, target }
    case "TXT":
      return { _tag: tag, name, ttl, texts }
  }
}

describe("any packet", () => {
  it.prop(
    "is read as it was written",
    [Schema.Boolean, Schema.Array(Question), Schema.Array(Record).check(Schema.isMaxLength(20))],
    ([isResponse, questions, given]) => {
      // A half character is no text, and no byte either.
      const isWhole = [questions, given].every((part) => JSON.stringify(part).search(/\\ud[89a-f]/) < 0)
      const sent = { isResponse, questions, records: given.map(recordOf) }
      const bytes = MulticastDns.encode(sent)
      const read = MulticastDns.decode(bytes)
      if (isWhole && bytes.length <= MulticastDns.maxLength) assert.deepStrictEqual(read, Result.succeed(sent))
    },
    { arbitrary: { runs: 300, seed: "packets" } }
  )

  it("keeps names that are no UTF-8", () => {
    const bytes = fromHex(`${header(1, 0)} 02 fcff 05 6c6f63616c 00 0001 0001`)
    const read = Result.getOrThrow(MulticastDns.decode(bytes))
    assert.strictEqual(toHex(MulticastDns.encode(read)).slice(24), toHex(bytes).slice(24))
  })
})

describe("what is no packet", () => {
  const record = (name: string, type: string, length: string, data: string): string =>
    `${header(0, 1)} ${name} ${type} 0001 00000078 ${length} ${data}`

  it.each(
    [
      ["nothing", "", "it ends within the header"],
      ["half a header", "0000 8400 0000", "it ends within the header"],
      ["an error", "0000 8403 0000 0000 0000 0000", "it is a message of another kind, or reports an error"],
      ["an update", "0000 2800 0000 0000 0000 0000", "it is a message of another kind, or reports an error"],
      ["a question too few", `${header(2, 0)} ${serviceHex} 000c 0001`, "it ends within question 2"],
      ["a record too few", header(0, 1), "it ends within record 1"],
      [
        "a name that refers to itself",
        `${header(1, 0)} c00c 000c 0001`,
        "a name in question 1 points to a place that is not before it"
      ],
      [
        "names that refer to each other",
        `${header(1, 0)} c00e c00c 000c 0001`,
        "a name in question 1 points to a place that is not before it"
      ],
      [
        "a loop with a label in it",
        `${header(1, 0)} 0161 c00c 000c 0001`,
        "a name in question 1 points to a place that is not before it"
      ],
      [
        "a name that refers beyond the end",
        `${header(1, 0)} ffff 000c 0001`,
        "a name in question 1 points to a place that is not before it"
      ],
      ["a label of another kind", `${header(1, 0)} 4161 00 000c 0001`, "a label in question 1 is of an unknown kind"],
      ["a label that ends too late", `${header(1, 0)} 3f61`, "it ends within question 1"],
      [
        "a name that is too long",
        `${header(1, 0)} ${`3f${"61".repeat(63)}`.repeat(4)} 00 000c 0001`,
        "a name in question 1 is too long"
      ],
      ["data beyond the end", record("00", "0001", "ffff", "0a4d0001"), "it ends within record 1"],
      ["an address that is too short", record("00", "0001", "0003", "0a4d0001"), "it ends within record 1"],
      [
        "an address that is too long",
        record("00", "0001", "0005", "0a4d000100"),
        "record 1 has a length that does not match its data"
      ],
      ["an IPv6 address of four bytes", record("00", "001c", "0004", "0a4d0001"), "it ends within record 1"],
      ["a host without a name", record("00", "0021", "0006", "0000 0000 10d0"), "it ends within record 1"],
      ["a target that ends too late", record("00", "000c", "0002", "0161 00"), "it ends within record 1"],
      ["a text that ends too late", record("00", "0010", "0002", "0261 62"), "it ends within record 1"]
    ]
  )("is refused: %s", (_, bytes, expected) => assert.strictEqual(problem(bytes), expected))

  it("is refused without a look into it if it is too long", () => {
    assert.strictEqual(problem(new Uint8Array(65_507)), "it has 65507 bytes, more than 9000")
  })
})

it("the worst packet ends: names of 127 labels that refer to each other, as many as there is room for", () => {
  const long = `${"0161".repeat(126)} 00`
  const count = 620
  const bytes = fromHex(
    `${header(0, count)} ${long} 000c 0001 00000078 0002 c00c ${"c00c 000c 0001 00000078 0002 c00c".repeat(count - 1)}`
  )
  assert.isAtMost(bytes.length, MulticastDns.maxLength)
  const { records } = Result.getOrThrow(MulticastDns.decode(bytes))
  assert.lengthOf(records, count)
  assert.isTrue(records.every(({ name }) => name.length === 126))
})

describe("names", () => {
  it("are the same in either case, and with other dots they are not", () => {
    assert.strictEqual(MulticastDns.nameKey(["Pi", "LOCAL"]), MulticastDns.nameKey(["pi", "local"]))
    assert.notStrictEqual(MulticastDns.nameKey(["a.b"]), MulticastDns.nameKey(["a", "b"]))
    assert.notStrictEqual(MulticastDns.nameKey(["a\\", "b"]), MulticastDns.nameKey(["a.b"]))
    assert.strictEqual(MulticastDns.formatName(["a.b\\", "local"]), "a\\.b\\\\.local")
  })
})
