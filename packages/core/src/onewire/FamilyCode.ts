/**
 * Family codes, and the code under which a server has the driver for a family.
 *
 * @since 0.1.0
 */

/**
 * The family codes that owserver 3.2p4 has a driver for.
 *
 * @category constants
 * @since 0.1.0
 */
export const known: ReadonlySet<string> = new Set(
  (
    "01 02 04 05 06 08 09 0A 0B 0C 0F 10 12 14 18 1A 1B 1C 1D 1E 1F 20 21 22 23 24 26 27 28 29 2C 2D 2E 30 31 32 35 36 37 "
    + "3A 3B 3D 41 42 43 51 7E 81 82 89 8B 8F A0 A2 A5 A6 B2 DD ED EE EF FC FE FF"
  ).split(" ")
)

/** The code with bit 7 flipped. */
const turned = (code: string): string => (Number.parseInt(code, 16) ^ 0x80).toString(16).toUpperCase().padStart(2, "0")

/**
 * Gives the code under which a server has the driver for a family code: the code itself, or the one that differs in bit 7. Clones
 * and customised ROMs flip that bit, and servers ignore it. A code without a driver is returned unchanged.
 *
 * **Example** (Ignoring bit 7, unless the code is its own family)
 *
 * ```ts
 * import { FamilyCode } from "@effect-ownet/core"
 *
 * FamilyCode.driver("28") // => "28"
 * FamilyCode.driver("A8") // => "28"
 * FamilyCode.driver("A2") // => "A2"
 * FamilyCode.driver("99") // => "99"
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const driver = (code: string): string => {
  if (known.has(code)) return code
  const other = turned(code)
  return known.has(other) ? other : code
}
