/** Whether a text has a surrogate alone that stands for no byte: half a character, which cannot be sent. */
export const hasHalfCharacter = (text: string): boolean => alone.test(text)

/** U+DC80 to U+DCFF are bytes that are not UTF-8. */
const alone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udc7f\udd00-\udfff]/
