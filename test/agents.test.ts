/**
 * Checks the pages for coding agents: each program is one that is run, each name is exported, each module can be imported, and
 * each name that Effect is said to have removed is gone.
 */
import * as Core from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as CoreTesting from "@effect-ownet/core/testing"
import * as Hub from "@effect-ownet/hub"
import * as Node from "@effect-ownet/node"
import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import * as NodeBusServer from "@effect-ownet/node/NodeBusServer"
import * as NodeTesting from "@effect-ownet/node/testing"
import * as Platform from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as EffectPackage from "effect"
import * as Http from "effect/http"
import * as EffectTesting from "effect/testing"
import { existsSync, globSync, readFileSync } from "node:fs"
import { index, llms } from "../docs/llms.ts"

const root = new URL("..", import.meta.url).pathname

const textOf = (path: string): string => readFileSync(root + path, "utf8")

const pages = globSync("packages/*/AGENTS.md", { cwd: root })

/** A page without its code blocks. */
const proseOf = (page: string): string => textOf(page).replaceAll(/^```.*?^```$/gms, "")

const spansOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/`([^`\n]+)`/g), ([, span = ""]) => span)

const examples = globSync("examples/src/**/*.ts", { cwd: root }).map(textOf)

const ours: Readonly<Record<string, object>> = {
  ...Core,
  ...CoreTesting,
  ...Node,
  ...NodeTesting,
  ...Hub,
  Catalogue,
  NodeBrowse,
  NodeBusServer
}

const theirs: Readonly<Record<string, object>> = { ...EffectPackage, ...EffectTesting, ...Http, ...Platform }

/** Names with a dot, such as `Device.make`. */
const qualifiedOf = (spans: ReadonlyArray<string>): ReadonlyArray<readonly [module: string, name: string]> =>
  spans.flatMap((span) =>
    Array.from(
      span.matchAll(/(?<![\w./])([A-Z]\w*[a-z]\w*)\.([A-Za-z]\w*)/g),
      ([, module = "", name = ""]) => [module, name] as const
    )
  )

/** Whether an agent may take a span for a name: a module, a chip, an error, a reason. */
const said = (span: string): boolean => /^[A-Z]\w*[a-z]\w*$|^DS\w+$/.test(span)

const sources = globSync("packages/{core,hub,node}/src/**/*.ts", { cwd: root }).map(textOf).join("\n")

/** The tables of a page, by the first word of their headers. */
const tableOf = (page: string, head: string): ReadonlyArray<ReadonlyArray<string>> => {
  const [, rows = ""] = new RegExp(`^\\| ${head} +\\|.*\\n\\|[ |-]+\\n((?:\\|.*\\n)+)`, "m").exec(textOf(page)) ?? []
  return rows.trim().split("\n").map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()))
}

const core = "packages/core/AGENTS.md"

/** All options of a client, as the compiler knows them. */
const options: Readonly<Record<keyof Core.OwClient.Options, true>> = {
  connectTimeout: true,
  flags: true,
  idleTimeout: true,
  lazy: true,
  maxConnections: true,
  maxPayload: true,
  metrics: true,
  readOnly: true,
  retry: true,
  silenceTimeout: true,
  timeout: true
}

describe("AGENTS.md", () => {
  it("is in each package, and packed with it", () => {
    const packages = globSync("packages/*/package.json", { cwd: root })
    assert.sameMembers(pages, packages.map((path) => path.replace("package.json", "AGENTS.md")))
    for (const path of packages) assert.include(JSON.parse(textOf(path)).files, "AGENTS.md", path)
    assert.include(JSON.parse(textOf("packages/core/package.json")).files, "llms.txt")
  })

  for (const page of pages) {
    it(`${page} shows programs that are run`, () => {
      for (const [, code = ""] of textOf(page).matchAll(/^```ts\n(.*?)^```$/gms)) {
        assert.isTrue(examples.some((example) => example.includes(code)), code)
      }
    })

    it(`${page} names what is exported`, () => {
      const prose = proseOf(page).replaceAll(/^\| Effect 3 .*\n(?:\|.*\n)+/gm, "")
      const unknown = qualifiedOf(spansOf(prose)).filter(([module, name]) => {
        const own = ours[module]
        if (own !== undefined) return !(name in own)
        const other = theirs[module]
        return other === undefined || !(name in other)
      })
      assert.deepStrictEqual(unknown, [])
      const names = spansOf(prose).filter(said).filter((name) =>
        !(name in ours) && !(name in theirs) && !(name in Families) &&
        !new RegExp(`(?:class |_tag: "|Reason\\(")${name}\\b|"${name}"`).test(sources) &&
        !(name in globalThis)
      )
      assert.deepStrictEqual(names, [])
    })

    it(`${page} names modules that can be imported`, async () => {
      const paths = new Set(
        spansOf(proseOf(page)).flatMap((span) =>
          Array.from(span.matchAll(/(?<!node_modules\/)@effect-ownet\/(?:core|node|hub)(?:\/\w+)*/g), ([path]) => path)
        )
      )
      const modules = await Promise.all(Array.from(paths, (path) => import(path)))
      for (const module of modules) assert.isNotEmpty(Object.keys(module))
    })

    it(`${page} leads to files that are there`, () => {
      for (const [, path = ""] of textOf(page).matchAll(/effect-ownet\/effect-ownet\/main\/([\w./-]+)/g)) {
        assert.isTrue(existsSync(root + path), path)
      }
      for (
        const [, name = "", path = ""] of textOf(page).matchAll(/node_modules\/@effect-ownet\/(\w+)\/([\w./-]*\w)/g)
      ) {
        assert.isTrue(existsSync(`${root}packages/${name}/${path}`), path)
      }
    })
  }

  it("has eleven programs, all that are there", () => {
    const programs = globSync("examples/src/agents/*.ts", { cwd: root }).filter((path) =>
      !path.endsWith("agents.test.ts")
    )
    const shown = textOf(core)
    assert.deepStrictEqual(programs.filter((path) => !shown.includes(textOf(path))), [])
    assert.lengthOf([...shown.matchAll(/^### \d+\. /gm)], 11)
  })

  it("has all options of a client, and no others", () => {
    assert.sameMembers(tableOf(core, "option").map(([name = ""]) => name.replaceAll("`", "")), Object.keys(options))
  })

  it("has all errors with all their reasons", () => {
    const reasonsOf = (
      schema: {
        readonly members: ReadonlyArray<
          { readonly fields: { readonly _tag: { readonly schema: { readonly literal: string } } } }
        >
      }
    ) => schema.members.map(({ fields }) => fields._tag.schema.literal)
    const shown = new Map(
      tableOf(core, "tag").map(([error = "", reasons = ""]) => [spansOf(error)[0] ?? "", spansOf(reasons)] as const)
    )
    assert.deepStrictEqual([...shown.keys()], [
      "OwnetError",
      "OwnetTimeout",
      "ConnError",
      "ProtocolError",
      "ArgumentError",
      "DeviceError"
    ])
    assert.sameMembers([...shown.get("OwnetError") ?? []], reasonsOf(Core.OwError.OwnetReason))
    assert.sameMembers([...shown.get("OwnetTimeout") ?? []], reasonsOf(Core.OwError.TimeoutReason))
    assert.sameMembers([...shown.get("ConnError") ?? []], reasonsOf(Core.OwError.ConnReason))
    assert.sameMembers([...shown.get("ProtocolError") ?? []], reasonsOf(Core.OwError.ProtocolReason))
    assert.sameMembers([...shown.get("DeviceError") ?? []], reasonsOf(Core.DeviceError.DeviceReason))
  })

  it("says truly what is gone from Effect, and what came for it", () => {
    const table = tableOf(core, "Effect 3")
    assert.isAbove(table.length, 15)
    for (const [before = "", now = ""] of table) {
      for (const [module, name] of qualifiedOf([before])) assert.notProperty(theirs[module], name)
      for (const [module, name] of qualifiedOf([now])) assert.property(theirs[module], name)
    }
  })
})

describe("llms.txt", () => {
  it("is the index of the guides: node docs/llms.ts writes it", () => {
    assert.strictEqual(textOf("packages/core/llms.txt"), llms(index))
  })

  it("has a title, a summary, and links in groups", () => {
    const [title = "", summary = "", ...rest] = textOf("packages/core/llms.txt").split("\n\n")
    assert.match(title, /^# .+$/)
    assert.match(summary, /^> .+/)
    const links = rest.join("\n").split("\n").filter((line) => line.startsWith("- "))
    assert.isAbove(links.length, 30)
    for (const link of links) {
      const [, path = ""] =
        /^- \[[^\]]+\]\(https:\/\/raw\.githubusercontent\.com\/effect-ownet\/effect-ownet\/main\/([^)]+\.md)\): .+/
          .exec(link) ?? []
      assert.isTrue(path.startsWith("docs/chips/") || existsSync(root + path), link)
    }
  })
})
