/**
 * Where the links of the repository's Markdown lead on the site.
 */
import { existsSync, statSync } from "node:fs"
import { dirname, join, relative } from "node:path"

export const root = join(import.meta.dirname, "../..")

/** Address of the published site, and its path there. */
export const origin = "https://effect-ownet.github.io"
export const base = "/effect-ownet"

export const repository = "https://github.com/effect-ownet/effect-ownet"

/** What a page is made of. Its source is a path in the repository, or below `reference/` for what is generated. */
export interface Page {
  readonly source: string
  /** Its address below the site's, without slashes around it. */
  readonly route: string
  readonly title: string
  readonly body: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** The address of a page. */
export const addressOf = (route: string): string => route === "" ? `${base}/` : `${base}/${route}/`

/** Where files lie that are pictures of pages. */
export const pictures = "docs/pictures"

const toRepository = (path: string): string | undefined => {
  const file = join(root, path)
  if (!existsSync(file)) return undefined
  return `${repository}/${statSync(file).isDirectory() ? "tree" : "blob"}/main/${path}`
}

/**
 * Makes what turns a link of a page into one of the site: to another page, to a picture, or to a file of the repository. Links to
 * nothing are given to `onLost`.
 */
export const linker = (
  routes: ReadonlyMap<string, string>,
  /** Files that are parts of pages, with their addresses below the site's. */
  files: ReadonlyMap<string, string>,
  onLost: (source: string, link: string) => void
) =>
(source: string, link: string): string => {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(link)) return link
  const [path = "", anchor] = link.split("#")
  const target = relative(".", join(dirname(source), decodeURI(path))).replace(/\/$/, "")
  const hash = anchor === undefined ? "" : `#${anchor}`
  const route = routes.get(target) ?? routes.get(join(target, "README.md"))
  if (route !== undefined) return addressOf(route) + hash
  const part = files.get(target)
  if (part !== undefined && anchor === undefined) return `${base}/${part}`
  if (target.startsWith(`${pictures}/`) && existsSync(join(root, target))) {
    return `${base}/${relative("docs", target)}`
  }
  const file = toRepository(target)
  if (file === undefined) onLost(source, link)
  return (file ?? link) + hash
}
