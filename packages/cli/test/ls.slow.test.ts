/**
 * Paths: listed, drawn and asked for, by `ls`, `get`, `tree` and `exists`.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const args = ["--tester=28,10,1F"]
const thermometer = "/28.000028D70000"
const hub = "/1F.00001FE00200"

const linesOf = (entries: ReadonlyArray<string>): string => entries.map((entry) => `${entry}\n`).join("")

for (const backend of owserver.backends) {
  const serve = (args: ReadonlyArray<string>) =>
    Effect.map(owserver.serveBy(backend)(args), ({ ow: client, server }) => ({
      client,
      env: { OWSERVER: `${server.host}:${server.port}` },
      run: ow.at(server),
      print: (args: ReadonlyArray<string>) => Effect.map(ow.at(server)(args), ow.resultOf)
    }))

  backend.describe(`paths at ${backend.name}`, () => {
    it.live("are listed in full, a directory with a slash", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve(args)
        const devices = yield* client.dir("/")
        assert.sameMembers([...devices], [`${thermometer}/`, "/10.000010EF0100/", `${hub}/`])
        assert.strictEqual(yield* print(["ls"]), linesOf(devices))
        assert.strictEqual(yield* print(["get"]), linesOf(devices))
        assert.strictEqual(yield* print(["ls", "--json"]), `${JSON.stringify({ path: "/", entries: devices })}\n`)
        const all = yield* client.dir("/", { bus: true })
        assert.include(all, "/settings/")
        assert.strictEqual(yield* print(["ls", "-a"]), linesOf(all))
        assert.strictEqual(yield* print(["get", "--all", "/"]), linesOf(all))
        const properties = yield* client.dir(thermometer)
        assert.include(properties, `${thermometer}/temperature`)
        // As it is listed, and as it is typed.
        assert.strictEqual(yield* print(["ls", `${thermometer}/`, "--uncached"]), linesOf(properties))
        assert.strictEqual(yield* print(["get", thermometer.slice(1)]), linesOf(properties))
      }), timeout)

    it.live("have ROM ids in the format that is asked for", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve(args)
        const entries = yield* client.dir("/", { flags: { deviceFormat: "fi.c" } })
        assert.isTrue(entries.every((entry) => /^\/[0-9A-F]{14}\.[0-9A-F]{2}\/$/.test(entry)))
        assert.strictEqual(yield* print(["ls", "--format", "fi.c"]), linesOf(entries))
        const [id] = entries
        const drawn = yield* print(["tree", "-f=fi.c", "--depth=1", "--json"])
        assert.deepInclude(ow.jsonOf(drawn), { path: id, kind: "directory" })
      }), timeout)

    it.live("are drawn as the tree that they are", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve(args)
        const all: Array<string> = []
        const visit = (path: string): Effect.Effect<void, unknown> =>
          Effect.flatMap(client.dir(path), (entries) =>
            Effect.forEach(entries, (entry) => {
              all.push(entry)
              // The real server's hub has itself for one of its own devices.
              return entry.endsWith("/") && entry.split(hub).length < 3 ? visit(entry.slice(0, -1)) : Effect.void
            }, { discard: true }))
        yield* visit("/")
        const json = yield* print(["tree", "--json"])
        assert.deepStrictEqual(
          ow.jsonOf(json),
          all.map((path) => ({ path, kind: path.endsWith("/") ? "directory" : "property" }))
        )

        // A drawing, read back: what stands where, below what.
        const [root, ...drawn] = (yield* print(["tree"])).trimEnd().split("\n")
        assert.strictEqual(root, "/")
        const above: Array<string> = []
        const paths = drawn.map((line) => {
          const [, indent, name] = /^((?:│ {3}| {4})*)(?:├── |└── )(.+)$/.exec(line)!
          above.length = indent.length / 4
          above.push(name)
          return `/${above.map((name) => name.replace(/\/$/, "")).join("/")}${name.endsWith("/") ? "/" : ""}`
        })
        assert.deepStrictEqual(paths, all)
        assert.match(drawn.at(-1)!, /^ {4,}└── /)

        const level = yield* print(["tree", "--depth", "1", hub.slice(1)])
        const entries = yield* client.dir(hub)
        const names = entries.map((entry) => entry.slice(hub.length + 1))
        const [last] = names.splice(-1)
        assert.strictEqual(level, linesOf([hub, ...names.map((name) => `├── ${name}`), `└── ${last}`]))
      }), timeout)

    it.live("are the same on a terminal, where directories are bold", () =>
      Effect.gen(function*() {
        const { client, env, print } = yield* serve(args)
        const shown = Effect.fnUntraced(function*(args: ReadonlyArray<string>, more: Readonly<Record<string, string>>) {
          const { exit, raw } = yield* ow.onTerminal(args, { env: { ...env, ...more } })
          assert.strictEqual(yield* exit, 0)
          return (yield* raw).replaceAll("\r\n", "\n")
        })
        const piped = yield* print(["tree", hub])
        const bold = piped.replaceAll(/(?<=^|├── |└── )(\/.*|[^ ]+\/)$/gm, "\u001B[1m$1\u001B[22m")
        assert.include(bold, "── \u001B[1mmain/\u001B[22m\n")
        assert.strictEqual(yield* shown(["tree", hub], {}), bold)
        assert.strictEqual(yield* shown(["tree", hub], { NO_COLOR: "1" }), piped)
        assert.strictEqual(yield* shown(["ls"], {}), linesOf(yield* client.dir("/")))
      }), timeout)

    it.live("exist, or do not", () =>
      Effect.gen(function*() {
        const { run } = yield* serve(args)
        const cases = [
          [[thermometer], 0, ""],
          [
            [`${thermometer.slice(1)}/temperature`, "--json"],
            0,
            `{"path":"${thermometer}/temperature","exists":true}\n`
          ],
          [["/28.000028D70700"], 1, ""],
          [[`${thermometer}/temperatur`, "--json"], 1, `{"path":"${thermometer}/temperatur","exists":false}\n`]
        ] as const
        for (const [args, status, stdout] of cases) {
          assert.deepInclude(yield* run(["exists", ...args]), { status, stdout, stderr: "" })
        }
        const nobody = yield* run(["exists", "-s", "localhost:1", thermometer])
        assert.deepInclude(nobody, { status: 3, stdout: "" })
      }), timeout)

    it.live("that lead nowhere say so, and what may be meant", () =>
      Effect.gen(function*() {
        const { run } = yield* serve(args)
        const property = yield* run(["ls", `${thermometer}/type`])
        assert.deepInclude(property, { status: 1, stdout: "" })
        assert.match(property.stderr, /^ow: dir \S+\/type at \S+: refused with -20 ENOTDIR: .* read it instead\n$/)
        for (const command of ["ls", "get", "tree"]) {
          const absent = yield* run([command, "/28.000028D70700", "--json"])
          assert.strictEqual(absent.status, 1)
          assert.strictEqual(absent.stdout, "")
          const [told, ...more] = ow.jsonOf(absent.stderr)
          assert.isEmpty(more)
          assert.deepNestedInclude(told, {
            "error._tag": "OwnetError",
            "error.path": "/28.000028D70700",
            "error.status": 1
          })
          assert.nestedProperty(told, "error.hint")
        }
      }), timeout)

    it.live("may have a name that is no text for a terminal", () =>
      Effect.gen(function*() {
        const { client, print, run } = yield* serve(["--tester=28"])
        const name = "a\n\u001B[31mb"
        yield* client.write(`${thermometer}/alias`, name)
        assert.strictEqual(yield* print(["ls"]), "/a\uFFFD\uFFFD[31mb/\n")
        assert.strictEqual(yield* print(["tree", "--depth", "1"]), "/\n└── a\uFFFD\uFFFD[31mb/\n")
        assert.deepStrictEqual(JSON.parse(yield* print(["ls", "--json"])), { path: "/", entries: [`/${name}/`] })
        const { stderr } = yield* run(["cat", `${name}/temperatur`])
        assert.match(stderr, /^ow: [^\p{Cc}]+\n {4}[^\p{Cc}]+\n$/u)
      }), timeout)

    it.live("are listed and drawn by servers of old, too", () =>
      Effect.gen(function*() {
        const { print } = yield* serve(["--tester=10", "--no_dirall", "--no_get"])
        assert.strictEqual(yield* print(["get"]), "/10.000010EF0000/\n")
        const drawn = yield* print(["tree"])
        assert.match(drawn, /^\/\n└── 10\.000010EF0000\/\n {4}├── address\n/)
      }), timeout)
  })
}
