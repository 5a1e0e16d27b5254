/**
 * The guides as pages of the site: their titles, their order, and where their links lead.
 */
import { existsSync, globSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import {
  type Application,
  Comment,
  type CommentDisplayPart,
  Converter,
  type DocumentReflection,
  type NormalizedPath,
  type Reflection,
  ReflectionKind,
  ValidatingFileRegistry
} from "typedoc"

const docs = join(import.meta.dirname, "..")
const root = join(docs, "..")
const repository = "https://github.com/effect-ownet/effect-ownet"

const index = join(docs, "README.md")

const linked = [...readFileSync(index, "utf8").matchAll(/\]\(([\w-]+\.md)/g)].map(([, name]) => join(docs, name))

/** The index of the chips, and a page for each of them, in the order of the index. */
const chipIndex = join(docs, "chips/README.md")
const chips = [
  ...new Set(
    [...readFileSync(chipIndex, "utf8").matchAll(/\]\((\w+\.md)\)/g)].map(([, name]) => join(docs, "chips", name))
  )
]

/** In the order in which the index of the guides has them, the index first; then whatever it does not have, and the chips. */
export const guides: ReadonlyArray<string> = [
  ...new Set([
    index,
    ...linked.filter((path) => existsSync(path)),
    ...globSync("*.md", { cwd: docs }).toSorted().map((name) => join(docs, name)),
    chipIndex,
    ...chips
  ])
]

/** What the site has of the repository's files. Links to others lead to the repository. */
const isOfSite = (path: string): boolean =>
  guides.includes(path) || path === join(root, "README.md") || path.startsWith(join(docs, "pictures/"))

class SiteFiles extends ValidatingFileRegistry {
  override getMediaPaths(): ReadonlyArray<NormalizedPath> {
    return [...super.getMediaPaths()].filter(isOfSite)
  }
}

const headingOf = (text: string): string | undefined => /^# (.*)$/m.exec(text)?.[1]?.replaceAll("`", "")

/** Guides are called by their first headings. */
const title = (guide: DocumentReflection): string => headingOf(Comment.combineDisplayParts(guide.content)) ?? guide.name

const chipsTitle = headingOf(readFileSync(chipIndex, "utf8"))

/** Whether it is the index of the chips. */
export const isOfChips = (parent: Reflection | undefined): boolean =>
  parent?.kindOf(ReflectionKind.Document) === true && parent.name === chipsTitle

const chipTitles = new Set(chips.map((path) => headingOf(readFileSync(path, "utf8"))))

/** The words of a page without its heading, which stands above them already. */
const withoutTitle = ([first, ...others]: ReadonlyArray<CommentDisplayPart>): Array<CommentDisplayPart> => [
  { kind: "text", text: first.text.replace(/^# .*\n/, "") },
  ...others
]

export const placeGuides = (app: Application): void => {
  app.files = new SiteFiles()

  const toRepository = (part: CommentDisplayPart): CommentDisplayPart => {
    const path = part.kind === "relative-link" && part.target !== undefined
      ? app.files.resolvePath(part.target)
      : undefined
    if (path === undefined || isOfSite(path)) return part
    return {
      kind: "text",
      text: `${repository}/${statSync(path).isDirectory() ? "tree" : "blob"}/main/${relative(root, path)}`
    }
  }

  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, guide: DocumentReflection) => {
    guide.name = title(guide)
    guide.content = guide.content.map(toRepository)
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const [index, ...others] = project.documents ?? []
    const ofChips = others.find(({ name }) => name === chipsTitle) ?? index
    for (const guide of others) {
      const above = chipTitles.has(guide.name) ? ofChips : index
      project.removeChild(guide)
      guide.parent = above
      above.addChild(guide)
    }
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    if (project.readme !== undefined) project.readme = withoutTitle(project.readme.map(toRepository))
  })
}

interface Token {
  readonly type: string
  content: string
  children: Array<Token> | null
}

/** What is needed of the parser of Markdown. */
interface Parser {
  readonly core: {
    readonly ruler: {
      readonly push: (
        name: string,
        rule: (state: {
          readonly tokens: ReadonlyArray<Token>
          readonly Token: new(type: string, tag: string, nesting: 0) => Token
        }) => void
      ) => void
    }
  }
}

/** The anchor of a heading, and its name beside the page, have the words that are set as code, too. */
export const nameHeadings = (parser: Parser): void => {
  parser.core.ruler.push("headings", ({ tokens, Token }) => {
    for (const [index, { type }] of tokens.entries()) {
      if (type !== "heading_open") continue
      for (const code of tokens[index + 1].children ?? []) {
        if (code.type !== "code_inline") continue
        const text = new Token("text", "", 0)
        text.content = code.content
        code.children = [text]
      }
    }
  })
}
