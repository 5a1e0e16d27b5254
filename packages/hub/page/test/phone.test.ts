/** The page on a phone. */
import { assert, describe, it } from "@effect/vitest"
import { afterAll, beforeAll } from "vitest"
import { type Held, hold, idOf, relays } from "../../test/fixtures/viewed.ts"
import { type Browser, card, isDrawn, launch, visit } from "./browser.ts"

/** Texts that a narrow page cuts off or breaks, and the page itself if it is wider than the screen. This runs in the browser. */
const cut = (): ReadonlyArray<string> => {
  const found: Array<string> = []
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page")
  for (const element of document.querySelectorAll<HTMLElement>("main *, header *")) {
    if (!element.checkVisibility() || element.closest(".unseen, .scroll, .chart, [role=switch]") !== null) continue
    const { clientHeight, clientWidth, scrollHeight, scrollWidth } = element
    const { fontSize, overflowX, paddingLeft } = getComputedStyle(element)
    const isOver = overflowX !== "visible" && scrollWidth > clientWidth + 1
    const isBroken = element.localName === "time" && scrollHeight > 2 * Number.parseFloat(fontSize)
    let isShort = false
    if (element instanceof HTMLInputElement && element.placeholder !== "" && clientHeight > 0) {
      const context = document.createElement("canvas").getContext("2d")
      if (context !== null) {
        context.font = getComputedStyle(element).font
        isShort = context.measureText(element.placeholder).width > clientWidth - 2 * Number.parseFloat(paddingLeft)
      }
    }
    if (isOver || isBroken || isShort) found.push(`${element.localName}: ${element.outerHTML.slice(0, 120)}`)
  }
  return found
}

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

  const views = [
    ["overview", "", ".card canvas"],
    ["place", `s/${idOf(0)}`, ".legend .reading"],
    ["switches", `s/${relays}`, "[role=switch]:enabled"],
    ["events", "events", ".events li"]
  ] as const
  for (const [what, path, sign] of views) {
    it(`is not scrolled sideways, and is met by a thumb: ${what}`, () =>
      visit(browser, held.house.url + path, async (page) => {
        await page.locator(sign).first().waitFor()
        await page.evaluate(() => {
          for (const details of document.querySelectorAll("details")) details.open = true
        })
        for (const width of [320, 360, 390]) {
          // oxlint-disable-next-line no-await-in-loop -- one width after the other
          await page.setViewportSize({ width, height: 844 })
          // oxlint-disable-next-line no-await-in-loop -- one width after the other
          assert.deepStrictEqual(await page.evaluate(cut), [], `at ${width} px`)
        }
        const small = await page.evaluate(() =>
          [...document.querySelectorAll("button, a, input, select, summary")].filter((element) => {
            if (!element.checkVisibility() || element.closest(".skip") !== null) return false
            // The touch target is the whole label of a check box, and the whole header of a card.
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
