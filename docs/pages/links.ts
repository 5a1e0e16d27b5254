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

/** Where files lie that are pictures of pages. */
export const pictures = "docs/pictures"

/**
 * Makes what turns a link of a page into one of the site: to another page, to a picture, or to a file of the repository. Links to
 * nothing are given to `onLost`.
 */
export const linker = (
  routes: ReadonlyMap<string, string>,
  onLost: (source: string, link: string) => void
) =>
(source: string, link: string): string => {
  if (/^(?:[a-z][a-z+.-]*:|#|\/)/i.test(link)) return link
  const [path = "", anchor] = link.split("#")
  const target = relative(".", join(dirname(source), decodeURI(path))).replace(/\/$/, "")
  const hash = anchor === undefined ? "" : `#${anchor}`
  // The page of an example has all files of its folder.
  const folder = /^examples\/src\/[^/]*(?=\/)/.exec(target)?.[0] ?? target
  const route = routes.get(target) ?? routes.get(`${folder}/README.md`)
  if (route !== undefined) return `${base}/${route}${route === "" ? "" : "/"}${hash}`
  const file = join(root, target)
  if (!existsSync(file)) onLost(source, link)
  else if (target.startsWith(`${pictures}/`)) return `${base}/${relative("docs", target)}`
  else return `${repository}/${statSync(file).isDirectory() ? "tree" : "blob"}/main/${target}${hash}`
  return link
}
