/**
 * Packets of multicast DNS (RFC 6762), with which servers on a network announce themselves: questions, and records that answer
 * them.
 *
 * @since 0.1.0
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import { decodeText, encodeText } from "./Payload.ts"

/**
 * Name of a host, a service or an instance of a service, in its labels: `["owserver on pi", "_owserver", "_tcp", "local"]`. A
 * label may contain any character, and has from 1 to 63 bytes.
 *
 * @category models
 * @since 0.1.0
 */
export type Name = ReadonlyArray<string>

/**
 * Question for the records of a name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Question {
  readonly name: Name
  readonly type: ResourceRecord["_tag"]
  /** Whether to send the answer only to the host that asks. */
  readonly unicast: boolean
}

/**
 * IPv4 address of a host.
 *
 * @category models
 * @since 0.1.0
 */
export interface A {
  readonly _tag: "A"
  readonly name: Name
  /** Seconds for which the record is valid. 0 withdraws it. */
  readonly ttl: number
  readonly address: NetAddress.Ipv4Address
}

/**
 * IPv6 address of a host.
 *
 * @category models
 * @since 0.1.0
 */
export interface Aaaa {
  readonly _tag: "AAAA"
  readonly name: Name
  /** Seconds for which the record is valid. 0 withdraws it. */
  readonly ttl: number
  readonly address: NetAddress.Ipv6Address
}

/**
 * Instance of a service.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ptr {
  readonly _tag: "PTR"
  /** Name of the service. */
  readonly name: Name
  /** Seconds for which the record is valid. 0 withdraws it. */
  readonly ttl: number
  /** Name of the instance. */
  readonly target: Name
}

/**
 * Host and port of an instance.
 *
 * @category models
 * @since 0.1.0
 */
export interface Srv {
  readonly _tag: "SRV"
  readonly name: Name
  /** Seconds for which the record is valid. 0 withdraws it. */
  readonly ttl: number
  readonly priority: number
  readonly weight: number
  readonly port: number
  /** Name of the host. */
  readonly target: Name
}

/**
 * More facts about an instance.
 *
 * @category models
 * @since 0.1.0
 */
export interface Txt {
  readonly _tag: "TXT"
  readonly name: Name
  /** Seconds for which the record is valid. 0 withdraws it. */
  readonly ttl: number
  /** Texts such as `key=value`. None is empty or longer than 255 bytes. */
  readonly texts: ReadonlyArray<string>
}

/**
 * Record of a type that announcements consist of.
 *
 * @category models
 * @since 0.1.0
 */
export type ResourceRecord = A | Aaaa | Ptr | Srv | Txt

/**
 * Packet: either questions, with the answers that are already known, or answers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Packet {
  readonly isResponse: boolean
  readonly questions: ReadonlyArray<Question>
  /** Answers and additional records. */
  readonly records: ReadonlyArray<ResourceRecord>
}

/**
 * The reason that bytes are not a packet.
 *
 * @category errors
 * @since 0.1.0
 */
export interface PacketError {
  readonly _tag: "MalformedPacket"
  readonly problem: string
}

/**
 * Maximum number of bytes in a packet.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxLength = 9000

/** Maximum number of bytes in a name, including the length before each label and the zero after the last. */
const maxName = 255

const types: Readonly<Record<ResourceRecord["_tag"], number>> = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 }

/** Names of the record types, by number. */
const tags = new Map(Object.entries(types).map(([tag, type]) => [type, tag as ResourceRecord["_tag"]]))

/** The class of the internet, which all records have. */
const internet = 1

/**
 * In the class of a question, this bit requests an answer to one host. In the class of a record, it means that the record
 * replaces all others.
 */
const topBit = 0x8000

