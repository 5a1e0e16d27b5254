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
import { examples } from "./pages/examples.ts"
import { chipsSource, examplesSource, groups, guides } from "./pages/guides.ts"
import { base, linker, origin, type Page, pictures, repository, root } from "./pages/links.ts"
import { modulesOf, pageOf, usesOf } from "./pages/modules.ts"
import { start } from "./pages/start.ts"
import { packages } from "./typedoc/modules.ts"
import type { Module } from "./typedoc/reference.ts"

const here = import.meta.dirname
const website = join(here, "website")
const content = join(website, "content/docs")
const assets = join(website, "public")

/** Writes a page for Starlight. */
const write = ({ body, data, source, title }: Page, file: string): void => {
  const isFile = existsSync(join(root, source))
  const editUrl = isFile ? `${repository}/${source.endsWith(".md") ? "edit" : "tree"}/main/${source}` : false
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `---\n${JSON.stringify({ title, editUrl, ...data })}\n---\n\n${body}\n`)
}

/** Scrolls the navigation to the page that is shown. */
const showCurrent =
  "document.querySelector(\"#starlight__sidebar [aria-current=page]\")?.scrollIntoView({ block: \"nearest\" })"

const folder = (label: string, directory: string) => ({
  label,
  collapsed: true,
  items: [{ autogenerate: { directory, collapsed: true } }]
})

/** The groups of the guides, in which the devices and the examples are folders, and the modules. */
const navigation = (routes: ReadonlyMap<string, string>) => {
  const folderOf = new Map([[chipsSource, "chips"], [examplesSource, "examples"]])
  return [
    ...groups.map(({ items, title }, index) => ({
      label: title,
      collapsed: index > 0,
      items: items.map(({ label, source }) => {
        const directory = folderOf.get(source)
        return directory === undefined ? { label, slug: routes.get(source) ?? source } : folder(label, directory)
      })
    })),
    {
      label: "Modules",
      collapsed: true,
      items: packages.map((name) => folder(`@effect-ownet/${name}`, `reference/${name}`))
    }
  ]
}

/** Builds the site with these modules in its reference. Gives the links that lead nowhere. */
export const buildSite = async (modules: ReadonlyArray<Module>): Promise<ReadonlyArray<string>> => {
  const uses = usesOf(guides, modules)
  const pages = [
    start(),
    ...guides.map((guide) => ({ ...guide, body: `${guide.body}\n\n${modulesOf(guide, uses)}` })),
    ...examples,
    ...modules.map((module) => pageOf(module, uses))
  ]
  const routes = new Map(pages.map(({ route, source }) => [source, route]))
  const folders = new Set(pages.map(({ route }) => dirname(`/${route}`)))
  const fileOf = ({ route }: Page): string =>
    join(content, folders.has(`/${route}`) ? `${route}/index.md` : `${route}.md`)
  const sources = new Map(pages.map((page) => [fileOf(page), page.source]))
  const lost = new Set<string>()
  const onLost = (source: string, link: string): unknown => lost.add(`${source}: ${link}`)
  const toSite = linker(routes, onLost)

  rmSync(join(website, "content"), { recursive: true, force: true })
  rmSync(assets, { recursive: true, force: true })
  rmSync(join(here, "node_modules/.astro"), { recursive: true, force: true })
  for (const page of pages) write(page, fileOf(page))
  cpSync(join(root, pictures), join(assets, relative("docs", pictures)), { recursive: true })
  cpSync(join(here, "favicon.svg"), join(assets, "favicon.svg"))
  cpSync(join(root, "packages/core/llms.txt"), join(assets, "llms.txt"))

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
      sidebar: navigation(routes),
      head: [{ tag: "script", attrs: { type: "module" }, content: showCurrent }],
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
