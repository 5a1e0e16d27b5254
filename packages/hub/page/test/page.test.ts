/**
 * The hub's page in a browser, over a real hub and a simulated house.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { climate, type Held, hold, idOf, relays } from "../../test/fixtures/viewed.ts"
import { type Browser, card, launch, visit } from "./browser.ts"

const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect)

const patience = { timeout: 15_000 }

/** Waits until the page, or a part of it, says something. */
const says = (page: Page, text: string, part = "body"): Promise<void> =>
  page.locator(part, { hasText: text }).first().waitFor({ ...patience, state: "attached" })

/** Waits until there are so many of something. */
const counts = (page: Page, selector: string, count: number): Promise<unknown> =>
  page.waitForFunction(
    ([selector, count]) => document.querySelectorAll(selector).length === count,
    [selector, count] as const,
    patience
  )

const textOf = (page: Page, name: string, part: string): Promise<string> => card(page, name).locator(part).innerText()

const focused = (page: Page): Promise<string> =>
  page.evaluate(() =>
    document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? ""
  )

/** Whether a chart has drawn something in a color that is not gray. */
const isDrawn = (page: Page, name: string): Promise<unknown> =>
  page.waitForFunction(
    (name) => {
      const found = [...document.querySelectorAll(".card")].find((card) =>
        card.querySelector("h3")?.textContent === name
      )
      const canvas = found?.querySelector("canvas")
      const context = canvas?.getContext("2d")
      if (canvas === null || canvas === undefined || context === null || context === undefined) return false
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      for (let at = 0; at < data.length; at += 4) {
        if (
          data[at + 3] > 200 &&
          Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 80
        ) {
          return true
        }
      }
      return false
    },
    name,
    patience
  )

