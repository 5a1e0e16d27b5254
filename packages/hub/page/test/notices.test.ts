/** Notices, channels, outlets and derived values in a browser. */
import type { Notices } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { climate, type Held, hold, idOf } from "../../test/fixtures/viewed.ts"
import { isClean } from "./axe.ts"
import { type Browser, card, counts, focused, isDrawn, launch, run, says, textOf, visit } from "./browser.ts"

const freezer = idOf(5)

const minutesAgo = (minutes: number): number => Math.floor(Date.now() / 1000) - 60 * minutes

const thawing = (): Notices.Notice => ({
  id: "1",
  kind: "Limit",
  place: freezer,
  title: "Freezer",
  property: "temperature",
  side: "above",
  limit: -15,
  value: -14.5,
  unit: "°C",
  isUrgent: false,
  since: minutesAgo(20),
  text: "Freezer: temperature is -14.5 °C, above -15 °C"
})

const busOut = (): Notices.Notice => ({
  id: "2",
  kind: "BusOut",
  server: "pi",
  bus: "bus.2",
  isUrgent: false,
  since: minutesAgo(5),
  text: "bus.2 of pi fails: -5 EIO"
})

const silent = (): Notices.Notice => ({
  id: "3",
  kind: "NoNews",
  place: idOf(6),
  title: "Wine",
  isUrgent: false,
  since: minutesAgo(90),
  text: "Wine: no news since 12:00"
})

