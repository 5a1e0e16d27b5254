/**
 * Builds the site: the guides, the examples, and the reference of everything that can be imported.
 *
 *     node docs/build.ts
 *
 * An undocumented export or a dead link makes the build fail.
 */
import { satteri } from "@astrojs/markdown-satteri"
import starlight from "@astrojs/starlight"
import { build } from "astro"
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { exampleFiles, examples } from "./pages/examples.ts"
import { guides } from "./pages/guides.ts"
import { base, linker, origin, type Page, pictures, repository, root } from "./pages/links.ts"
import { below, pageOf, usesOf } from "./pages/modules.ts"
import { navigation } from "./pages/navigation.ts"
import { start } from "./pages/start.ts"
import type { Module } from "./typedoc/reference.ts"

const here = import.meta.dirname
const website = join(here, "website")
const content = join(website, "content/docs")
const assets = join(website, "public")

const fileOf = ({ route }: Page): string => join(content, `${route === "" ? "index" : route}.md`)

const write = (page: Page): void => {
  const { body, data, source, title } = page
  const isFile = existsSync(join(root, source))
  const editUrl = isFile ? `${repository}/${source.endsWith(".md") ? "edit" : "tree"}/main/${source}` : false
  const frontMatter = JSON.stringify({ title, editUrl, ...data })
  mkdirSync(dirname(fileOf(page)), { recursive: true })
  writeFileSync(fileOf(page), `---\n${frontMatter}\n---\n\n${body}\n`)
}

/** What is copied as it is. */
const copyAssets = (): void => {
  cpSync(join(root, pictures), join(assets, relative("docs", pictures)), { recursive: true })
  cpSync(join(here, "favicon.svg"), join(assets, "favicon.svg"))
  const llms = join(root, "packages/core/llms.txt")
  if (existsSync(llms)) cpSync(llms, join(assets, "llms.txt"))
}

/** `/` opens the search, as Ctrl+K does. */
const slash = `addEventListener("keydown", (event) => {
  const { target } = event
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return
  if (target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return
  event.preventDefault()
  document.querySelector("button[data-open-modal]")?.click()
})`

/** Builds the site with these modules in its reference. Gives the links that lead nowhere. */
export const buildSite = async (modules: ReadonlyArray<Module>): Promise<ReadonlyArray<string>> => {
  const uses = usesOf(guides, modules)
  const pages = [
    start(),
    ...uses.map((one) => ({ ...one.guide, body: one.guide.body + below(one) })),
    ...examples,
    ...modules.map((module) => pageOf(module, uses))
  ]
  const routes = new Map(pages.map(({ route, source }) => [source, route]))
  const sources = new Map(pages.map((page) => [fileOf(page), page.source]))
  const lost = new Set<string>()
  const onLost = (source: string, link: string): unknown => lost.add(`${source}: ${link}`)
  const toSite = linker(routes, exampleFiles, onLost)

  rmSync(join(website, "content"), { recursive: true, force: true })
  rmSync(assets, { recursive: true, force: true })
  rmSync(join(here, "node_modules/.astro"), { recursive: true, force: true })
  pages.forEach(write)
  copyAssets()

  await build({
    configFile: false,
    root: here,
    srcDir: website,
    publicDir: assets,
    outDir: join(here, "site"),
    site: origin,
    base,
    trailingSlash: "always",
    logLevel: "warn",
    image: { service: { entrypoint: "astro/assets/services/noop" } },
    markdown: {
      processor: satteri({
        features: { smartPunctuation: false },
        mdastPlugins: [({ fileURL }) => {
          const source = fileURL === undefined ? undefined : sources.get(fileURLToPath(fileURL))
          if (source === undefined) return { name: "links" }
          const toUrl = (node: { readonly url: string }): string => toSite(source, node.url)
          return {
            name: "links",
            link: (node, context) => context.setProperty(node, "url", toUrl(node)),
            image: (node, context) => context.setProperty(node, "url", toUrl(node)),
            definition: (node, context) => context.setProperty(node, "url", toUrl(node))
          }
        }]
      })
    },
    integrations: [starlight({
      title: "effect-ownet",
      description: "1-Wire devices from Effect programs, from the command line, and on a page in the browser.",
      favicon: "/favicon.svg",
      social: [{ icon: "github", label: "GitHub", href: repository }],
      customCss: [join(website, "site.css")],
      routeMiddleware: [join(website, "sidebar.ts")],
      sidebar: navigation(pages, modules) as never,
      head: [{ tag: "script", content: slash }],
      components: { SocialIcons: join(website, "Links.astro") },
      expressiveCode: { shiki: { langAlias: { promql: "text" } } }
    })]
  })
  return [...lost]
}

if (import.meta.main) {
  process.env["ASTRO_TELEMETRY_DISABLED"] = "1"
  const { reference } = await import("./typedoc/reference.ts")
  const modules = await reference()
  const lost = modules === undefined ? ["the comments"] : await buildSite(modules)
  for (const link of lost) process.stderr.write(`${link} leads nowhere\n`)
  if (lost.length > 0) process.exitCode = 1
}
