/**
 * Checks the code in doc comments and in the pages of the chips: each fence of TypeScript is a module of one program that must
 * compile, and each expression must have the result in its comment (`// =>`).
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"

const root = join(import.meta.dirname, "..")

interface Fence {
  readonly file: string
  readonly line: number
  readonly code: string
}

const sources = globSync("packages/{core,hub,node}/src/**/*.ts", { cwd: root }).toSorted()

/** Programs in the pages of the chips. */
const ofChips: ReadonlyArray<Fence> = globSync("docs/chips/*.md", { cwd: root }).toSorted().flatMap((file) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    file,
    line: match.input.slice(0, match.index).split("\n").length + 1,
    code: match[1]
  }))
)

const fences: ReadonlyArray<Fence> = [
  ...ofChips,
  ...sources.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms)].map((match) => ({
      file,
      line: match.input.slice(0, match.index).split("\n").length + 1,
      code: match[1].replaceAll(/^ *\* ?/gm, "")
    }))
  )
]

// From this folder, all imports of the examples are found.
const folder = mkdtempSync(join(import.meta.dirname, ".doc-comments-"))
afterAll(() => rmSync(folder, { recursive: true }))

const nameOf = ({ file, line }: Fence): string => `${file.replaceAll("/", "_").replace(/\.(?:ts|md)$/, "")}_${line}`

const compile = (): ReadonlyArray<string> => {
  // Each fence has the same line numbers as in its source.
  for (const fence of fences) {
    writeFileSync(join(folder, `${nameOf(fence)}.ts`), "\n".repeat(fence.line - 1) + fence.code)
  }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: {
        composite: false,
        declarationMap: false,
        noEmit: true,
        types: ["node"],
        // An example need not use its results.
        noUnusedLocals: false
      },
      files: fences.map((fence) => `${nameOf(fence)}.ts`)
    })
  )
  const { status, stderr, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--pretty", "false", "-p", "."], {
    cwd: folder,
    encoding: "utf8"
  })
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"))
  assert.strictEqual(status === 0, errors.length === 0, stdout + stderr)
  return errors
}

/** An expression on a separate line, and its result. */
const shown = /^([^\s/})].*?) \/\/ => (.*)$/gm

/** A module with the result of each expression next to the documented one. */
const observed = ({ code }: Fence): string => {
  const body = code.replaceAll(
    shown,
    (_, expression: string, said: string) =>
      `observed.push([${expression}, ${said.replaceAll("...", "")}, ${/\.(\d+)\.\.\./.exec(said)?.[1].length}])`
  )
  const names = ["Option", "Result"].filter((name) => !new RegExp(`^import .*\\b${name}\\b`, "m").test(code))
  return `import { ${names.join(", ")} } from "effect"\nexport const observed: Array<unknown> = []\n${body}`
}

/** A value as it is printed, with each number cut off after some decimals. */
const cut = (value: unknown, decimals: number): string =>
  JSON.stringify(value).replaceAll(
    /(\d+\.)(\d+)/g,
    (_, whole: string, part: string) => String(Number(whole + part.slice(0, decimals)))
  )

describe("the doc comments", () => {
  const errors = compile()

  for (const fence of fences) {
    it(`compiles: ${fence.file}:${fence.line}`, () => {
      assert.deepStrictEqual(errors.filter((error) => error.startsWith(`${nameOf(fence)}.ts(`)), [])
    })
  }

  it("cause no errors elsewhere", () => {
    assert.deepStrictEqual(
      errors.filter((error) => !fences.some((fence) => error.startsWith(`${nameOf(fence)}.ts(`))),
      []
    )
  })

  for (const fence of fences.filter(({ code }) => code.search(shown) >= 0)) {
    it(`comes of it what it says: ${fence.file}:${fence.line}`, async () => {
      const file = join(folder, `${nameOf(fence)}-observed.ts`)
      writeFileSync(file, observed(fence))
      const module: { readonly observed: ReadonlyArray<readonly [unknown, unknown, number | undefined]> } =
        await import(file)
      for (const [actual, said, decimals] of module.observed) {
        if (decimals === undefined) assert.deepStrictEqual(actual, said)
        else assert.strictEqual(cut(actual, decimals), cut(said, decimals))
      }
    })
  }

  // Re-exported names have their examples where they are defined, and tables of names need none.
  const modules = sources.filter((file) => !/\/internal\/|\/index\.ts$|\/Families\.ts$/.test(file))
  for (const file of modules) {
    it(`have an example: ${file}`, () => {
      assert.isTrue(fences.some((fence) => fence.file === file))
    })
  }
})
