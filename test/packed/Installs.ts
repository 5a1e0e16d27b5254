/** Lines of the guides that get these packages, from a registry or as tarballs. */
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Whether a line of a shell gets our packages. */
export const isInstallOfOurs = (line: string): boolean =>
  /^(?:sudo )?(?:(?:npm|pnpm|yarn) (?:install|add|i)|bun add|deno add|(?:npx|bunx|pnpm dlx)(?! .*\bpnpm@))\b.*(?:@effect-ownet\/|\/effect-ownet-)/
    .test(line)

export interface Install {
  /** As it stands, without a comment. */
  readonly line: string
  /** Where it stands first. */
  readonly place: string
}

/** All lines in Markdown and in a Dockerfile that get our packages, in code or within a sentence, each of them once. */
export const installsOf = (root: string): ReadonlyArray<Install> => {
  const files = Fs.globSync(["*.md", "Dockerfile", "docs/{*,recipes/*}.md", "examples/**/*.md", "packages/*/*.md"], {
    cwd: root,
    exclude: (name) => /node_modules|CHANGELOG/.test(name)
  })
  const found = new Map<string, string>()
  for (const file of files.toSorted()) {
    for (const [index, text] of Fs.readFileSync(Path.join(root, file), "utf8").split("\n").entries()) {
      const candidates = [
        text.replace(/^RUN /, "").replace(/^\$ /, ""),
        ...Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => code)
      ]
      for (const candidate of candidates) {
        const line = candidate.replace(/\s#.*$/, "").trim()
        if (isInstallOfOurs(line) && !found.has(line)) found.set(line, `${file}:${index + 1}`)
      }
    }
  }
  return Array.from(found, ([line, place]) => ({ line, place }))
}
