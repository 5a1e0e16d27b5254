import { OwClient, OwError, Walk } from "@effect-ownet/core"
import { Fault, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { reason } from "../fixtures/scripted.ts"

const all = (path?: string, options?: Walk.Options) => Stream.runCollect(Walk.walk(path, options))

/** Where a walk came, directories with a slash, and what failed with a mark. */
const paths = (path?: string, options?: Walk.Options) =>
  Effect.map(
    all(path, options),
    (found) => found.map((one) => one._tag === "Failed" ? `! ${one.path}` : one.isDirectory ? `${one.path}/` : one.path)
  )

/** A client of a tree of listings: by the path of each directory the names in it, or the code of a refusal. */
const listing = (
  tree: (path: string) => ReadonlyArray<string> | number,
  asked: Array<string> = []
): Layer.Layer<OwClient.OwClient> =>
  Layer.effect(
    OwClient.OwClient,
    Effect.map(Effect.provide(OwClient.OwClient, TestOwClient.layer({})), (plain) => {
      const ow: OwClient.Client = {
        ...plain,
        dir: (path = "/") =>
          Effect.suspend(() => {
            asked.push(path)
            const names = tree(path)
            return typeof names === "number"
              ? Effect.fail(OwError.refused(names, 7, { operation: "dir", path, server: ow.server }))
              : Effect.succeed(names.map((name) => `${path === "/" ? "" : path}/${name}`))
          }),
        romId: () => Effect.succeedNone,
        with: () => ow
      }
      return ow
    })
  ).pipe(Layer.orDie)

const isDevice = (path: string) => /^[\dA-F]{2}\.[^/]*$/.test(path.slice(path.lastIndexOf("/") + 1))

describe("Walk", () => {
  const house = TestOwClient.layer({
    "28.000028D70100": { alias: "kitchen", temperature: 21.5 },
    "/bus.1/1F.00001FE00400/main/10.000010EF0000": {},
    "/bus.1/05.000005FA0000": {}
  })

  it.effect("finds everything, a directory before what is in it", () =>
    Effect.gen(function*() {
      const found = yield* paths()
      assert.includeMembers(found, [
        "/kitchen/",
        "/kitchen/errata/",
        "/kitchen/errata/trim",
        "/1F.00001FE00400/main/",
        "/1F.00001FE00400/main/10.000010EF0000/",
        "/1F.00001FE00400/main/10.000010EF0000/temperature"
      ])
      const at = (path: string) => found.indexOf(path)
      assert.strictEqual(at("/kitchen/errata/") + 1, at("/kitchen/errata/die"))
      assert.isBelow(at("/kitchen/errata/trim"), at("/kitchen/temperature"))
      assert.lengthOf(new Set(found), found.length)
      // The order does not depend on how much is listed at a time.
      assert.deepStrictEqual(yield* paths("/", { concurrency: 1 }), found)
      assert.deepStrictEqual(yield* paths("/", { concurrency: 50 }), found)
    }).pipe(Effect.provide(house)))

  it.effect("goes no deeper than it may", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* paths("/", { depth: 1 }), [
        "/kitchen/",
        "/1F.00001FE00400/",
        "/05.000005FA0000/"
      ])
      const depths = (yield* all("/kitchen", { depth: 2 })).map(({ depth }) => depth)
      assert.deepStrictEqual([...new Set(depths)].toSorted(), [1, 2])
      const names = (yield* all("/kitchen", { depth: 1 })).map((found) => found._tag === "Entry" ? found.name : "")
      assert.includeMembers(names, ["errata", "temperature"])
    }).pipe(Effect.provide(house)))

  it.effect("leaves out what is not included, with all below it", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const found = yield* paths("/", { include: ({ name }) => name !== "b" }).pipe(
        Effect.provide(listing((path) => path === "/" ? ["10.000010EF0000/", "b/"] : ["a", "b"], asked))
      )
      assert.deepStrictEqual(found, ["/10.000010EF0000/", "/10.000010EF0000/a"])
      assert.deepStrictEqual(asked, ["/", "/10.000010EF0000"])
    }))

  it.effect("enters none of the server's own directories, unless it starts there", () =>
    Effect.gen(function*() {
      const bus = yield* paths("/bus.1")
      assert.includeMembers(bus, ["/bus.1/interface/", "/bus.1/alarm/", "/bus.1/simultaneous/"])
      assert.isFalse(bus.some((path) => /(interface|alarm|simultaneous)\/./.test(path)))
      assert.include(yield* paths("/bus.1/interface"), "/bus.1/interface/statistics/shorts")
      assert.include(yield* paths("/settings"), "/settings/timeout/volatile")
      assert.include(yield* paths("/uncached"), "/uncached/kitchen/temperature")
      assert.include(yield* paths("/structure/28"), "/structure/28/errata/trim")
      const own = ["uncached", "unaliased", "settings", "system", "statistics", "structure", "simultaneous", "alarm"]
      const names = [...own, "text", "thermostat"].map((name) => `${name}/`)
      const asked: Array<string> = []
      yield* Effect.provide(paths("/"), listing((path) => path === "/" ? names : ["x"], asked))
      assert.deepStrictEqual(asked, ["/"])
    }).pipe(Effect.provide(house)))

  it.effect("enters a device once, by whatever name, and a coupler that lists itself", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const server = listing((path) => {
        if (isDevice(path)) return path.endsWith("1F.00001FE00400") ? ["main/", "aux/"] : ["type"]
        return ["28.000028D70100/", "28000028D70100D5/", "1F.00001FE00400/"]
      }, asked)
      const found = yield* Effect.provide(paths(), server)
      assert.deepStrictEqual(asked.toSorted(), [
        "/",
        "/1F.00001FE00400",
        "/1F.00001FE00400/aux",
        "/1F.00001FE00400/main",
        "/28.000028D70100"
      ])
      // What is not entered is listed all the same.
      assert.include(found, "/1F.00001FE00400/main/1F.00001FE00400/")
      asked.length = 0
      yield* Effect.provide(paths("/1F.00001FE00400"), server)
      assert.notInclude(asked, "/1F.00001FE00400/main/1F.00001FE00400")
    }))

  it.effect("asks who an alias is", () =>
    Effect.gen(function*() {
      const hub = "/1F.00001FE00400/main/28.000028D70100"
      const found = yield* paths("/hub")
      assert.include(found, "/hub/main/kitchen/temperature")
      assert.notInclude(found, "/hub/main/hub/main/")
      // The same device by its ROM id and by its alias.
      const ow = yield* OwClient.OwClient
      const both = { ...ow, with: () => both, dir: (path = "/") => path === "/" ? listed : ow.dir(path) }
      const listed = Effect.succeed(["/hub/main/kitchen/", `${hub}/`])
      const twice = yield* Effect.provideService(paths(), OwClient.OwClient, both)
      assert.lengthOf(twice.filter((path) => path.endsWith("/temperature")), 1)
    }).pipe(Effect.provide(TestOwClient.layer({
      "1F.00001FE00400": { alias: "hub" },
      "/1F.00001FE00400/main/28.000028D70100": { alias: "kitchen" }
    }))))

  it.effect("ends in a server that has itself behind its buses", () =>
    Effect.gen(function*() {
      const tree = (path: string) => isDevice(path) ? ["type"] : ["bus.0/", "bus.1/", "28.000028D70100/"]
      const asked: Array<string> = []
      const found = yield* Effect.provide(all("/bus.0"), listing(tree, asked))
      const failed = found.filter((one) => one._tag === "Failed")
      assert.isAbove(failed.length, 0)
      for (const { error } of failed) assert.match(error.message, /ELOOP/)
      assert.isBelow(asked.length, 20)
    }))

  it.effect("ends in servers that each have one bus, and in directories without end", () =>
    Effect.gen(function*() {
      const chain = yield* Effect.provide(all("/bus.0"), listing(() => ["bus.0/"]))
      assert.deepStrictEqual(chain.map(({ _tag }) => _tag).filter((tag) => tag === "Failed"), ["Failed"])
      assert.isBelow(chain.length, 12)
      const inside = yield* Effect.provide(all("/28.000028D70100"), listing(() => ["a/", "b/"]))
      assert.lengthOf(inside.filter(({ _tag }) => _tag === "Failed"), 2 ** 9)
      assert.isBelow(inside.length, 2 ** 11)
      const coupler = (path: string) => `1F.${path.split("/").length.toString(16).padStart(12, "0").toUpperCase()}/`
      const couplers = yield* Effect.provide(
        all(),
        listing((path) => isDevice(path) ? ["main/"] : [coupler(path)])
      )
      const last = couplers.at(-1)
      assert.isTrue(last?._tag === "Failed" && /nested more than 32 deep/.test(last.error.message))
      assert.lengthOf(couplers, 33)
    }))

  it.effect("goes on where a directory cannot be listed", () =>
    Effect.gen(function*() {
      const tree = listing((path) =>
        path === "/" ? ["10.000010EF0000/", "28.000028D70100/"] : path.endsWith("0100") ? ["type"] : -5
      )
      const found = yield* Effect.provide(all(), tree)
      assert.deepStrictEqual(found.map(({ _tag, depth, path }) => [_tag, path, depth]), [
        ["Entry", "/10.000010EF0000", 1],
        ["Failed", "/10.000010EF0000", 1],
        ["Entry", "/28.000028D70100", 1],
        ["Entry", "/28.000028D70100/type", 2]
      ])
      const failed = found.find((one) => one._tag === "Failed")
      assert.strictEqual(failed && reason(failed.error), "BusFault")
      assert.deepStrictEqual(yield* Effect.provide(paths(), listing(() => -5)), ["! /"])
    }))

  it.effect("lists no more than a few directories ahead", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const ids = Array.from({ length: 200 }, (_, at) => `28.0000${(0x280000 + at).toString(16).toUpperCase()}00/`)
      const tree = listing((path) => path === "/" ? ids : ["type"], asked)
      const two = yield* Effect.provide(Stream.runCollect(Stream.take(Walk.walk(), 2)), tree)
      assert.lengthOf(two, 2)
      assert.isBelow(asked.length, 50)
    }))

  it.effect("fails with what makes no sense", () =>
    Effect.gen(function*() {
      const failure = (path?: string, options?: Walk.Options) =>
        Effect.map(Effect.flip(all(path, options)), ({ argument }) => argument)
      assert.strictEqual(yield* failure("/a\0b"), "path")
      assert.strictEqual(yield* failure("/", { depth: 0 }), "depth")
      assert.strictEqual(yield* failure("/", { concurrency: 1.5 }), "concurrency")
      assert.strictEqual(yield* failure("/", { timeout: 0 }), "timeout")
    }).pipe(Effect.provide(house)))

  it.effect("asks with the options of its calls", () =>
    Effect.gen(function*() {
      let refusals = 1
      const server = SimulatedServer.layer({ "28.000028D70100": {} }, {
        faults: ({ path, type }) =>
          !Fault.isOwn(type, path) && refusals-- > 0 ? Fault.Fault.Refuse({ code: -5 }) : undefined
      })
      const found = yield* all("/", { depth: 1, flags: { deviceFormat: "fic" } }).pipe(
        Effect.provide(Layer.provide(OwClient.layer(), server))
      )
      assert.deepStrictEqual(found.map(({ _tag }) => _tag), ["Failed"])
      const plain = yield* paths("/", { depth: 1, flags: { deviceFormat: "fic" } }).pipe(
        Effect.provide(TestOwClient.layer({ "28.000028D70100": {} }))
      )
      assert.deepStrictEqual(plain, ["/28000028D70100D5/"])
    }))
})
