/**
 * Texts from outside that are to be shown: anybody on the network may have set an alias, and a server may answer anything. What a
 * terminal obeys, what breaks a line or turns its direction, and half a character are not printable. The messages of errors are
 * safe already.
 *
 * @since 0.1.0
 */
import * as Text from "../internal/printable.ts"

/**
 * Whether text is safe on a terminal, on one line, as it is.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isPrintable: (text: string) => boolean = Text.isPrintable

/**
 * Text that is safe on a terminal, on one line: U+FFFD stands for each character that is not printable.
 *
 * **Example** (An alias that would clear the screen)
 *
 * ```ts
 * import { Printable } from "@effect-ownet/core"
 *
 * Printable.printable("cellar\u001b[2J") // => "cellar\uFFFD[2J"
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export const printable: (text: string) => string = Text.printable

/**
 * JSON that is safe on a terminal, and means the same: each character that is not printable is escaped.
 *
 * @category conversions
 * @since 0.1.0
 */
export const json: (value: unknown) => string = Text.json
