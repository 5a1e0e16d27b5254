/** The overview in a browser, over a real hub and a simulated house. */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { climate, hold, idOf } from "../../test/fixtures/viewed.ts"
import { card, counts, isDrawn, run, says, textOf, visit } from "./browser.ts"
import { houses } from "./houses.ts"

describe("the overview", () => {
  const held = houses()

  it("shows values, ages and charts by groups, and lets them move", () =>
    visit(held.browser, held.plain.house.url, async (page) => {
      await card(page, "Freezer").waitFor()
      assert.deepStrictEqual(
        (await page.locator("h2").allInnerTexts()).map((text) => text.replace(/\s+/g, " ")),
        ["Cellar 2", "Heating 3", "House 5", "Outside 2", "pi · bus.0 1", "pi · bus.1 1"]
      )
      assert.match(await textOf(page, "Freezer", ".value"), /^−1\d\.\d °C$/)
      await isDrawn(page, "Freezer")
      assert.match(await textOf(page, "Freezer", ".facts"), /−\d+\.\d … −\d+\.\d/)
      assert.match(await page.locator("#summary").innerText(), /^14 sensors, all well$/)
      assert.strictEqual(await page.locator("#banner-notice").innerText(), "These sensors are simulated.")
      await run(held.plain.house.network.set(`/bus.1/${idOf(1)}/temperature`, 24.75))
      await says(page, "24.8")
      assert.strictEqual(await page.title(), "1-Wire at home")
    }))

  it("shows a history that is younger than the range from its beginning", async () => {
    const own = await hold({ sensors: 3, days: 0 })
    try {
      await visit(held.browser, own.house.url, async (page) => {
        const since = /^\S+ … \S+ since \d\d:\d\d$/
        await card(page, "Kitchen").locator(".bounds", { hasText: since }).waitFor()
        await isDrawn(page, "Kitchen")
        assert.match(
          await card(page, "Kitchen").locator(".chart").getAttribute("aria-label") ?? "",
          /^Chart of Kitchen, temperature, since \d\d:\d\d: /
        )
        await card(page, "Kitchen").getByRole("link").click()
        await says(page, "The history begins at", ".chart-status")
      })
    } finally {
      await own.end()
    }
  })

  it("says in a few words that a sensor does not answer, and the whole message on its page", async () => {
    const own = await hold({ sensors: 3 })
    try {
      await visit(held.browser, own.house.url, async (page) => {
        await card(page, "Kitchen").waitFor()
        await run(own.house.network.set(`/bus.0/${idOf(0)}/temperature`, SimulatedNetwork.refuse(-5)))
        await counts(page, ".group.urgent .card", 1)
        assert.match(await textOf(page, "Kitchen", ".trouble"), /^no answer since \d\d:\d\d$/)
        assert.match(await card(page, "Kitchen").locator(".trouble").getAttribute("title") ?? "", /refused with -5/)
        await card(page, "Kitchen").getByRole("link").click()
        await says(page, "refused with -5", ".page > .trouble small")
      })
    } finally {
      await own.end()
    }
  })

  it("shows hostile names as text", () =>
    visit(held.browser, held.plain.house.url, async (page) => {
      const name = "<img src=x onerror=alert(1)>"
      await says(page, name, ".card h3")
      await page.locator(".card h3 a", { hasText: name }).click()
      await says(page, name, "h1")
      assert.include(await page.title(), name)
      await page.getByRole("link", { name: "Events" }).click()
      await run(held.plain.house.network.vanish(`/bus.0/${climate}`))
      await says(page, "is gone", ".events")
      await says(page, name, ".events .what a")
      await run(held.plain.house.network.appear(`/bus.0/${climate}`))
      await page.goto(`${held.plain.house.url}s/${idOf(0)}`)
      await says(page, name, "select")
      assert.strictEqual(await page.locator("img, main script").count(), 0)
    }))

  it(
    "puts in front what needs a look, and back what is well again",
    () =>
      visit(held.browser, held.open.house.url, async (page) => {
        const { network } = held.open.house
        const urgent = page.locator(".group.urgent")
        await card(page, "Wine").waitFor()
        await run(network.set(`/bus.2/${idOf(5)}/temperature`, -9))
        await run(network.alarm(`/bus.0/${idOf(3)}`, true))
        await run(network.vanish(`/bus.1/${idOf(7)}`))
        await run(network.set(`/bus.1/${idOf(4)}/temperature`, 85))
        await counts(page, ".group.urgent .card", 4)
        await says(page, "vanished", ".group.urgent")
        assert.match(await urgent.innerText(), /too high.+above −15.0 °C/s)
        assert.match(await textOf(page, "Bedroom", ".trouble"), /^alarm since/)
        assert.match(await textOf(page, "Boiler flow", ".trouble"), /^vanished not on the bus since/)
        assert.match(await textOf(page, "Nursery", ".trouble"), /^not plausible 85\.0 °C/)
        assert.strictEqual(await page.locator("#summary").innerText(), "14 sensors, 4 need a look")
        assert.strictEqual(await page.title(), "(4) 1-Wire at home")
        await run(network.set(`/bus.2/${idOf(5)}/temperature`, -18))
        await run(network.alarm(`/bus.0/${idOf(3)}`, false))
        await run(network.appear(`/bus.1/${idOf(7)}`))
        await run(network.set(`/bus.1/${idOf(4)}/temperature`, 20))
        await counts(page, ".group.urgent", 0)
      }),
    40_000
  )

  it("folds the sensors of a bus that fails under its outage", () =>
    visit(held.browser, held.open.house.url, async (page) => {
      const outage = page.locator(".outage")
      await card(page, "Wine").waitFor()
      await run(held.open.house.network.breakBus(2, -5))
      await outage.waitFor()
      await says(page, "4 sensors without news", ".outage")
      assert.strictEqual(await page.locator(".group.urgent").count(), 0)
      await outage.locator("summary").focus()
      await page.keyboard.press("Enter")
      assert.include(await outage.innerText(), "Freezer")
      await run(held.open.house.network.breakBus(2))
      await outage.waitFor({ state: "detached" })
      await card(page, "Freezer").waitFor()
    }))

  it("chooses a range by drag, and goes back to the present", () =>
    visit(held.browser, held.open.house.url, async (page) => {
      // Cards move while others come back.
      await says(page, "14 sensors, all well", "#summary")
      await isDrawn(page, "Wine")
      const chart = card(page, "Wine").locator(".u-over")
      const box = await chart.boundingBox()
      assert(box !== null)
      const asked = page.waitForRequest(/\/history\?/)
      await page.mouse.move(box.x + box.width * 0.5, box.y + 20)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.75, box.y + 30, { steps: 4 })
      await page.mouse.up()
      const { searchParams } = new URL((await asked).url())
      assert.closeTo(Number(searchParams.get("to")) - Number(searchParams.get("from")), 6 * 3600, 900)
      await page.getByRole("button", { name: "Back to live" }).click()
      assert.strictEqual(
        await page.getByRole("button", { name: "the last 24 hours" }).getAttribute("aria-pressed"),
        "true"
      )
    }))

  it("says where it looks while there is no sensor", async () => {
    const empty = await hold({ sensors: 0, isBare: true })
    try {
      await visit(held.browser, empty.house.url, async (page) => {
        await says(page, "Looking for sensors at pi", "h2")
        await run(empty.house.network.appear(`/${idOf(0)}`, { alias: "first", temperature: 20 }))
        await card(page, "first").waitFor()
      })
    } finally {
      await empty.end()
    }
  })

  it("is dark by the system's wish", () =>
    visit(held.browser, held.open.house.url, async (page) => {
      await page.emulateMedia({ colorScheme: "dark" })
      await card(page, "Wine").waitFor()
      const [r = 255] = (await page.evaluate(() =>
        getComputedStyle(document.documentElement).backgroundColor
      )).match(/\d+/g) ?? []
      assert.isBelow(Number(r), 60)
    }))

  it("draws all charts of a group on one scale, if somebody wants that", () =>
    visit(held.browser, held.plain.house.url, async (page) => {
      await isDrawn(page, "Freezer")
      const drawn = () =>
        card(page, "Wine").locator("canvas").evaluate((canvas) =>
          canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""
        )
      await page.getByRole("button", { name: "°C: show °F" }).waitFor()
      await isDrawn(page, "Wine")
      const before = await drawn()
      const button = page.getByRole("button", { name: "One scale" })
      await button.click()
      assert.strictEqual(await button.getAttribute("aria-pressed"), "true")
      const after = await drawn()
      // The scale has 30 degrees from wine to freezer, so the line is nearly flat.
      assert.isBelow(after.length, before.length * 0.9)
      await button.click()
      assert.strictEqual(await button.getAttribute("aria-pressed"), "false")
    }))

  it("stands in the order that people want", () =>
    visit(held.browser, held.open.house.url, async (page) => {
      const groups = async () => (await page.locator("h2").allInnerTexts()).map((text) => text.replace(/\s+\d+$/, ""))
      await says(page, "14 sensors, all well", "#summary")
      await card(page, "Greenhouse").getByRole("link").click()
      const later = page.getByRole("button", { name: "Show it later" })
      await says(page, "Sensor 1 of 2 in Outside", ".order")
      await later.click()
      await says(page, "Sensor 2 of 2 in Outside", ".order")
      assert.strictEqual(await later.getAttribute("aria-disabled"), "true")
      for (const position of [3, 2, 1]) {
        // oxlint-disable-next-line no-await-in-loop -- one step after the other
        await page.getByRole("button", { name: "Show its group earlier" }).click()
        // oxlint-disable-next-line no-await-in-loop -- one step after the other
        await says(page, `Outside: group ${position} of 6`, ".order")
      }
      await page.getByRole("link", { name: "Overview" }).click()
      await card(page, "Greenhouse").waitFor()
      assert.deepStrictEqual(await groups(), ["Outside", "Cellar", "Heating", "House", "pi · bus.0", "pi · bus.1"])
      assert.deepStrictEqual((await page.locator(".card h3").allInnerTexts()).slice(0, 2), [
        "Outside, north",
        "Greenhouse"
      ])
    }))
})