describe("the page", () => {
  let browser: Browser
  let plain: Held
  let open: Held

  beforeAll(async () => {
    browser = await launch()
    plain = await hold({ isHostile: true, prefix: "/ow", notice: "These sensors are simulated." })
    open = await hold({ permits: "switching" })
  })

  afterAll(async () => {
    await browser?.close()
    await plain?.end()
    await open?.end()
  })

  it("shows values, ages and charts by groups, and lets them move", () =>
    visit(browser, plain.house.url, async (page) => {
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
      await run(plain.house.network.set(`/bus.1/${idOf(1)}/temperature`, 24.75))
      await says(page, "24.8")
      assert.strictEqual(await page.title(), "1-Wire at home")
    }))

  it("shows hostile names as text", () =>
    visit(browser, plain.house.url, async (page) => {
      const name = "<img src=x onerror=alert(1)>"
      await says(page, name, ".card h3")
      await page.locator(".card h3 a", { hasText: name }).click()
      await says(page, name, "h1")
      assert.include(await page.title(), name)
      await page.getByRole("link", { name: "Events" }).click()
      await run(plain.house.network.vanish(`/bus.0/${climate}`))
      await says(page, "is gone", ".events")
      await says(page, name, ".events .what a")
      await run(plain.house.network.appear(`/bus.0/${climate}`))
      await page.goto(`${plain.house.url}s/${idOf(0)}`)
      await says(page, name, "select")
      assert.strictEqual(await page.locator("img, main script").count(), 0)
    }))

  it("works below a path, on each of its addresses", async () => {
    for (const path of [`s/${idOf(0)}`, "events", ""]) {
      // oxlint-disable-next-line no-await-in-loop -- one page after the other
      await visit(browser, plain.house.url + path, async (page) => {
        await page.locator("main:not(:empty)").waitFor()
        await says(page, "1-Wire at home", "#title")
        await page.locator("a.brand").click()
        await card(page, "Kitchen").waitFor()
        assert.strictEqual(page.url(), plain.house.url)
      })
    }
  })

  it("allows nothing where nothing is permitted", () =>
    visit(browser, `${plain.house.url}s/${relays}`, async (page) => {
      await page.getByRole("switch").first().waitFor()
      assert.strictEqual(await page.getByRole("switch").count(), 8)
      assert.strictEqual(await page.getByRole("switch", { disabled: false }).count(), 0)
      assert.strictEqual(await page.getByRole("switch", { checked: true }).count(), 1)
      assert.match(await page.locator(".relay").first().getAttribute("title") ?? "", /--allow-write/)
    }))

  it("switches after it has asked, and shows what was read back", () =>
    visit(browser, open.house.url, async (page) => {
      const knob = card(page, "Pumps").getByRole("switch", { name: "PIO.2 of Pumps" })
      await knob.click()
      await page.keyboard.press("Escape")
      await page.locator("dialog").waitFor({ state: "detached" })
      assert.strictEqual(await knob.getAttribute("aria-checked"), "false")
      await knob.click()
      assert.match(await page.getByRole("dialog").innerText(), /Switch PIO\.2 of Pumps on\?/)
      await page.getByRole("button", { name: "Switch on" }).click()
      await says(page, "read back as on", "#toast")
      assert.strictEqual(await knob.getAttribute("aria-checked"), "true")
      assert.strictEqual(await textOf(page, "Pumps", ".value"), "2 of 8 on")
    }))

  it("asks for the token", async () => {
    const guarded = await hold({ sensors: 1, permits: "token" })
    try {
      await visit(browser, guarded.house.url, async (page) => {
        const knob = card(page, "Pumps").getByRole("switch", { name: "PIO.0 of Pumps" })
        await page.locator("[role=switch]:enabled").first().waitFor()
        await knob.click()
        await page.getByLabel("Token of this hub").fill("wrong")
        await page.keyboard.press("Enter")
        await says(page, "not the token", "#toast")
        await knob.click()
        await page.getByLabel("Token of this hub").fill("open sesame")
        await page.keyboard.press("Enter")
        await page.getByRole("button", { name: "Switch on" }).click()
        await says(page, "read back as on", "#toast")
      }, { mayFail: /401/ })
    } finally {
      await guarded.end()
    }
  })

  it(
    "puts in front what needs a look, and back what is well again",
    () =>
      visit(browser, open.house.url, async (page) => {
        const { network } = open.house
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
    visit(browser, open.house.url, async (page) => {
      const outage = page.locator(".outage")
      await card(page, "Wine").waitFor()
      await run(open.house.network.breakBus(2, -5))
      await outage.waitFor()
      await says(page, "4 sensors without news", ".outage")
      assert.strictEqual(await page.locator(".group.urgent").count(), 0)
      await outage.locator("summary").focus()
      await page.keyboard.press("Enter")
      assert.include(await outage.innerText(), "Freezer")
      await run(open.house.network.breakBus(2))
      await outage.waitFor({ state: "detached" })
      await card(page, "Freezer").waitFor()
    }))

  it("says that there is no news, and catches up when the hub is back", async () => {
    const own = await hold({ sensors: 3 })
    try {
      await visit(browser, own.house.url, async (page) => {
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
      await visit(browser, own.house.url, async (page) => {
        await card(page, "Kitchen").waitFor()
        await run(own.house.fill(true))
        await says(page, "no space left", "#banner-history")
        assert.match(await page.locator("#banner-history").innerText(), /^No history is written since/)
        await run(own.house.fill(false))
        await page.locator("#banner-history").waitFor({ state: "detached" })
      })
    } finally {
      await own.end()
    }
  })

  it("chooses a range by drag, and goes back to the present", () =>
    visit(browser, open.house.url, async (page) => {
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

  it("shows all of a place, and lets it be edited in °F", () =>
    visit(browser, open.house.url, async (page) => {
      await card(page, "Wine").getByRole("link").click()
      await page.getByRole("heading", { level: 1, name: "Wine" }).waitFor()
      await page.locator(".legend .reading", { hasText: "…" }).waitFor()
      assert.isAbove(await page.locator("table tbody tr").count(), 2)
      await page.getByLabel("Add a sensor to the chart").selectOption({ label: "Freezer" })
      await page.getByLabel("Compare with an earlier time").selectOption({ label: "The day before" })
      await counts(page, ".legend li", 3)
      assert.match(
        await page.getByRole("link", { name: "CSV" }).getAttribute("href") ?? "",
        /export\.csv\?series=.+&from=\d+&to=\d+$/
      )
      await page.getByRole("button", { name: "°C: show °F" }).click()
      assert.match(await page.locator(".headline .value").innerText(), /^5\d\.\d °F$/)
      assert.strictEqual(await page.getByLabel("temperature above, °F").inputValue(), "60.8")
      await page.getByLabel("Name", { exact: true }).fill("Wine & cider")
      await page.getByLabel("temperature above, °F").fill("59")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: "Wine & cider" }).waitFor()
      const state = await (await fetch(`${open.house.url}api/v1/places`)).text()
      assert.include(state, `"limits":{"temperature":{"above":15,"below":8}}`)
      await page.getByLabel("Name", { exact: true }).fill("Wine")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: "Wine", exact: true }).waitFor()
      await page.getByRole("button", { name: "°F: show °C" }).click()
    }))

  it("shows each property that has a history", () =>
    visit(browser, `${open.house.url}s/${climate}`, async (page) => {
      await page.getByRole("button", { name: "humidity" }).click()
      await page.locator(".headline .value", { hasText: "48.5 %" }).waitFor()
      await page.locator(".legend .reading", { hasText: "48.5" }).waitFor()
    }))

  it("is used by keyboard alone", () =>
    visit(browser, open.house.url, async (page) => {
      await card(page, "Wine").waitFor()
      await page.keyboard.press("Tab")
      assert.strictEqual(await focused(page), "Skip to the sensors")
      await page.keyboard.press("/")
      assert.strictEqual(await focused(page), "Find a sensor")
      await page.keyboard.type("wine")
      await counts(page, ".card", 1)
      const order: Array<string> = []
      for (let count = 0; count < 8 && order.at(-1) !== "Wine"; count++) {
        // oxlint-disable-next-line no-await-in-loop -- one key after the other
        await page.keyboard.press("Tab")
        // oxlint-disable-next-line no-await-in-loop -- one key after the other
        order.push(await focused(page))
      }
      assert.deepStrictEqual(order, [
        "One scale",
        "the last hour",
        "the last 24 hours",
        "the last 7 days",
        "the last 30 days",
        "the last year",
        "Wine"
      ])
      const outline = await page.evaluate(() => {
        const link = document.activeElement
        return link === null ? "" : getComputedStyle(link, "::after").outlineStyle
      })
      assert.strictEqual(outline, "solid")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: "Wine" }).waitFor()
      await page.keyboard.press("Escape")
      await card(page, "Wine").waitFor()
      await page.goBack()
      await page.getByRole("heading", { level: 1, name: "Wine" }).waitFor()
    }))

  it("has names and roles for everything that does something", () =>
    visit(browser, `${open.house.url}s/${relays}`, async (page) => {
      await page.getByRole("switch").first().waitFor()
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll("button, a, input, select, [role=img]")].filter((element) => {
          if (!element.checkVisibility()) return false
          const label = element.getAttribute("aria-label") ?? element.closest("label")?.textContent ??
            element.textContent
          return label === null || label.trim() === ""
        }).map((element) => element.outerHTML)
      )
      assert.deepStrictEqual(nameless, [])
      assert.strictEqual(await page.getByRole("main").count(), 1)
      assert.strictEqual(await page.getByRole("banner").count(), 1)
      assert.strictEqual(await page.getByRole("navigation").count(), 1)
    }))

  it("follows in nine tabs at once", async () => {
    const tabs = await Promise.all(Array.from({ length: 9 }, () => browser.context.newPage()))
    try {
      await Promise.all(tabs.map(async (tab) => {
        await tab.goto(open.house.url)
        await card(tab, "Wine").waitFor({ timeout: 10_000 })
      }))
      await run(open.house.network.set(`/bus.1/${idOf(1)}/temperature`, 27.25))
      await Promise.all(tabs.map((tab) => says(tab, "27.3")))
      // The one that listens goes, and another one goes on.
      await Promise.all(tabs.slice(0, 5).map((tab) => tab.close()))
      await run(open.house.network.set(`/bus.1/${idOf(1)}/temperature`, 23.125))
      await Promise.all(tabs.slice(5).map((tab) => says(tab, "23.1")))
    } finally {
      await Promise.all(tabs.map((tab) => tab.close()))
    }
  }, 40_000)

  it("is dark by the system's wish", () =>
    visit(browser, open.house.url, async (page) => {
      await page.emulateMedia({ colorScheme: "dark" })
      await card(page, "Wine").waitFor()
      const [r = 255] = (await page.evaluate(() =>
        getComputedStyle(document.documentElement).backgroundColor
      )).match(/\d+/g) ?? []
      assert.isBelow(Number(r), 60)
    }))
})

