/** The page of a place, and the changes allowed there and elsewhere. */
import { assert, describe, it } from "@effect/vitest"
import { readFile } from "node:fs/promises"
import { climate, hold, idOf, relays } from "../../test/fixtures/viewed.ts"
import { card, counts, focused, run, says, textOf, visit } from "./browser.ts"
import { houses } from "./houses.ts"

describe("the page of a place", () => {
  const held = houses()

  it("allows nothing where nothing is permitted", () =>
    visit(held.browser, `${held.plain.house.url}s/${relays}`, async (page) => {
      await page.getByRole("switch").first().waitFor()
      assert.strictEqual(await page.getByRole("switch").count(), 8)
      assert.strictEqual(await page.getByRole("switch", { disabled: false }).count(), 0)
      assert.strictEqual(await page.getByRole("switch", { checked: true }).count(), 1)
      assert.match(await page.locator(".relay").first().getAttribute("title") ?? "", /--allow-write/)
    }))

  it("switches after it has asked, and shows what was read back", () =>
    visit(held.browser, held.open.house.url, async (page) => {
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
      await visit(held.browser, guarded.house.url, async (page) => {
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

  it("shows all of a place, and lets it be edited in °F", () =>
    visit(held.browser, held.open.house.url, async (page) => {
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
      const state = await (await fetch(`${held.open.house.url}api/v1/places`)).text()
      assert.include(state, `"limits":{"temperature":{"above":15,"below":8}}`)
      await page.getByLabel("Name", { exact: true }).fill("Wine")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: "Wine", exact: true }).waitFor()
      await page.getByRole("button", { name: "°F: show °C" }).click()
    }))

  it("shows each property that has a history", () =>
    visit(held.browser, `${held.open.house.url}s/${climate}`, async (page) => {
      await page.getByRole("button", { name: "humidity", exact: true }).click()
      await page.locator(".headline .value", { hasText: "48.5 %" }).waitFor()
      await page.locator(".legend .reading", { hasText: "48.5" }).waitFor()
    }))

  it("is used by keyboard alone", () =>
    visit(held.browser, held.open.house.url, async (page) => {
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
        "1 h: the last hour",
        "24 h: the last 24 hours",
        "7 d: the last 7 days",
        "30 d: the last 30 days",
        "1 y: the last year",
        "Wine"
      ])
      const outline = await page.evaluate(() => {
        const link = document.activeElement
        return link === null ? "" : getComputedStyle(link, "::after").outlineStyle
      })
      assert.strictEqual(outline, "solid")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { level: 1, name: "Wine" }).waitFor()
      const live = page.getByRole("button", { name: "Back to live" })
      await page.getByRole("img").first().focus()
      await page.keyboard.press("+")
      await live.waitFor()
      await page.keyboard.press("Escape")
      await live.waitFor({ state: "hidden" })
      await page.keyboard.press("Escape")
      await card(page, "Wine").waitFor()
      await page.goBack()
      await page.getByRole("heading", { level: 1, name: "Wine" }).waitFor()
    }))

  it("has names and roles for everything that does something", () =>
    visit(held.browser, `${held.open.house.url}s/${relays}`, async (page) => {
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

  it("reads and writes all properties of the chip, when asked to", () =>
    visit(held.browser, `${held.open.house.url}s/${idOf(0)}`, async (page) => {
      const row = (name: string) =>
        page.locator(".properties tr", { has: page.getByRole("rowheader", { name, exact: true }) })
      await held.open.house.network.set(`/bus.0/${idOf(0)}/temperature`, 23.5).pipe(run)
      await page.getByRole("button", { name: "Read temperature", exact: true }).click()
      await row("temperature").locator(".of", { hasText: "23.5 °C" }).waitFor()
      await page.getByText("All other properties of the DS18B20").click()
      await page.getByRole("button", { name: "Read errata/trim", exact: true }).click()
      assert.isAbove(await page.locator(".properties tr").count(), 15)
      await row("errata/trim").locator(".of", { hasText: /^\d/ }).waitFor()
      assert.strictEqual(await row("type").getByRole("button", { name: "Write" }).count(), 0)
      const write = page.getByRole("button", { name: "Write templow" })
      await write.click()
      await page.keyboard.press("Escape")
      await page.locator("dialog").waitFor({ state: "detached" })
      await page.getByRole("button", { name: "°C: show °F" }).click()
      await write.click()
      await page.getByLabel("New value, °F").fill("41")
      await page.getByRole("button", { name: "Write", exact: true }).click()
      await says(page, "templow was read back as 41.0 °F", "#toast")
      await page.getByRole("button", { name: "°F: show °C" }).click()
      await row("templow").locator(".of", { hasText: "5.0 °C" }).waitFor()
    }))

  it("lets another sensor fill a place, which keeps its name and history", async () => {
    const own = await hold({ sensors: 2, isBare: true, permits: "editing" })
    try {
      await visit(held.browser, `${own.house.url}s/${idOf(0)}`, async (page) => {
        await page.getByRole("heading", { level: 1, name: "Kitchen" }).waitFor()
        await page.getByLabel("Sensor", { exact: true }).selectOption({ label: `Living room, ${idOf(1)}` })
        await page.getByRole("button", { name: "Replace" }).click()
        assert.include(await page.getByRole("dialog").innerText(), `${idOf(1)} fills Kitchen from now on`)
        await page.getByRole("dialog").getByRole("button", { name: "Replace" }).click()
        await says(page, `DS18B20 · ${idOf(1)}`, ".about")
        await says(page, "sensor replaced", ".events")
        await page.getByRole("link", { name: "Overview" }).click()
        await counts(page, ".card", 1)
        assert.strictEqual(await card(page, "Kitchen").count(), 1)
      })
    } finally {
      await own.end()
    }
  })

  it("gives what is shown as CSV", () =>
    visit(held.browser, `${held.open.house.url}s/${idOf(6)}`, async (page) => {
      await page.locator(".legend .reading", { hasText: "…" }).waitFor()
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "CSV" }).click()
      ])
      const [head, first = ""] = (await readFile(await download.path(), "utf8")).split("\r\n")
      assert.strictEqual(head, "time,place,name,property,value,unit,verdict")
      assert.match(
        first,
        new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z,${idOf(6)},Wine,temperature,[\\d.]+,°C,Plausible$`)
      )
    }))

  it("is walked through by keyboard, and nothing is left out", async () => {
    for (const path of ["", `s/${idOf(0)}`, `s/${relays}`, "events"]) {
      // oxlint-disable-next-line no-await-in-loop -- one page after the other
      await visit(held.browser, held.open.house.url + path, async (page) => {
        await page.locator("main .card, main .page").first().waitFor()
        if (path === `s/${idOf(0)}`) await page.locator(".legend .reading", { hasText: "…" }).waitFor()
        const wanted = await page.evaluate(() => {
          const found = [
            ...document.querySelectorAll<HTMLElement>("a[href], button, input, select, summary, [tabindex='0']")
          ]
            .filter((element) => element.checkVisibility() && !element.matches(":disabled"))
          for (const [index, element] of found.entries()) element.dataset["stop"] = String(index)
          return found.length
        })
        const stops: Array<string | undefined> = []
        const outlines: Array<string> = []
        for (let count = 0; count < wanted; count++) {
          // oxlint-disable-next-line no-await-in-loop -- one key after the other
          await page.keyboard.press("Tab")
          // oxlint-disable-next-line no-await-in-loop -- one key after the other
          const [stop, outline] = await page.evaluate(() => {
            const { activeElement } = document
            if (!(activeElement instanceof HTMLElement)) return ["", ""] as const
            const style = [getComputedStyle(activeElement), getComputedStyle(activeElement, "::after")]
            return [
              activeElement.dataset["stop"],
              style.map(({ outlineStyle }) => outlineStyle).find((style) => style !== "none") ?? "none"
            ] as const
          })
          stops.push(stop)
          outlines.push(outline)
        }
        assert.deepStrictEqual(stops, Array.from({ length: wanted }, (_, index) => String(index)), path)
        assert.notInclude(outlines, "none")
      })
    }
  })

  it("tells in words what a chart shows", () =>
    visit(held.browser, `${held.open.house.url}s/${idOf(2)}`, async (page) => {
      await page.locator(".legend .reading", { hasText: "…" }).waitFor()
      assert.match(
        await page.locator(".chart.large").getAttribute("aria-label") ?? "",
        /^Chart of Bathroom, temperature, the last 24 hours: \d\d\.\d °C to \d\d\.\d °C(, (steady|rising|falling))?, with gaps\. Arrow keys/
      )
      await page.getByRole("link", { name: "Overview" }).click()
      await card(page, "Bathroom").getByRole("img", { name: /^Chart of Bathroom, .+ °C to .+, with gaps\.$/ }).waitFor()
    }))
})
