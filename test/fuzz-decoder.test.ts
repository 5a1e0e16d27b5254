/**
 * Thousands of replies that no server should send, through the decoder. Its frames and errors are compared with a plain reading
 * of the same bytes.
 */
import { FrameDecoder } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { batchesOf, caseOf, count, hex, isLine, isWhole, meet, met, nameOf, patience, sumUp } from "./fixtures/cases.ts"
import * as mutate from "./fixtures/mutate.ts"
import * as reference from "./fixtures/reference.ts"

/** Pushes chunks like a socket that reuses a single buffer, and returns the difference from the plain reading. */
const decodingProblem = (
  chunks: ReadonlyArray<Uint8Array>,
  reading: reference.Reading,
  stream: Uint8Array,
  limit: number | undefined
): string | undefined => {
  const { broken, frames, rest } = reading
  let problem: string | undefined
  let taken = 0
  const take = (isKeepalive: boolean, data: Uint8Array | undefined, words: ReadonlyArray<number>): void => {
    const expected = frames[taken++]?.frame
    const own = expected === undefined
      ? []
      : [expected.version, expected.payload, expected.ret, expected.flags, expected.size, expected.offset]
    if (expected === undefined) problem ??= `frame ${taken} is one too many`
    else if (isKeepalive ? expected.payload >= 0 : !words.every((word, index) => word === own[index])) {
      problem ??= `frame ${taken} is [${words.join()}] instead of [${own.join()}]`
    } else if (data !== undefined && Buffer.compare(data, expected.data) !== 0) {
      problem ??= `frame ${taken} has other data`
    }
  }
  const decoder = FrameDecoder.make({
    onFrame: ({ data, flags, offset, payload, ret, size, version }) =>
      take(false, data, [version, payload, ret, flags, size, offset]),
    onKeepalive: () => take(true, undefined, [])
  }, { maxPayload: limit })
  const buffer = new Uint8Array(stream.length + 64)
  let at = 0
  let error: FrameDecoder.FrameError | undefined
  for (const chunk of chunks) {
    buffer.set(chunk)
    error = decoder.push(buffer, chunk.length)
    buffer.fill(0xee, 0, chunk.length + 64)
    at += chunk.length
    const due = frames.filter(({ end }) => end <= at).length
    if (taken !== due) problem ??= `${taken} frames instead of ${due} after ${at} bytes`
    if ((error !== undefined) !== (broken !== undefined && broken.knownAt <= at)) {
      problem ??= `${error?._tag ?? "no error"} after ${at} bytes`
    }
    if (error !== undefined || problem !== undefined) break
  }
  if (problem !== undefined) return problem
  const last = decoder.end()
  const start = stream.subarray(broken?.at ?? rest?.at ?? 0)
  if (error !== undefined && (last !== error || decoder.push(stream) !== error)) return "an error is not final"
  if (broken === undefined && rest === undefined) {
    return last === undefined
      ? undefined
      : `${last._tag} between two frames`
  }
  if (last === undefined) return "no error at the end"
  if (last.bytes.length === 0 || last.bytes.length > 32 || last.bytes.buffer.byteLength > 32) {
    return `${last.bytes.length} bytes shown, of ${last.bytes.buffer.byteLength}`
  }
  if (Buffer.compare(last.bytes, start.subarray(0, last.bytes.length)) !== 0) return "other bytes shown"
  if (last._tag === "MalformedHeader") {
    return broken !== undefined && isLine(last.problem) ? undefined : `MalformedHeader: ${last.problem}`
  }
  return rest?.received === last.received && rest.expected === last.expected
    ? undefined
    : `${last.received} of ${last.expected} bytes instead of ${rest?.received} of ${rest?.expected}`
}

const decode = (number: number): void => {
  const dice = mutate.dice(number)
  const limit = dice.chance(0.7) ? undefined : dice.pick([0, 1, 12, 40, 300])
  const most = limit ?? mutate.maxPayload
  const asked = mutate.anything(dice)
  const { bytes, mutations } = mutate.stream(dice, asked, most)
  const reading = reference.read(bytes, most)
  meet("decoder reply")
  meet(`decoder ${reading.broken !== undefined ? "broken" : reading.rest !== undefined ? "short" : "whole"}`)
  const ways = [[bytes], mutate.chunks(dice, bytes), mutate.chunks(dice, bytes)]
  if (bytes.length <= 300) ways.push(mutate.byteByByte(bytes))
  for (const chunks of ways) {
    const problem = decodingProblem(chunks, reading, bytes, limit)
    if (problem !== undefined) {
      const cuts = chunks.map(({ length }) => length).join()
      assert.fail(`${caseOf(number)}: ${problem} (${mutations.join()}; chunks of ${cuts}): ${hex(bytes)}`)
    }
  }
}

sumUp(2 * count)

describe("mutated replies through the decoder", () => {
  for (const cases of batchesOf(2 * count)) it(nameOf(cases), () => cases.forEach(decode), patience)
})

/** Every outcome of a stream of replies. */
const everything = ["whole", "short", "broken"].map((end) => `decoder ${end}`)

describe("the fuzzing itself", () => {
  it.skipIf(!isWhole)("has met every kind of end", () => {
    assert.deepStrictEqual(everything.filter((what) => !met.has(what)), [])
  })
})
