/**
 * Names of an array property's elements, as types. An interface of properties extends one of these for each array of a family.
 *
 * @since 0.1.0
 */

/**
 * An array with numbered elements: `pages/page.0`, `pages/page.1`, and so on, and `pages/page.ALL` for the whole array. An array
 * of more than 32 elements accepts any number, `log/temperature.2047`, so that completion lists stay short.
 *
 * **Example** (Describing a chip with four fans)
 *
 * ```ts
 * import { type Elements, Family } from "@effect-ownet/core"
 *
 * interface Readable extends Elements.NumberedBits<"fan", 4>, Elements.Numbered<"speed", 4, number> {
 *   readonly temperature: number
 * }
 *
 * interface FanControl extends Family.Properties {
 *   readonly read: Readable // fan.ALL, fan.BYTE, fan.0 to fan.3, speed.ALL, speed.0 to speed.3, temperature
 *   readonly write: Elements.NumberedBits<"fan", 4>
 * }
 *
 * const fanControl: Family.Family<FanControl> = {
 *   codes: ["99"],
 *   chip: "FanControl",
 *   records: "fan y4B rw 1 v\nspeed f4 ro 12 v\ntemperature t ro 12 v"
 * }
 *
 * Family.names(fanControl) // => ["fan.ALL", "speed.ALL", "temperature"]
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Numbered<Name extends string, Count extends number, Value> =
  & All<Name, Value>
  & Each<Name, NumbersBelow<Count>, Value>

/**
 * An array with lettered elements: `volt.A`, `volt.B`, and so on, and `volt.ALL` for the whole array.
 *
 * @category models
 * @since 0.1.0
 */
export type Lettered<Name extends string, Count extends number, Value> =
  & All<Name, Value>
  & Each<Name, FirstLetters<Count>, Value>

/**
 * Numbered bits: `PIO.0`, `PIO.1`, and so on, `PIO.ALL` for the whole array, and `PIO.BYTE` for the bits as one number.
 *
 * @category models
 * @since 0.1.0
 */
export type NumberedBits<Name extends string, Count extends number> =
  & All<Name, boolean>
  & Byte<Name>
  & Each<Name, NumbersBelow<Count>, boolean>

/**
 * Lettered bits: `PIO.A`, `PIO.B`, and so on, `PIO.ALL` for the whole array, and `PIO.BYTE` for the bits as one number.
 *
 * @category models
 * @since 0.1.0
 */
export type LetteredBits<Name extends string, Count extends number> =
  & All<Name, boolean>
  & Byte<Name>
  & Each<Name, FirstLetters<Count>, boolean>

type All<Name extends string, Value> = { readonly [N in `${Name}.ALL`]: ReadonlyArray<Value> }

type Byte<Name extends string> = { readonly [N in `${Name}.BYTE`]: number }

type Each<Name extends string, Keys extends string | number, Value> = { readonly [N in `${Name}.${Keys}`]: Value }

/** `"0" | "1" | "2"` for 3; any number for more than 32. */
type NumbersBelow<Count extends number, Counted extends ReadonlyArray<unknown> = []> = Count extends Counted["length"]
  ? Exclude<keyof Counted, keyof []>
  : Counted["length"] extends 32 ? number
  : NumbersBelow<Count, [...Counted, unknown]>

/** `"A" | "B" | "C"` for 3. */
type FirstLetters<
  Count extends number,
  Alphabet extends string = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  Found extends ReadonlyArray<string> = []
> = Count extends Found["length"] ? Found[number]
  : Alphabet extends `${infer Letter}${infer Others}` ? FirstLetters<Count, Others, [...Found, Letter]>
  : never