describe("the page on a phone", () => {
  let browser: Browser
  let held: Held

  beforeAll(async () => {
    browser = await launch({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2
    })
    held = await hold({ permits: "switching" })
  })

  afterAll(async () => {
    await browser?.close()
    await held?.end()
  })

  for (
    const [what, path] of [["overview", ""], ["place", `s/${idOf(0)}`], ["switches", `s/${relays}`], [
      "events",
      "events"
    ]] as const
  ) {
    it(`is not scrolled sideways, and is met by a thumb: ${what}`, () =>
      visit(browser, held.house.url + path, async (page) => {
        await page.locator("main .card, main .page").first().waitFor()
        await page.waitForTimeout(500)
        assert.strictEqual(await page.evaluate(() => document.documentElement.scrollWidth), 390)
        const small = await page.evaluate(() =>
          [...document.querySelectorAll("button, a, input, select, summary")].filter((element) => {
            if (!element.checkVisibility() || element.closest(".skip") !== null) return false
            // What is touched of a check box is its whole label, of a name in a card the card's head.
            const touched = element.closest("label.check") ?? element.closest(".card header") ?? element
            const { height, width } = touched.getBoundingClientRect()
            return height < 43.5 || width < 43.5
          }).map((element) => element.outerHTML.slice(0, 120))
        )
        assert.deepStrictEqual(small, [])
      }))
  }

  it("zooms by two fingers, moves by one, and leaves scrolling to the browser", () =>
    visit(browser, held.house.url, async (page) => {
      await isDrawn(page, "Freezer")
      const over = card(page, "Freezer").locator(".u-over")
      assert.strictEqual(await over.evaluate((element) => getComputedStyle(element).touchAction), "pan-y")
      const box = await over.boundingBox()
      assert(box !== null)
      const session = await page.context().newCDPSession(page)
      const y = box.y + box.height / 2
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", ...xs: ReadonlyArray<number>) =>
        session.send("Input.dispatchTouchEvent", {
          type,
          touchPoints: xs.map((x, id) => ({ x: box.x + x * box.width, y, id }))
        })
      const rangeOf = async (gesture: () => Promise<unknown>): Promise<readonly [from: number, to: number]> => {
        const asked = page.waitForRequest(/\/history\?/)
        await gesture()
        const { searchParams } = new URL((await asked).url())
        return [Number(searchParams.get("from")), Number(searchParams.get("to"))]
      }
      const [from, to] = await rangeOf(async () => {
        await touch("touchStart", 0.4)
        await touch("touchStart", 0.4, 0.6)
        await touch("touchMove", 0.3, 0.7)
        await touch("touchMove", 0.2, 0.8)
        await touch("touchEnd")
      })
      assert.closeTo(to - from, 86_400 / 3, 1800)
      await page.getByRole("button", { name: "Back to live" }).waitFor()
      const [earlier] = await rangeOf(async () => {
        await touch("touchStart", 0.3)
        await touch("touchMove", 0.5)
        await touch("touchMove", 0.8)
        await touch("touchEnd")
      })
      assert.closeTo(from - earlier, (to - from) / 2, 1800)
    }))
})