/**
 * Formats a name as people write it, with a backslash before each dot or backslash within a label.
 *
 * **Example** (A label that contains a dot)
 *
 * ```ts
 * import { MulticastDns } from "@effect-ownet/core"
 *
 * MulticastDns.formatName(["pi", "local"]) // => "pi.local"
 * MulticastDns.formatName(["a.b", "local"]) // => "a\\.b.local"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const formatName = (name: Name): string => name.map((label) => label.replace(/[.\\]/g, "\\$&")).join(".")

/**
 * Gives a text that is equal for equivalent names. The case of ASCII letters does not matter.
 *
 * @category formatting
 * @since 0.1.0
 */
export const nameKey = (name: Name): string => formatName(name).replace(/[A-Z]+/g, (upper) => upper.toLowerCase())

/**
 * Encodes a packet. A name that occurs again becomes a pointer to the first one.
 *
 * **Example** (The question for owservers)
 *
 * ```ts
 * import { MulticastDns } from "@effect-ownet/core"
 *
 * const question = MulticastDns.encode({
 *   isResponse: false,
 *   questions: [{ name: ["_owserver", "_tcp", "local"], type: "PTR", unicast: false }],
 *   records: []
 * })
 *
 * question.length // => 38
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = ({ isResponse, questions, records }: Packet): Uint8Array => {
  const bytes: Array<number> = []
  const places = new Map<string, number>()
  const put16 = (value: number) => void bytes.push((value >>> 8) & 0xff, value & 0xff)
  const putText = (text: string) => {
    const encoded = encodeText(text)
    bytes.push(encoded.length, ...encoded)
  }
  const putName = (name: Name) => {
    for (const [at, label] of name.entries()) {
      const rest = formatName(name.slice(at))
      const place = places.get(rest)
      if (place !== undefined) return put16(0xc000 | place)
      // A pointer has 14 bits.
      if (bytes.length < 0x4000) places.set(rest, bytes.length)
      putText(label)
    }
    bytes.push(0)
  }
  const putData = (record: ResourceRecord) => {
    switch (record._tag) {
      case "A":
        return void bytes.push(...NetAddress.ipv4ToOctets(record.address))
      case "AAAA":
        return void bytes.push(...NetAddress.ipv6ToOctets(record.address))
      case "PTR":
        return putName(record.target)
      case "SRV":
        put16(record.priority)
        put16(record.weight)
        put16(record.port)
        return putName(record.target)
      case "TXT":
        return record.texts.length === 0 ? void bytes.push(0) : record.texts.forEach(putText)
    }
  }
  for (const word of [0, isResponse ? 0x8400 : 0, questions.length, records.length, 0, 0]) put16(word)
  for (const { name, type, unicast } of questions) {
    putName(name)
    put16(types[type])
    put16(unicast ? internet | topBit : internet)
  }
  for (const record of records) {
    putName(record.name)
    put16(types[record._tag])
    put16(internet)
    put16(record.ttl >>> 16)
    put16(record.ttl)
    put16(0)
    const start = bytes.length
    putData(record)
    bytes[start - 2] = (bytes.length - start) >>> 8
    bytes[start - 1] = (bytes.length - start) & 0xff
  }
  return Uint8Array.from(bytes)
}

/**
 * Decodes a packet. It skips questions and records of other types.
 *
 * **Example** (Bytes that are not a packet)
 *
 * ```ts
 * import { MulticastDns } from "@effect-ownet/core"
 *
 * MulticastDns.decode(Uint8Array.of(1, 2, 3)) // => Result.fail({ _tag: "MalformedPacket", problem: "it ends within the header" })
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): Result.Result<Packet, PacketError> => {
  let problem = bytes.length > maxLength ? `it has ${bytes.length} bytes, more than ${maxLength}` : undefined
  let at = 0
  let end = bytes.length
  let part = "the header"
  const fail = (what: string) => void (problem ??= what)

  /** Advances by `count` bytes, if they are available, and returns the position before. */
  const take = (count: number): number => {
    if (at + count > end) fail(`it ends within ${part}`)
    if (problem !== undefined) return -1
    at += count
    return at - count
  }
  const get8 = (): number => {
    const place = take(1)
    return place < 0 ? 0 : bytes[place]
  }
  const get16 = (): number => get8() * 0x100 + get8()
  const getText = (length: number): string => {
    const place = take(length)
    return place < 0 ? "" : decodeText(bytes, place, place + length)
  }
  const getName = (): Name => {
    const labels: Array<string> = []
    let length = 1
    let first = at
    let behind: number | undefined
    const [ownEnd, ownPart] = [end, part]
    while (true) {
      const count = get8()
      if (count === 0 || problem !== undefined) break
      if (count >= 0xc0) {
        const target = (count & 0x3f) * 0x100 + get8()
        behind ??= at
        // Each jump goes further back, so no name is endless.
        if (target >= first) fail(`a name in ${ownPart} points to a place that is not before it`)
        at = first = target
        end = bytes.length
      } else if (count > 63) fail(`a label in ${ownPart} is of an unknown kind`)
      else {
        length += count + 1
        if (length > maxName) fail(`a name in ${ownPart} is too long`)
        labels.push(getText(count))
      }
    }
    end = ownEnd
    at = behind ?? at
    return labels
  }
  const getOctets = (count: number): Uint8Array => {
    const place = take(count)
    return place < 0 ? new Uint8Array(count) : bytes.subarray(place, place + count)
  }
  const getTexts = (): ReadonlyArray<string> => {
    const texts: Array<string> = []
    while (true) {
      if (at >= end || problem !== undefined) return texts
      const text = getText(get8())
      if (text !== "") texts.push(text)
    }
  }
  const getRecord = (): ResourceRecord | undefined => {
    const name = getName()
    const tag = tags.get(get16())
    const isInternet = (get16() & ~topBit) === internet
    const ttl = get16() * 0x10000 + get16()
    const length = get16()
    const start = take(length)
    if (tag === undefined || !isInternet || start < 0) return undefined
    const next = at
    at = start
    end = next
    const record = getData(tag, name, ttl)
    if (at !== end) fail(`${part} has a length that does not match its data`)
    end = bytes.length
    return record
  }
  const getData = (tag: ResourceRecord["_tag"], name: Name, ttl: number): ResourceRecord => {
    switch (tag) {
      case "A":
        return { _tag: tag, name, ttl, address: NetAddress.ipv4FromBytesUnsafe(getOctets(4)) }
      case "AAAA":
        return { _tag: tag, name, ttl, address: NetAddress.ipv6FromBytesUnsafe(getOctets(16)) }
      case "PTR":
        return { _tag: tag, name, ttl, target: getName() }
      case "SRV":
        return { _tag: tag, name, ttl, priority: get16(), weight: get16(), port: get16(), target: getName() }
      case "TXT":
        return { _tag: tag, name, ttl, texts: getTexts() }
    }
  }

  get16()
  const flags = get16()
  if ((flags & 0x780f) !== 0) fail("it is a message of another kind, or reports an error")
  const questionCount = get16()
  const recordCount = get16() + get16() + get16()
  const questions: Array<Question> = []
  for (let i = 1; i <= questionCount; i++) {
    part = `question ${i}`
    const name = getName()
    const type = tags.get(get16())
    const kind = get16()
    if (problem !== undefined) break
    if (type !== undefined && (kind & ~topBit) === internet) questions.push({ name, type, unicast: kind >= topBit })
  }
  const records: Array<ResourceRecord> = []
  for (let i = 1; i <= recordCount; i++) {
    part = `record ${i}`
    const record = getRecord()
    if (problem !== undefined) break
    if (record !== undefined) records.push(record)
  }
  return problem === undefined
    ? Result.succeed({ isResponse: flags >= 0x8000, questions, records })
    : Result.fail({ _tag: "MalformedPacket", problem })
}
