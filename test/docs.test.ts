/**
 * Checks that the guides show code that is run: each block of code is in one of the examples, and each link has a target.
 */
import { HubFile } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const root = new URL("..", import.meta.url).pathname

const textOf = (path: string): string => readFileSync(join(root, path), "utf8")

/** Blocks of YAML, including those within lists. */
const unindentedBlocks = (text: string): ReadonlyArray<string> =>
  Array.from(
    text.matchAll(/^( *)```ya?ml\n(.*?)^ *```$/gms),
    ([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), "")
  )

/** Removes the indentation, because guides do not indent their quotes. */
const unindented = (text: string): string => text.replaceAll(/^ +/gm, "")

const examples = globSync("examples/src/**/*.ts", { cwd: root }).map((path) => unindented(textOf(path)))

const guides = globSync("docs/{*,recipes/*}.md", { cwd: root })

const pages = [...guides, ...globSync(["*.md", "examples/README.md", "packages/*/README.md"], { cwd: root })]

/** Pages that a script writes. Their programs are compiled with those of the doc comments. */
const written = globSync("docs/chips/*.md", { cwd: root })

/** A page without its quotes, in which headings and links have no meaning. */
const proseOf = (path: string): string => textOf(path).replaceAll(/^ *```.*?^ *```$/gms, "")

/** The anchors of the headings of a page, by the rules of GitHub. */
const anchorsOf = (path: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, heading = ""] of proseOf(path).matchAll(/^#+ +(.*)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const anchor = plain.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-")
    let unique = anchor
    for (let times = 1; anchors.has(unique); times++) unique = `${anchor}-${times}`
    anchors.add(unique)
  }
  return anchors
}

/** Links of a package's page to this repository. They are absolute, because the page is also read elsewhere. */
const ownAddress = /^https:\/\/github\.com\/effect-ownet\/effect-ownet(?:\/blob\/main\/|(?=#))/

/** The problem of a link of a page. */
const problemOf = (path: string, link: string): string | undefined => {
  const isOwn = ownAddress.test(link)
  if (/^[a-z]+:/.test(link) && !isOwn) return undefined
  const [file = "", anchor] = link.replace(ownAddress, "").split("#")
  const target = isOwn ? file || "README.md" : file === "" ? path : join(dirname(path), file)
  if (!existsSync(join(root, target))) return `no ${target}`
  if (anchor === undefined || isOwn && anchor === "readme") return undefined
  return anchorsOf(target).has(anchor) ? undefined : `${target} has no heading ${anchor}`
}

const yaml = [...guides, "README.md", "examples/README.md", "SECURITY.md"].flatMap((path) =>
  Array.from(unindentedBlocks(textOf(path)), (block) => ({ path, block }))
)

/** Whether a block belongs to the file of secrets, by its first key. */
const isSecrets = (block: string): boolean => block.startsWith("token:")
const isOfOthers = (block: string): boolean => /^(?:scrape_configs|triggers):/.test(block) || isSecrets(block)

/** Secrets of the file that the guide shows, with those of the blocks. */
const secrets = new Map(
  yaml.filter(({ block }) => isSecrets(block)).flatMap(({ block }) =>
    Array.from(block.matchAll(/^(\w+): (.*)$/gm), ([, key = "", value = ""]) => [key, value] as const)
  )
)

/** Part of a hub.yaml, as a whole file. */
const wholeOf = (block: string): string => /^version:/m.test(block) ? block : `version: 1\n${block}`

describe("the guides", () => {
  it("show files for the hub", () => {
    assert.isAbove(secrets.size, 1)
    assert.isAbove(yaml.filter(({ block }) => !isOfOthers(block)).length, 10)
  })

  for (const { block, path } of yaml.filter(({ block }) => !isOfOthers(block))) {
    it(`${path} shows what a hub takes: ${block.split("\n").find((line) => !/^(?:version:|#)/.test(line))}`, () => {
      const read = HubFile.parse(wholeOf(block), {
        secret: (file, key) => Result.fromNullishOr(secrets.get(key), () => `${file} of the guide has no ${key}`)
      })
      assert.deepStrictEqual(Result.isFailure(read) ? read.failure : [], [])
      assert.deepStrictEqual(Result.isSuccess(read) ? read.success.warnings : [], [])
    })
  }

  for (const path of pages) {
    it(`${path} shows code that is run`, () => {
      for (const [, code = ""] of unindented(textOf(path)).matchAll(/^```ts\n(.*?)^```$/gms)) {
        assert.isTrue(examples.some((example) => example.includes(code)), code)
      }
    })
  }

  for (const path of [...pages, ...written]) {
    it(`${path} links to what is there`, () => {
      for (const [, link = ""] of proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)) {
        assert.isUndefined(problemOf(path, link), link)
      }
    })
  }

  it("are all in the index", () => {
    const links = new Set(
      Array.from(textOf("docs/README.md").matchAll(/\]\(([^)#]+)\)/g), ([, link]) => `docs/${link}`)
    )
    const missing = guides.filter((path) => path !== "docs/README.md" && !links.has(path))
    assert.deepStrictEqual(missing, [])
  })
})
