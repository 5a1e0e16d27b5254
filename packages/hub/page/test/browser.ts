/** Chromium, and pages in it that may not complain. */
import { assert } from "@effect/vitest"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
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
  /** What the console may say, because the test lets it happen. */
  readonly mayFail?: RegExp
}

/** Opens a page, does something there, and sees to it that nothing fails, and nobody but the hub is asked. */
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

/** The card of a place, by its name. */
export const card = (page: Page, name: string) =>
  page.locator(".card", { has: page.getByRole("heading", { name, exact: true }) })
