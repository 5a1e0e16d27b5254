/**
 * All known families, by their family codes. This is a separate module because a program that imports it includes all of them.
 *
 * **Example** (Finding devices with everything that is known of them)
 *
 * ```ts
 * import { Discovery } from "@effect-ownet/core"
 * import * as Catalogue from "@effect-ownet/core/device/Catalogue"
 *
 * const found = Discovery.devices({ catalogue: Catalogue.of })
 * ```
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as Families from "./Families.ts"
import type * as Family from "./Family.ts"

/**
 * All known families.
 *
 * @category families
 * @since 0.1.0
 */
export const families: ReadonlyArray<Family.Family> = Object.values(Families)

const byCode: ReadonlyMap<string, Family.Family> = new Map(
  families.flatMap((family) => family.codes.map((code) => [code, family] as const))
)

/**
 * Finds the family of a family code. As on servers, a code that differs only in bit 7 also matches.
 *
 * **Example** (Naming a chip)
 *
 * ```ts
 * import * as Catalogue from "@effect-ownet/core/device/Catalogue"
 * import { Option } from "effect"
 *
 * Option.map(Catalogue.of("28"), (family) => family.chip) // => Option.some("DS18B20")
 * Option.map(Catalogue.of("A8"), (family) => family.chip) // => Option.some("DS18B20")
 * Catalogue.of("99") // => Option.none()
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const of: Family.Lookup = (code) => Option.fromUndefinedOr(byCode.get(FamilyCode.driver(code)))
