/**
 * What the guides show is what is run: each block of code stands in one of the examples.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

const root = new URL("..", import.meta.url).pathname

/** Guides do not indent what they quote. */
const read = (path: string): string => readFileSync(root + path, "utf8").replaceAll(/^ +/gm, "")

const examples = globSync("examples/src/**/*.ts", { cwd: root }).map(read)

describe("the guides", () => {
  for (const path of globSync("docs/*.md", { cwd: root })) {
    const text = read(path)
    it(`${path} shows code that is run`, () => {
      for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
        assert.isTrue(examples.some((example) => example.includes(code)), code)
      }
    })

    it(`${path} links to files that are there`, () => {
      for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        assert.isTrue(existsSync(join(root, dirname(path), link)), link)
      }
    })
  }
})
