/**
 * What is read from Markdown: its title and its first words.
 */

/** The first heading, as text. */
export const titleOf = (text: string): string | undefined => /^# (.*)$/m.exec(text)?.[1]

export const plain = (markdown: string): string =>
  markdown
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/[`*]/g, "")
    .replaceAll(/\s+/g, " ")
    .trim()

/** What stands below the first heading. */
export const withoutTitle = (text: string): string => text.replace(/^# .*\n+/m, "")

const isParagraph = (block: string): boolean => /^[\w`[*"(]/.test(block)

/** The first paragraph. */
const firstParagraph = (text: string): string | undefined =>
  withoutTitle(text).split(/\n{2,}/).find((block) => isParagraph(block.trim()))

/** The words for search engines and previews: whole sentences of the first paragraph, up to about 200 letters. */
export const descriptionOf = (text: string): string => {
  const [first = "", ...others] = plain(firstParagraph(text) ?? "").split(/(?<=[.:?!]) /)
  let all = first
  for (const sentence of others) {
    if (all.length + sentence.length > 200) break
    all += ` ${sentence}`
  }
  return all.replace(/:$/, ".")
}
