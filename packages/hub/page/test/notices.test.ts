/** Notices, channels, outlets and derived values in a browser. */
import { assert, describe, it } from "@effect/vitest"
import { afterAll, afterEach, beforeAll } from "vitest"
import { climate, type Held, hold, idOf } from "../../test/fixtures/viewed.ts"
import { isClean } from "./axe.ts"
import { type Browser, card, counts, focused, isDrawn, launch, quiet, run, says, textOf, visit } from "./browser.ts"

const freezer = idOf(5)

const wine = idOf(6)

/** Changes a place, as its own page does. */
const edit = async (url: string, key: string, change: object): Promise<void> => {
  const response = await fetch(`${url}api/v1/places/${key}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change)
  })
  assert.strictEqual(response.status, 200)
}

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

  /** Makes the freezer thaw, or freeze again. */
  const thaw = (isWarm: boolean) => run(held.house.network.set(`/bus.2/${freezer}/temperature`, isWarm ? -9 : -18))

  // A test that fails must not make the next one, or its own repetition, fail too.
  afterEach(async () => {
    const { network, report, url } = held.house
    await run(network.breakBus(1))
    await run(network.breakBus(2))
    await run(network.appear(`/bus.0/${wine}`))
    await run(network.appear(`/bus.0/${climate}`))
    await run(report("MQTT", undefined))
    await thaw(false)
    await edit(url, wine, { noNewsFor: null })
    await edit(url, freezer, { limits: { temperature: { above: -15, hysteresis: 1 } }, noNewsFor: null })
    await edit(url, "dew-point", { name: null })
    await quiet(url)
  })

  /** Removes the wine's sensor and reports its silence soon, or restores both. */
  const lose = async (isLost: boolean): Promise<void> => {
    const { network, url } = held.house
    await run(isLost ? network.vanish(`/bus.0/${wine}`) : network.appear(`/bus.0/${wine}`))
    await edit(url, wine, { noNewsFor: isLost ? 2 : null })
  }

  it("join the card of a place, and are quieter once somebody has acknowledged them", () =>
    visit(browser, held.house.url, async (page) => {
      const { noted } = held.house
      noted.sent.splice(0)
      await card(page, "Freezer").waitFor()
      await thaw(true)
      await counts(page, ".group.urgent .card", 1)
      await lose(true)
      await page.getByRole("button", { name: "Acknowledge Wine: vanished" }).waitFor()
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
      // Another tab reports it, too.
      await visit(browser, held.house.url, (other) => says(other, "14 sensors, 1 needs a look", "#summary"))
      await page.getByRole("button", { name: "Acknowledge Wine: vanished" }).click()
      await says(page, "14 sensors, 2 acknowledged", "#summary")
      await card(page, "Wine").getByText(/vanished not on the bus since \d\d:\d\d, acknowledged \d\d:\d\d$/).waitFor()
      await thaw(false)
      await says(page, "14 sensors, 1 acknowledged", "#summary")
      await lose(false)
      await counts(page, ".group.urgent", 0)
      assert.deepStrictEqual(noted.sent.splice(0, 4), [
        "Began: Freezer: temperature too high",
        "Began: Wine: no news",
        "Ended: Over: Freezer: temperature too high",
        "Ended: Over: Wine: no news"
      ])
    }))

  it("join the outage of a bus, and end with it", () =>
    visit(browser, held.house.url, async (page) => {
      const { network } = held.house
      await card(page, "Wine").waitFor()
      await run(network.breakBus(2, -5))
      await page.locator(".outage").waitFor()
      await page.getByRole("button", { name: "Acknowledge bus.2 of pi" }).click()
      await says(page, "acknowledged", ".outage")
      assert.strictEqual(await page.locator(".outage").count(), 1)
      assert.match(await page.locator(".outage").innerText(), /bus\.2 of pi has not answered since/)
      await run(network.breakBus(2))
      await counts(page, ".outage", 0)
    }))

  it("are listed with the events, with how long they lasted", () =>
    visit(browser, `${held.house.url}events`, async (page) => {
      await thaw(true)
      await says(page, "lasted 12 min", ".notices")
      await says(page, "Freezer: temperature is −9.0 °C, above −15.0 °C", ".notices li:not([data-tone=good])")
      await page.getByRole("link", { name: "Freezer" }).first().click()
      await says(page, "lasted 12 min", ".notices")
      await says(page, "temperature is −9.0 °C", ".notices li:first-child")
      await counts(page, ".notices li:not([data-tone=good])", 1)
      assert.notInclude(await page.locator(".notices").innerText(), "bus.2")
      await thaw(false)
      await counts(page, ".notices li:not([data-tone=good])", 0)
      await says(page, "lasted", ".notices li:first-child")
    }))

  it("bother no one who listens to the page, or has a narrow one", () =>
    visit(browser, held.house.url, async (page) => {
      const { network } = held.house
      await thaw(true)
      await lose(true)
      await page.getByRole("button", { name: "Acknowledge Freezer: too high" }).click()
      await page.getByRole("button", { name: "Acknowledge Wine: vanished" }).waitFor()
      await run(network.breakBus(1, -5))
      await page.getByRole("button", { name: "Acknowledge bus.1 of pi" }).waitFor()
      await isClean(page)
      await page.setViewportSize({ width: 390, height: 844 })
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await page.goto(`${held.house.url}events`)
      await counts(page, ".notices li:not([data-tone=good])", 3)
      await page.getByRole("button", { name: "Send a test to phone" }).waitFor()
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await isClean(page)
      await page.goto(`${held.house.url}s/${freezer}`)
      await page.getByLabel("temperature: minutes that it must last").fill("-1")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "0 or greater", ".mistake")
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      await isClean(page)
    }))

  it("go out by channels, which answer to a test", () =>
    visit(browser, `${held.house.url}events`, async (page) => {
      await page.getByRole("button", { name: "Send a test to phone" }).click()
      await says(page, "Delivered.", ".channels")
      assert.include(held.house.noted.sent, "Began: 1-Wire: a test")
      assert.strictEqual(await focused(page), "Send a test to phone")
      await page.getByRole("button", { name: "Send a test to <b>pager</b>" }).click()
      await says(page, "Not delivered: channel \"<b>pager</b>\": POST to 127.0.0.1", ".channels")
      await says(page, "status 404: no such <i>pager</i>", ".channels")
    }, { mayFail: /502/ }))

  it("say which outlet fails, for as long as it does", () =>
    visit(browser, held.house.url, async (page) => {
      await run(held.house.report("MQTT", "mqtt://localhost:1883: connection refused"))
      await says(page, "MQTT has failed since", "#banner-outlet-MQTT")
      const message = page.locator("#banner-outlet-MQTT p")
      assert.isFalse(await message.isVisible())
      await page.locator("#banner-outlet-MQTT summary").click()
      assert.strictEqual(await message.innerText(), "mqtt://localhost:1883: connection refused")
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
      await says(page, "It must be greater than the lower limit.", ".mistake")
      assert.strictEqual(await focused(page), "temperature above, °C")
      await above.fill("-15")
      await page.getByLabel("temperature: minutes that it must last").fill("-1")
      await page.getByLabel("temperature: hysteresis, °C").fill("6")
      await page.getByRole("button", { name: "Save" }).click()
      await says(page, "The time must be a number, 0 or greater.", ".mistake")
      await says(page, "The hysteresis must be smaller than the distance between the limits.", ".mistake")
      await page.getByLabel("temperature: minutes that it must last").fill("10")
      await page.getByLabel("temperature: hysteresis, °C").fill("0.5")
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
        [...document.querySelectorAll("input")].find((input) => input.ariaLabel?.includes("hysteresis, °F"))?.value ===
          "0.9"
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
      // The sensor needs a look, but the value derived from it does not.
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
