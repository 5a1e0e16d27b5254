/**
 * Displaying texts from outside: anybody on the network may have set an alias, and a server may answer anything. A character is
 * not printable if it controls a terminal, breaks a line, changes the direction of text, or is half a character. The messages of
 * errors are already safe.
 *
 * @since 0.1.0
 */
import * as Text from "../internal/printable.ts"

/**
 * Whether text is safe on a terminal and stays on one line.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isPrintable: (text: string) => boolean = Text.isPrintable

/**
 * Makes text safe for a terminal, on one line. U+FFFD replaces each character that is not printable.
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
 * Gives JSON that is safe on a terminal and has the same meaning. Each character that is not printable is escaped.
 *
 * @category conversions
 * @since 0.1.0
 */
export const json: (value: unknown) => string = Text.json
