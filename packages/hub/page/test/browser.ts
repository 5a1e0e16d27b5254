/** Chromium, and pages in it that must not report errors. */
import type { Api } from "@effect-ownet/hub"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core"

const chromiumPath = "/usr/bin/chromium"

export interface Browser {
  readonly context: BrowserContext
  readonly close: () => Promise<void>
}

export const launch = async (options: BrowserContextOptions = {}): Promise<Browser> => {
  if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is needed: apt-get install chromium`)
  const profile = mkdtempSync(join(tmpdir(), "hub-page-"))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1360, height: 900 },
    ...options,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })
  return {
    context,
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    }
  }
}

export interface Visit {
  /** Errors that the test causes itself. */
  readonly mayFail?: RegExp
}

/** Opens a page, runs a test there, and makes sure that nothing fails and that only the hub is contacted. */
export const visit = async (
  { context }: Browser,
  url: string,
  look: (page: Page) => Promise<void>,
  { mayFail }: Visit = {}
): Promise<void> => {
  const page = await context.newPage()
  const problems: Array<string> = []
  const complain = (problem: string) => {
    if (mayFail?.test(problem) !== true) problems.push(problem)
  }
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complain(message.text())
  })
  page.on("pageerror", (error) => complain(error.message))
  page.on("dialog", (dialog) => complain(`a dialog: ${dialog.message()}`))
  page.on("request", (request) => {
    if (new URL(request.url()).protocol !== "data:" && new URL(request.url()).origin !== new URL(url).origin) {
      complain(`asks ${request.url()}`)
    }
  })
  try {
    await page.goto(url)
    await look(page)
  } finally {
    await page.close()
  }
  assert.deepStrictEqual(problems, [])
}

/** Runs an effect with a house. */
export const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect)

const patience = { timeout: 30_000 }

/** Waits until the page, or a part of it, shows a text. */
export const says = (page: Page, text: string, part = "body"): Promise<void> =>
  page.locator(part, { hasText: text }).first().waitFor({ ...patience, state: "attached" })

/** Waits until a selector matches the given number of elements, or says what the page shows instead. */
export const counts = (page: Page, selector: string, count: number): Promise<unknown> =>
  page.waitForFunction(
    ([selector, count]) => document.querySelectorAll(selector).length === count,
    [selector, count] as const,
    patience
  ).catch(async (cause: unknown) => {
    const found = await page.locator(selector).allInnerTexts()
    throw new Error(`${count} wanted of ${selector}, found: ${JSON.stringify(found)}`, { cause })
  })

/** Waits until a hub has no open notice, no outage, and no place that needs a look. */
export const quiet = async (url: string): Promise<void> => {
  const state: Api.State = await (await fetch(`${url}api/v1/state`)).json()
  const { notices, places, servers } = state
  const isWell = notices.length === 0 &&
    servers.every(({ buses, failing }) => failing === undefined && buses.length === 0) &&
    places.every(({ alarmSince, goneSince, properties }) =>
      alarmSince === undefined && goneSince === undefined && properties.every(({ failing }) => failing === undefined)
    )
  if (isWell) return
  await sleep(200)
  return quiet(url)
}

/** The text of a part of a card. */
export const textOf = (page: Page, name: string, part: string): Promise<string> =>
  card(page, name).locator(part).innerText()

/** The name of the focused element. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() =>
    document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? ""
  )

/** Waits until a chart has drawn something in a color other than gray. */
export const isDrawn = (page: Page, name: string): Promise<unknown> =>
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

/** The card of a place, by its name. */
export const card = (page: Page, name: string) =>
  page.locator(".card", { has: page.getByRole("heading", { name, exact: true }) })
