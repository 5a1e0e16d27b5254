/**
 * The start page: the README, whose first sections are the two doors, side by side.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Page, root } from "./links.ts"
import { descriptionOf, plain, titleOf, withoutTitle } from "./markdown.ts"

const doors = ["I have sensors", "I write Effect"]

export const start = (): Page => {
  const text = readFileSync(join(root, "README.md"), "utf8")
  const [words = "", ...sections] = withoutTitle(text).split(/^(?=## )/m)
  const isDoor = (section: string): boolean => doors.some((door) => section.startsWith(`## ${door}\n`))
  const toDoors = doors.map((door) => `[${door}](#${door.toLowerCase().replaceAll(" ", "-")})`)
  return {
    source: "README.md",
    route: "",
    title: plain(titleOf(text) ?? ""),
    body: [
      words,
      `<nav class="to-doors" aria-label="Start">\n\n${toDoors.join(" ")}\n\n</nav>`,
      "<div class=\"doors\">",
      ...sections.filter(isDoor).map((section) => `<section>\n\n${section}\n\n</section>`),
      "</div>",
      ...sections.filter((section) => !isDoor(section))
    ].join("\n\n"),
    data: { description: descriptionOf(text), tableOfContents: false, prev: false, next: false }
  }
}