describe("notices", () => {
  let browser: Browser
  let held: Held

  beforeAll(async () => {
    browser = await launch()
    held = await hold({
      permits: "editing",
      isNoted: true,
      derived: {
        "dew-point": { dew_point: { temperature: `${climate}/temperature`, humidity: `${climate}/humidity` } },
        "whole-house": { group: "House", property: "temperature" }
      }
    })
  })
  afterAll(async () => {
    await browser?.close()
    await held?.end()
  })

  it("join the card of a place, and are quieter once somebody has acknowledged them", () =>
    visit(browser, held.house.url, async (page) => {
      const { network, noted } = held.house
      await card(page, "Freezer").waitFor()
      await run(network.set(`/bus.2/${freezer}/temperature`, -9))
      await counts(page, ".group.urgent .card", 1)
      await run(noted.set([thawing(), silent()]))
      await says(page, "no news", ".group.urgent")
      assert.strictEqual(await page.locator(".card h3", { hasText: "Freezer" }).count(), 1)
      assert.match(await textOf(page, "Freezer", ".trouble"), /^too high above −15\.0 °C since \d\d:\d\d$/)
      assert.strictEqual(await page.locator("#summary").innerText(), "14 sensors, 2 need a look")
      const button = page.getByRole("button", { name: "Acknowledge Freezer: too high" })
      await button.focus()
      await page.keyboard.press("Enter")
      await says(page, "acknowledged", ".card .trouble")
      await says(page, "14 sensors, 1 needs a look", "#summary")
      assert.strictEqual(await card(page, "Freezer").getAttribute("data-known"), "")
      assert.strictEqual(await button.count(), 0)
      await page.getByRole("button", { name: "Acknowledge Wine: no news" }).click()
      await says(page, "14 sensors, 2 acknowledged", "#summary")
      await run(network.set(`/bus.2/${freezer}/temperature`, -18))
      // The notice is open until the value is far enough back.
      await says(page, "14 sensors, 2 acknowledged", "#summary")
      await run(noted.set([]))
      await counts(page, ".group.urgent", 0)
    }))

  it("join the outage of a bus, and stand alone if nothing else shows them", () =>
    visit(browser, held.house.url, async (page) => {
      const { network, noted } = held.house
      await card(page, "Wine").waitFor()
      await run(network.breakBus(2, -5))
      await page.locator(".outage").waitFor()
      await run(noted.set([busOut()]))
      await page.getByRole("button", { name: "Acknowledge bus.2 of pi" }).click()
      await says(page, "acknowledged", ".outage")
      assert.strictEqual(await page.locator(".outage").count(), 1)
      await run(network.breakBus(2))
      await page.locator(".outage.single").waitFor()
      assert.match(await page.locator(".outage").innerText(), /bus\.2 of pi\s+no answer since/)
      await run(noted.set([]))
      await counts(page, ".outage", 0)
    }))

  it("are listed with the events, with how long they lasted", () =>
    visit(browser, `${held.house.url}events`, async (page) => {
      await page.route("**/api/v1/notices?*", (route) =>
        route.fulfill({
          json: [{ ...thawing(), id: "0", since: minutesAgo(200), until: minutesAgo(188), endText: "over" }]
        }))
      await run(held.house.noted.set([thawing()]))
      await says(page, "lasted 12 min", ".notices")
      await counts(page, ".notices li", 2)
      assert.match(
        await page.locator(".notices li").first().innerText(),
        /for 20 min.*Freezer: temperature is −14\.5 °C/s
      )
      await page.getByRole("link", { name: "Freezer" }).first().click()
      await says(page, "lasted 12 min", ".notices")
      await counts(page, ".notices li", 2)
      await run(held.house.noted.set([]))
      await counts(page, ".notices li", 1)
    }))

  it("bother no one who listens to the page, or has a narrow one", () =>
    visit(browser, held.house.url, async (page) => {
      const { network, noted } = held.house
      await run(network.breakBus(1, -5))
      await run(noted.set([{ ...thawing(), acknowledgedAt: minutesAgo(1) }, silent(), busOut()]))
      await page.getByRole("button", { name: "Acknowledge Wine: no news" }).waitFor()
      await page.locator(".outage.single").waitFor()
      await isClean(page)
      await page.setViewportSize({ width: 390, height: 844 })
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await page.goto(`${held.house.url}events`)
      await counts(page, ".notices li", 3)
      await page.getByRole("button", { name: "Send a test to phone" }).waitFor()
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await isClean(page)
      await page.goto(`${held.house.url}s/${freezer}`)
      await page.locator("summary", { hasText: "When temperature is told" }).click()
      await page.getByLabel("temperature: minutes that it has to last").fill("-1")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "not below 0", ".mistake")
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await isClean(page)
      await run(network.breakBus(1))
      await run(noted.set([]))
    }))

  it("go out by channels, which answer to a test", () =>
    visit(browser, `${held.house.url}events`, async (page) => {
      await page.getByRole("button", { name: "Send a test to phone" }).click()
      await says(page, "It was taken.", ".channels")
      assert.deepStrictEqual(held.house.noted.sent, ["phone"])
      assert.strictEqual(await focused(page), "Send a test to phone")
      await page.getByRole("button", { name: "Send a test to <b>pager</b>" }).click()
      await says(page, "It was not delivered: channel \"<b>pager</b>\": the server answers 404 Not Found", ".channels")
    }, { mayFail: /502/ }))

  it("say which outlet fails, for as long as it does", () =>
    visit(browser, held.house.url, async (page) => {
      await run(held.house.report("MQTT", "mqtt://localhost:1883: connection refused"))
      await says(page, "MQTT has failed since", "#banner-outlet-MQTT")
      await says(page, "connection refused", "#banners")
      await run(held.house.report("MQTT", undefined))
      await counts(page, "#banner-outlet-MQTT", 0)
    }))

  it("follow limits that say what is wrong with them", () =>
    visit(browser, `${held.house.url}s/${freezer}`, async (page) => {
      const above = page.getByLabel("temperature above, °C")
      const below = page.getByLabel("temperature below, °C")
      await above.fill("-30")
      await below.fill("-20")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "It has to be greater than the lower limit.", ".mistake")
      assert.strictEqual(await focused(page), "temperature above, °C")
      await above.fill("-15")
      await page.locator("summary", { hasText: "When temperature is told" }).click()
      await page.getByLabel("temperature: minutes that it has to last").fill("-1")
      await page.getByLabel("temperature: way back until it is over, °C").fill("6")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "The time has to be a number that is not below 0.", ".mistake")
      await says(page, "The way back has to be shorter than that between the limits.", ".mistake")
      await page.getByLabel("temperature: minutes that it has to last").fill("10")
      await page.getByLabel("temperature: way back until it is over, °C").fill("0.5")
      await page.getByLabel("also in quiet hours").check()
      await page.getByLabel("Minutes without news").fill("45")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "Saved.", "#toast")
      const places = await page.evaluate(async () => await (await fetch("/api/v1/places")).json())
      const { limits, noNewsFor } = places.find(({ key }: { readonly key: string }) => key === freezer)
      assert.deepStrictEqual([limits, noNewsFor], [
        { temperature: { above: -15, below: -20, for: 600, hysteresis: 0.5, isUrgent: true } },
        2700
      ])
      await isDrawnLarge(page)
      await page.getByRole("button", { name: "°C: show °F" }).click()
      await page.waitForFunction(() =>
        [...document.querySelectorAll("input")].find((input) => input.ariaLabel?.includes("over, °F"))?.value === "0.9"
      )
      await page.getByRole("button", { name: "°F: show °C" }).click()
    }))

  it("know derived values, which say how they are made, and have no sensor", () =>
    visit(browser, held.house.url, async (page) => {
      await isDrawn(page, "Bedroom")
      assert.match(await textOf(page, "dew-point", ".value"), /^8\.\d °C$/)
      assert.match(await textOf(page, "whole-house", ".others"), /min .* °C\s+max .* °C/)
      await run(held.house.network.vanish(`/bus.0/${climate}`))
      await says(page, "not known", ".card .trouble")
      // The sensor needs a look, and what is made of it does not.
      await counts(page, ".group.urgent .card", 1)
      await run(held.house.network.appear(`/bus.0/${climate}`))
      await counts(page, ".group.urgent", 0)
      await card(page, "dew-point").getByRole("link").click()
      await says(page, "Made from others: dew point of Conservatory", ".about")
      assert.isFalse(await page.getByRole("heading", { name: "Properties" }).isVisible())
      assert.isFalse(await page.getByRole("heading", { name: "Another sensor fills this place" }).isVisible())
      await page.getByLabel("Name", { exact: true }).fill("Dew point")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "Dew point", "h1")
      await page.getByLabel("Name", { exact: true }).fill("")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "dew-point", "h1")
    }))
})

const isDrawnLarge = (page: Parameters<typeof says>[0]) => page.locator(".chart.large canvas").waitFor()
