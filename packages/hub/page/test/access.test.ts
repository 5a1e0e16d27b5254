/** Accessibility: violations that axe finds in each view, light and dark. */
import { describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { type Held, hold, idOf, relays } from "../../test/fixtures/viewed.ts"
import { isClean } from "./axe.ts"
import { type Browser, card, counts, launch, run, says, visit } from "./browser.ts"

describe("axe finds nothing", () => {
  let browser: Browser
  let held: Held

  beforeAll(async () => {
    browser = await launch()
    held = await hold({ permits: "switching", notice: "These sensors are simulated." })
  })

  afterAll(async () => {
    await browser?.close()
    await held?.end()
  })

  it("in the overview", () =>
    visit(browser, held.house.url, async (page) => {
      await card(page, "Wine").locator("canvas").waitFor()
      await page.getByText("How to read the charts").click()
      await isClean(page)
    }))

  it("in a place, and in a question", () =>
    visit(browser, `${held.house.url}s/${idOf(0)}`, async (page) => {
      await page.locator(".legend .reading", { hasText: "…" }).waitFor()
      await page.getByText("How to read the charts").click()
      await page.getByText("All other properties").click()
      await page.getByLabel("Add a sensor to the chart").selectOption({ label: "Freezer" })
      await page.getByLabel("Compare with an earlier time").selectOption({ label: "The day before" })
      await counts(page, ".legend li", 3)
      await page.locator(".chart.large").focus()
      await page.keyboard.press("+")
      await page.getByRole("button", { name: "Back to live" }).waitFor()
      await isClean(page)
      await page.getByRole("button", { name: "Write templow" }).click()
      await page.getByRole("dialog").waitFor()
      await isClean(page)
    }))

  it("in switches", () =>
    visit(browser, `${held.house.url}s/${relays}`, async (page) => {
      await page.getByRole("switch").first().waitFor()
      await isClean(page)
    }))

  it("in the events", () =>
    visit(browser, `${held.house.url}events`, async (page) => {
      await says(page, "bus works again", ".events")
      await isClean(page)
    }))

  it("in a place that is not known", () =>
    visit(browser, `${held.house.url}s/28.0000000000EE`, async (page) => {
      await says(page, "There is no such place", "main")
      await isClean(page)
    }))

  it("in alarm, in an outage, without a history, and without a hub", async () => {
    const { house } = held
    await visit(browser, house.url, async (page) => {
      await card(page, "Wine").locator("canvas").waitFor()
      await run(house.network.set(`/bus.0/${idOf(0)}/temperature`, 29))
      await run(house.network.alarm(`/bus.0/${idOf(3)}`, true))
      await run(house.network.vanish(`/bus.1/${idOf(7)}`))
      await run(house.network.set(`/bus.1/${idOf(4)}/temperature`, 85))
      await run(house.network.breakBus(2, -5))
      await run(house.fill(true))
      await counts(page, ".group.urgent .card", 4)
      await page.locator(".outage summary").click()
      await page.locator("#banner-history").waitFor()
      await isClean(page)
      await run(house.fill(false))
      await run(house.stop)
      await page.locator("#banner-silence", { hasText: "no news for" }).waitFor()
      await isClean(page)
    }, { mayFail: /Failed to load resource|net::ERR/ })
  })

  it("while there is no sensor", async () => {
    const empty = await hold({ sensors: 0, isBare: true })
    try {
      await visit(browser, empty.house.url, async (page) => {
        await says(page, "Looking for sensors at pi", "h2")
        await isClean(page)
      })
    } finally {
      await empty.end()
    }
  })
})
