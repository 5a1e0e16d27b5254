/**
 * The start page: the README, whose title, first paragraph and first picture are its head.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { addressOf, type Page, root } from "./links.ts"
import { descriptionOf, firstParagraph, plain, titleOf, withoutTitle } from "./markdown.ts"

const source = "README.md"

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  plain(heading).toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-")

/** The headings that are doors: buttons at the top lead to them. */
const doors = ["I have sensors", "I write Effect"]

export const start = (): Page => {
  const text = readFileSync(join(root, source), "utf8")
  const tagline = firstParagraph(text) ?? ""
  const [line = "", alt = "", picture = ""] = /^!\[([^\]]*)\]\((docs\/pictures\/[^)]*)\)$/m.exec(text) ?? []
  const headings = new Set(Array.from(text.matchAll(/^## (.*)$/gm), ([, heading]) => heading))
  return {
    source,
    route: "",
    title: plain(titleOf(text) ?? "effect-ownet"),
    body: withoutTitle(text).replace(tagline, "").replace(line, ""),
    data: {
      description: descriptionOf(text),
      tableOfContents: false,
      prev: false,
      next: false,
      hero: {
        tagline: plain(tagline),
        image: { html: `<img src="${addressOf("")}${picture.replace("docs/", "")}" alt="${alt}">` },
        actions: doors.filter((door) => headings.has(door)).map((door, index) => ({
          text: door,
          link: `#${anchorOf(door)}`,
          variant: index === 0 ? "primary" : "secondary"
        }))
      }
    }
  }
}
