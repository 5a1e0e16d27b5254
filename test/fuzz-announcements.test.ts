/**
 * Thousands of multicast DNS packets that nobody should send. Each is decoded, or rejected as invalid, and never contains more
 * than its bytes can hold.
 */
import { MulticastDns } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { batchesOf, caseOf, count, hex, isLine, isWhole, meet, met, nameOf, patience, sumUp } from "./fixtures/cases.ts"
import * as mutate from "./fixtures/mutate.ts"

/** Recorded from avahi: an answer with all kinds of records, a goodbye, and questions with answers. */
const recorded = [
  "000084000000000600000000176f77736572766572206f6e207261737062657272797069095f6f77736572766572045f746370056c6f63616c00001080"
  + "0100001194000100c024000c0001000011940002c00cc00c002180010000007800140000000010d00b7261737062657272797069c033c065001c800100"
  + "0000780010fe800000000000002cb101fffeb9051ac065000180010000007800040a4d0001095f7365727669636573075f646e732d7364045f756470c0"
  + "33000c0001000011940002c024",
  "0000840000000003000000001b4f5746532028312d776972652920536572766572203c343330343e095f6f77736572766572045f746370056c6f63616c"
  + "000010800100000000000100c028000c0001000000000002c00cc00c0021800100000000001400000000d0100b7261737062657272797069c037",
  "0000000000010000000200001b4f5746532028312d776972652920536572766572203c343330343e095f6f77736572766572045f746370056c6f63616c"
  + "0000ff0001c00c0021000100000078001400000000d0100b7261737062657272797069c037c00c0010000100001194000100"
].map((packet) => Uint8Array.from(Buffer.from(packet, "hex")))

type Mutation = (dice: mutate.Dice, bytes: Uint8Array) => Uint8Array

const patched = (dice: mutate.Dice, bytes: Uint8Array, values: ReadonlyArray<number>): Uint8Array => {
  const changed = bytes.slice()
  changed.set(values.slice(0, bytes.length), dice.below(Math.max(1, bytes.length - values.length + 1)))
  return changed
}

const mutations: Readonly<Record<string, Mutation>> = {
  none: (_, bytes) => bytes,
  bit: (dice, bytes) => bytes.length === 0 ? bytes : patched(dice, bytes, [1 << dice.below(8)]),
  pointer: (dice, bytes) => patched(dice, bytes, [0xc0 | dice.below(dice.chance(0.8) ? 1 : 64), dice.below(256)]),
  label: (dice, bytes) => patched(dice, bytes, [dice.pick([0, 1, 62, 63, 64, 127, 128, 191])]),
  length: (dice, bytes) => patched(dice, bytes, dice.pick([[0, 0], [0, 1], [0x7f, 0xff], [0xff, 0xff]])),
  counts: (dice, bytes) => mutate.concat([bytes.subarray(0, 4), dice.bytes(8), bytes.subarray(12)]),
  cut: (dice, bytes) => bytes.subarray(0, dice.below(bytes.length + 1)),
  tail: (dice, bytes) => mutate.concat([bytes, dice.bytes(dice.below(40))]),
  twice: (dice, bytes) => mutate.concat([bytes, bytes.subarray(Math.min(12, bytes.length)), dice.bytes(2)]),
  long: (dice, bytes) =>
    mutate.concat([
      bytes.subarray(0, 12),
      Uint8Array.from({ length: 2 * dice.pick([1, 126, 127, 128]) }, (_, at) => at % 2 === 0 ? 1 : 97),
      bytes.subarray(12)
    ]),
  garbage: (dice) => dice.bytes(dice.below(dice.chance(0.9) ? 200 : 9100)),
  flood: (dice) => mutate.concat([dice.bytes(12), new Uint8Array(65_495).fill(dice.pick([0, 1, 63, 192, 255]))])
}

const decode = (number: number): void => {
  const dice = mutate.dice(number)
  let bytes: Uint8Array = dice.pick(recorded)
  const names: Array<string> = []
  for (let left = 1 + dice.below(3); left > 0; left--) {
    const name = dice.pick(Object.keys(mutations))
    names.push(name)
    bytes = mutations[name](dice, bytes)
  }
  const failed = (problem: string) => assert.fail(`${caseOf(number)}: ${problem} (${names.join()}): ${hex(bytes)}`)
  const result = MulticastDns.decode(bytes)
  if (Result.isFailure(result)) {
    const { problem } = result.failure
    meet(`packet refused: ${problem.replace(/\d+/g, "n")}`)
    if (!isLine(problem) || problem.length > 100) failed(`a problem of ${JSON.stringify(problem)}`)
    return
  }
  meet("packet read")
  const { questions, records } = result.success
  if (bytes.length > MulticastDns.maxLength) failed("longer than a packet can be")
  if (5 * questions.length + 11 * records.length + 12 > bytes.length) failed("more than the bytes have room for")
  for (const { name } of [...questions, ...records]) {
    if (name.length > 127 || name.join("").length > 254 || name.some((label) => label === "")) {
      failed("an impossible name")
    }
  }
  // A decoded packet can be encoded, with the same meaning.
  const again = MulticastDns.decode(MulticastDns.encode(result.success))
  if (Result.isSuccess(again)) assert.deepStrictEqual(again.success, result.success, caseOf(number))
  else if (!again.failure.problem.startsWith("it has")) failed(`what was read is none: ${again.failure.problem}`)
}

sumUp(2 * count)

describe("mutated announcements", () => {
  for (const cases of batchesOf(2 * count)) it(nameOf(cases), () => cases.forEach(decode), patience)
})

describe("the fuzzing itself", () => {
  it.skipIf(!isWhole)("has met packets, and every kind of problem", () => {
    const all = [
      "packet read",
      "points to",
      "too long",
      "unknown kind",
      "within",
      "does not match",
      "it has",
      "another kind"
    ]
    assert.deepStrictEqual(all.filter((what) => ![...met.keys()].some((key) => key.includes(what))), [])
  })
})
