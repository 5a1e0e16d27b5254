/**
 * Draws the pictures of the page anew, for the README and the guide: `ow hub --demo` in Chromium, once something is amiss in the
 * house. That takes two minutes.
 *
 *     node packages/cli/scripts/build.ts && node packages/hub/scripts/pictures.ts
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type BrowserContextOptions, chromium } from "playwright-core"
import type * as Api from "../src/Api.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

const scenes: ReadonlyArray<readonly [name: string, path: string, options: BrowserContextOptions]> = [
  ["hub", "", { viewport: { width: 1360, height: 900 }, colorScheme: "light" }],
  ["hub-phone", "", {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    colorScheme: "dark",
    isMobile: true,
    hasTouch: true
  }]
]

const hub = spawn(process.execPath, [
  join(root, "packages/cli/dist/ow.cjs"),
  "hub",
  "--demo",
  "--listen",
  "0",
  "--title",
  "At home"
], {
  stdio: ["ignore", "pipe", "inherit"]
})
try {
  const [line] = await once(hub.stdout, "data")
  const url = String(line).trim()
  const isAmiss = async (): Promise<boolean> => {
    const events: ReadonlyArray<Api.Event> = await (await fetch(`${url}api/v1/events?limit=10`)).json()
    return events.some(({ at, kind }) => kind === "LimitExceeded" && Date.now() / 1000 - at < 60)
  }
  while (!await isAmiss()) await setTimeout(1000)
  await setTimeout(5000)
  for (const [name, path, options] of scenes) {
    const profile = mkdtempSync(join(tmpdir(), "hub-pictures-"))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...options
    })
    const page = await context.newPage()
    await page.goto(url + path)
    await page.waitForSelector("canvas")
    await setTimeout(2000)
    await page.screenshot({ path: join(root, `docs/pictures/${name}.png`) })
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
} finally {
  hub.kill()
}
