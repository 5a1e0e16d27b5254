/**
 * Properties that may be written.
 */

/**
 * Whether one of some patterns allows a property. `*` is any text without a slash, and `PIO.*` includes the `PIO` of a chip with
 * one output.
 */
export const of = (patterns: ReadonlyArray<string>): (property: string) => boolean => {
  const allowed = patterns.map((pattern) => {
    const all = pattern.endsWith(".*")
    const texts = (all ? pattern.slice(0, -2) : pattern).split("*").map((text) => text.replace(/\W/g, "\\$&"))
    return new RegExp(`^${texts.join("[^/]*")}${all ? "(\\.[^/]*)?" : ""}$`)
  })
  return (property) =>
    problemOf(property) === undefined && !isNeverWritten(property) && allowed.some((one) => one.test(property))
}

/** Names belong to the server. Anyone who can write one could give a relay the name of another. */
const isNeverWritten = (property: string): boolean => /(^|\/)alias$/i.test(property)

/** The problem in the name of a property, if it has one: the name may lead out of the device. */
export const problemOf = (property: string): string | undefined =>
  property.length <= 200 && /^[\w.-]+(\/[\w.-]+)*$/.test(property) && !/(^|\/)\.+(\/|$)/.test(property)
    ? undefined
    : "is not the name of a property"
