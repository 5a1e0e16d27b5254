/**
 * Reads that a server had to repeat, and wrong checksums.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Effect from "effect/Effect"
import * as BusErrors from "./BusErrors.ts"
import type { Finding } from "./Finding.ts"

/** Reads the numbers that a server has counted since its start, and judges them. */
export const examine = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Finding>, OwError.Unanswered> =>
  Effect.gen(function*() {
    const read = yield* BusErrors.readAll(ow, "/statistics/read", ["calls", "tries.0", "tries.1", "tries.2"])
    const crc = yield* BusErrors.readAll(ow, "/statistics/errors", [
      "CRC8_errors",
      "CRC8_tries",
      "CRC16_errors",
      "CRC16_tries"
    ])
    return [judge(read, crc)]
  })

/** Whether the share is more than one in a hundred, and the count more than chance explains. */
const isMuch = (count: number, among: number): boolean => count > 10 && count > among / 100

/** Judges the counters of reads and of checksums. */
export const judge = (read: BusErrors.Counters, crc: BusErrors.Counters): Finding => {
  const { calls = 0, "tries.0": tries = 0, "tries.1": second = 0, "tries.2": third = 0 } = read
  const { CRC16_errors = 0, CRC16_tries = 0, CRC8_errors = 0, CRC8_tries = 0 } = crc
  const wrong = CRC8_errors + CRC16_errors
  const checked = CRC8_tries + CRC16_tries
  const isBad = isMuch(second, tries) || isMuch(wrong, checked)
  return {
    check: "reads",
    status: isBad ? "warn" : "ok",
    message: [
      second === 0
        ? `none of ${tries} reads had to be repeated`
        : `${second} of ${tries} reads had to be repeated, ${third} of them twice`,
      wrong === 0 ? `none of ${checked} checksums was wrong` : `${wrong} of ${checked} checksums were wrong`
    ].join("; "),
    advice: isBad
      ? "Much of the traffic is disturbed: look for loose contacts, bad plugs, long stubs and mains cables next to the bus; a " +
        "stronger pull-up or another bus master helps if cables are long"
      : undefined,
    details: { calls, tries: [tries, second, third], checksums: checked, wrong }
  }
}
