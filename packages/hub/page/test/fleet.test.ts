/** The section of the fleet in a browser, with a handmade state. */
import { type Api, History, Hub, Page, Routes } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, PubSub, Scope, Stream } from "effect"
import { afterAll, beforeAll } from "vitest"
import { port, serverLayer } from "../../test/fixtures/served.ts"
import * as States from "../../test/fixtures/states.ts"
import { isClean } from "./axe.ts"
import { type Browser, launch, run, says, visit } from "./browser.ts"

/** Names that would do harm in a careless page, or that are too long for a phone. */
const hostile = `<img src=x onerror=alert(1)>"'&\u202e`
const endless = `${"runner-of-the-far-barn-".repeat(6)}.example.org:34431`

const followed = (seen: number): Api.Fleet => ({
  runner: "10.0.0.1:34431",
  runners: [
    { runner: "10.0.0.1:34431", site: "barn", seen, isThere: true, servers: 2, waiting: 0, dropped: 0 },
    { runner: endless, seen: seen - 7, isThere: true, servers: 1, waiting: 12, dropped: 3 },
    { runner: hostile, site: hostile, seen: seen - 125, isThere: false, servers: 0, waiting: 0, dropped: 0 }
  ],
  unfollowed: [{ server: "mill:4305", site: hostile }]
})

const now = Date.now() / 1000

const failing = { since: now - 60, message: "no answer" }

const state = States.state([States.place("28.000028D70100", { name: "Freezer", server: "cellar" })], {
  at: now,
  fleet: followed(now),
  servers: [
    { name: "cellar", runner: "10.0.0.1:34431", site: "barn", buses: [] },
    { name: hostile, runner: endless, failing, buses: [] },
    { name: "attic", runner: "10.0.0.1:34431", buses: [] }
  ]
})

const make = Effect.gen(function*() {
  const changes = yield* PubSub.unbounded<Api.Live>()
  const hub = Layer.mock(Hub.Hub, {
    state: Effect.succeed(state),
    live: Stream.concat(Stream.succeed<Api.Live>({ _tag: "Snapshot", state }), Stream.fromPubSub(changes)),
    notices: Stream.never,
    problem: Effect.undefined
  })
  const built = yield* Layer.build(
    Routes.serve(Layer.merge(Routes.layer(), Page.layer)).pipe(
      Layer.provide([hub, History.layerMemory]),
      Layer.provideMerge(serverLayer)
    )
  )
  const tell = (more: Partial<Extract<Api.Live, { readonly _tag: "Change" }>>) =>
    PubSub.publish(changes, { _tag: "Change", at: now, readings: {}, places: [], removed: [], events: [], ...more })
  return { tell, url: `http://127.0.0.1:${yield* Effect.provide(port, built)}/` }
})

describe("the fleet", () => {
  const scope = Scope.makeUnsafe()
  let browser: Browser
  let phone: Browser
  let held: Effect.Success<typeof make>

  beforeAll(async () => {
    browser = await launch()
    phone = await launch({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    held = await run(Scope.provide(make, scope))
  })

  afterAll(async () => {
    await browser?.close()
    await phone?.close()
    await run(Scope.close(scope, Exit.void))
  })

  const rowsOf = (texts: ReadonlyArray<string>) => texts.map((text) => text.split("\t"))

  it("shows the runners, what they follow, and what nobody follows, with hostile names as text", () =>
    visit(browser, held.url, async (page) => {
      const fleet = page.locator(".fleet")
      await says(
        page,
        "Fleet: 2 runners, 3 servers; 1 runner not heard; 1 server not followed; 3 events dropped",
        ".fleet summary"
      )
      await fleet.locator("summary").click()
      const [runners = [], servers = []] = await Promise.all(
        [0, 1].map(async (index) => rowsOf(await fleet.locator("table").nth(index).locator("tbody tr").allInnerTexts()))
      )
      assert.deepStrictEqual(runners.map((row) => row.toSpliced(3, 1)), [
        ["10.0.0.1:34431, holds the hub", "barn", "2", "0"],
        [endless, "", "1", "3, 12 waiting"],
        [hostile, hostile, "0", "0"]
      ])
      assert.deepStrictEqual(runners.map(([, , , heard = ""]) => heard.replace(/\d+ s/, "s")), [
        "s ago",
        "s ago",
        "2 min ago"
      ])
      assert.deepStrictEqual(servers, [
        ["mill:4305", hostile, "no runner"],
        ["cellar", "barn", "10.0.0.1:34431"],
        [hostile, "", endless],
        ["attic", "", "10.0.0.1:34431"]
      ])
      await page.locator(".outage summary").click()
      await says(page, `no answer (followed by ${endless})`, ".outage p")
      assert.strictEqual(await page.locator("img, main script").count(), 0)
      await isClean(page)
    }))

  it("is not scrolled sideways on a phone, and is met by a thumb", () =>
    visit(phone, held.url, async (page) => {
      await page.locator(".fleet summary").click()
      await says(page, "12 waiting", ".fleet")
      assert.strictEqual(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      const box = await page.locator(".fleet summary").boundingBox()
      assert.isAtLeast(box?.height ?? 0, 43.5)
      await isClean(page)
    }))

  it("moves with the fleet, and stays unfolded", () =>
    visit(browser, held.url, async (page) => {
      await page.locator(".fleet summary").click()
      await says(page, "holds the hub", ".fleet")
      const { runner: _, ...moving } = followed(now)
      await run(held.tell({ fleet: { ...moving, unfollowed: [], runners: moving.runners.slice(0, 1) } }))
      await says(page, "Fleet: 1 runner, 3 servers; the hub moves to another runner", ".fleet summary")
      assert.strictEqual(await page.locator(".fleet details[open] table tbody").first().locator("tr").count(), 1)
    }))
})
