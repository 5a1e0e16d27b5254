/** Several tabs of one browser, including hidden ones. */
import { describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { type Held, hold, idOf } from "../../test/fixtures/viewed.ts"
import { type Browser, card, launch, run, says, visit } from "./browser.ts"

describe("tabs", () => {
  let browser: Browser
  let held: Held

  beforeAll(async () => {
    browser = await launch()
    held = await hold()
  })

  afterAll(async () => {
    await browser?.close()
    await held?.end()
  })

  it("listens only while it is seen, and catches up then", () =>
    visit(browser, held.house.url, async (page) => {
      await card(page, "Living room").waitFor()
      const look = (state: "hidden" | "visible") =>
        page.evaluate((state) => {
          Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state })
          document.dispatchEvent(new Event("visibilitychange"))
        }, state)
      const closed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/live"))
      await look("hidden")
      await closed
      await run(held.house.network.set(`/bus.1/${idOf(1)}/temperature`, 19.0625))
      const asked = page.waitForRequest(/\/history\?/)
      await look("visible")
      await asked
      await says(page, "19.1")
    }))

  it("follows in nine tabs at once", async () => {
    const tabs = await Promise.all(Array.from({ length: 9 }, () => browser.context.newPage()))
    try {
      await Promise.all(tabs.map(async (tab) => {
        await tab.goto(held.house.url)
        await card(tab, "Wine").waitFor({ timeout: 30_000 })
      }))
      await run(held.house.network.set(`/bus.1/${idOf(1)}/temperature`, 27.25))
      await Promise.all(tabs.map((tab) => says(tab, "27.3")))
      // The listening tab closes, and another one takes over.
      await Promise.all(tabs.slice(0, 5).map((tab) => tab.close()))
      await run(held.house.network.set(`/bus.1/${idOf(1)}/temperature`, 23.125))
      await Promise.all(tabs.slice(5).map((tab) => says(tab, "23.1")))
    } finally {
      await Promise.all(tabs.map((tab) => tab.close()))
    }
  }, 40_000)
})
