/**
 * Writes `packages/core/llms.txt`, which leads programs that read for others to the guides: the index of the guides, with addresses that
 * hold anywhere.
 *
 *     node docs/llms.ts
 */
import { readFileSync, writeFileSync } from "node:fs"

const root = new URL("..", import.meta.url)

const raw = "https://raw.githubusercontent.com/effect-ownet/effect-ownet/main/"

const head = `# effect-ownet

> Typed access to 1-Wire networks from Effect 4.1 (TypeScript): thermometers, switches, counters and other chips, behind OWFS's
> owserver or on the Linux kernel's own bus. With it come the command line \`ow\` and a hub with history, a live page, MQTT and metrics.

To write programs, begin with [AGENTS.md](${raw}packages/core/AGENTS.md): names, errors, ten whole programs, and mistakes to avoid.
`

/** The groups of an index with their links, as a file by the rules of llmstxt.org. */
export const llms = (index: string): string => {
  const groups = index.slice(index.indexOf("\n## ")).trim()
  return `${head}\n${
    groups.replaceAll(/\]\(([^)\s]+)\)/g, (_, path: string) => `](${new URL(path, `${raw}docs/`).href})`)
  }\n`
}

export const index: string = readFileSync(new URL("docs/README.md", root), "utf8")

export const file: URL = new URL("packages/core/llms.txt", root)

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(file, llms(index))
