/** The page while the hub is down, after it was replaced, and behind a proxy. */
import { assert, describe, it } from "@effect/vitest"
import { hold, idOf } from "../../test/fixtures/viewed.ts"
import { card, isDrawn, run, says, visit } from "./browser.ts"
import { houses } from "./houses.ts"
import * as Proxy from "./proxy.ts"

describe("the connection", () => {
  const held = houses()

  it("works below a path, on each of its addresses", async () => {
    for (const path of [`s/${idOf(0)}`, "events", ""]) {
      // oxlint-disable-next-line no-await-in-loop -- one page after the other
      await visit(held.browser, held.plain.house.url + path, async (page) => {
        await page.locator("main:not(:empty)").waitFor()
        await says(page, "1-Wire at home", "#title")
        await page.locator("a.brand").click()
        await card(page, "Kitchen").waitFor()
        assert.strictEqual(page.url(), held.plain.house.url)
      })
    }
  })

  it("says that there is no news, and catches up when the hub is back", async () => {
    const own = await hold({ sensors: 3 })
    try {
      await visit(held.browser, own.house.url, async (page) => {
        await isDrawn(page, "Kitchen")
        await run(own.house.stop)
        await page.locator("#banner-silence", { hasText: "no news for" }).waitFor()
        assert.strictEqual(await page.locator("body[data-silent]").count(), 1)
        await run(own.house.network.set(`/bus.0/${idOf(0)}/temperature`, 26.5))
        const asked = page.waitForRequest(/\/history\?/)
        await run(own.house.start)
        await asked
        await says(page, "26.5")
        await page.locator("#banner-silence").waitFor({ state: "detached" })
      }, { mayFail: /Failed to load resource|net::ERR/ })
    } finally {
      await own.end()
    }
  }, 40_000)

  it("says that no history is written", async () => {
    const own = await hold({ sensors: 1 })
    try {
      await visit(held.browser, own.house.url, async (page) => {
        await card(page, "Kitchen").waitFor()
        await run(own.house.fill(true))
        await says(page, "no space left", "#banner-history")
        assert.match(await page.locator("#banner-history").innerText(), /^No history has been written since/)
        await run(own.house.fill(false))
        await page.locator("#banner-history").waitFor({ state: "detached" })
      })
    } finally {
      await own.end()
    }
  })

  it("stands behind a proxy that takes its path away", async () => {
    const proxy = await Proxy.open(held.plain.house.url, "/home/ow")
    try {
      await visit(held.browser, proxy.url, async (page) => {
        await card(page, "Kitchen").getByRole("link").click()
        await page.getByRole("heading", { level: 1, name: "Kitchen" }).waitFor()
        assert.strictEqual(page.url(), `${proxy.url}s/${idOf(0)}`)
        await page.locator(".legend .reading", { hasText: "…" }).waitFor()
        await run(held.plain.house.network.set(`/bus.0/${idOf(0)}/temperature`, 25.5))
        await says(page, "25.5", ".headline .value")
        await page.reload()
        await says(page, "25.5", ".headline .value")
        await page.getByRole("link", { name: "Events" }).click()
        await says(page, "bus works again", ".events")
      })
    } finally {
      await proxy.close()
    }
  })

  it("loads itself anew when the hub has another page", async () => {
    const proxy = await Proxy.open(held.open.house.url, "/ow")
    try {
      await visit(held.browser, proxy.url, async (page) => {
        await isDrawn(page, "Wine")
        // The stream breaks, and comes back with another hub.
        const loaded = page.waitForEvent("load")
        proxy.rebuild()
        await loaded
        await card(page, "Wine").getByRole("link").click()
        await page.locator(".legend .reading", { hasText: "…" }).waitFor()
        assert.match(await page.locator("script[src]").getAttribute("src") ?? "", /-new\.js$/)
      }, { mayFail: /Failed to load resource|net::ERR/ })
    } finally {
      await proxy.close()
    }
  })

  it("finds a part of the page that is no more in the page that there is now", async () => {
    const proxy = await Proxy.open(held.open.house.url, "/ow")
    try {
      await visit(held.browser, proxy.url, async (page) => {
        await card(page, "Wine").waitFor()
        await page.route("**/api/v1/live", (route) => route.abort())
        proxy.rebuild()
        await page.unroute("**/api/v1/live")
        await page.getByRole("link", { name: "Events" }).click()
        await page.getByRole("heading", { level: 1, name: "Events" }).waitFor()
      }, { mayFail: /Failed to load resource|net::ERR|dynamically imported/ })
    } finally {
      await proxy.close()
    }
  })
})
