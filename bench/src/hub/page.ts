/**
 * The cost of the hub's page in a browser: time to paint, to show the first value and to draw charts, and its memory while it is
 * open.
 *
 *     pnpm bench:page
 *     pnpm bench:page --minutes 10 --sensors 100 --starts 5
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type BrowserContext, type CDPSession, chromium } from "playwright-core"

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    sensors: { type: "string", default: "100" },
    starts: { type: "string", default: "5" }
  }
})
const minutes = Number(options.minutes)

const fixture = fileURLToPath(new URL("../../../packages/hub/test/fixtures/viewed.ts", import.meta.url))

/** A simulated house with two days of history, read every 2 seconds, in a separate process. */
const serve = async (): Promise<readonly [hub: ChildProcess, url: string]> => {
  const hub = spawn(process.execPath, [fixture, options.sensors, "0", "well", "2"], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  for await (const line of createInterface({ input: hub.stdout })) if (line.startsWith("http")) return [hub, line]
  throw new Error("the hub has ended")
}

const within = async <A>(use: (context: BrowserContext) => Promise<A>): Promise<A> => {
  const profile = mkdtempSync(join(tmpdir(), "bench-page-"))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    viewport: { width: 1360, height: 900 },
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
  })
  try {
    return await use(context)
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

interface Seen {
  value?: number
  charts?: number
}

declare global {
  var seen: Seen
}

/** Records when the first value appears, and when each visible card has its chart. */
const watch = (): void => {
  globalThis.seen = {}
  const look = (): void => {
    const now = performance.now()
    if (/\d/.test(document.querySelector(".card .number")?.textContent ?? "")) globalThis.seen.value ??= now
    const cards = [...document.querySelectorAll(".card:not(.bone)")].filter((card) => {
      const { bottom, top } = card.getBoundingClientRect()
      return bottom > 0 && top < innerHeight
    })
    if (cards.length > 0 && cards.every((card) => card.querySelector("canvas") !== null)) globalThis.seen.charts ??= now
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** A first visit: the browser's cache contains nothing of the page. */
const start = (url: string) =>
  within(async (context) => {
    const page = context.pages()[0] ?? await context.newPage()
    await page.addInitScript(watch)
    await page.goto(url)
    await page.waitForFunction(() => globalThis.seen.charts !== undefined)
    return page.evaluate(() => {
      const { charts = NaN, value = NaN } = globalThis.seen
      let bytes = 0
      let chartBytes = 0
      for (
        const entry of [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
      ) {
        if (!(entry instanceof PerformanceResourceTiming)) continue
        if (entry.name.includes("/chart-")) chartBytes += entry.transferSize
        else if (!entry.name.includes("/api/")) bytes += entry.transferSize
      }
      return {
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
        value,
        charts,
        bytes,
        chartBytes
      }
    })
  })

/** The page's resources after a garbage collection. */
const hold = async (session: CDPSession) => {
  await session.send("HeapProfiler.collectGarbage")
  const { metrics } = await session.send("Performance.getMetrics")
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN
  return { heap: of("JSHeapUsedSize"), nodes: of("Nodes"), listeners: of("JSEventListeners"), busy: of("TaskDuration") }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const [hub, url] = await serve()
try {
  const starts: Array<Awaited<ReturnType<typeof start>>> = []
  for (let count = 0; count < Number(options.starts); count++) {
    // oxlint-disable-next-line no-await-in-loop -- one visit after the other
    starts.push(await start(url))
  }
  const of = (name: keyof (typeof starts)[number]): number => Math.round(median(starts.map((one) => one[name])))
  print(`${options.sensors} sensors, ${options.starts} first visits, medians`)
  print(`first paint ${of("paint")} ms, first value ${of("value")} ms, charts drawn ${of("charts")} ms`)
  print(`transferred until the first value ${of("bytes")} B, for charts ${of("chartBytes")} B more`)
  await within(async (context) => {
    const page = context.pages()[0] ?? await context.newPage()
    await page.goto(url)
    await page.locator(".card canvas").first().waitFor()
    // All charts are drawn once, as if a viewer had looked at everything.
    const height = await page.evaluate(() => document.documentElement.scrollHeight)
    for (let top = 0; top < height; top += 600) {
      // oxlint-disable-next-line no-await-in-loop -- one stretch after the other
      await page.evaluate((top) => scrollTo(0, top), top)
      // oxlint-disable-next-line no-await-in-loop -- one stretch after the other
      await sleep(300)
    }
    await page.evaluate(() => scrollTo(0, 0))
    print("minute  heap MB  nodes  listeners  busy % of a core")
    const session = await context.newCDPSession(page)
    await session.send("Performance.enable")
    let before = await hold(session)
    for (let minute = 0; minute <= minutes; minute++) {
      // oxlint-disable-next-line no-await-in-loop -- one minute after the other
      if (minute > 0) await sleep(60_000)
      // oxlint-disable-next-line no-await-in-loop -- one minute after the other
      const held = await hold(session)
      const busy = minute === 0 ? "" : ((held.busy - before.busy) / 60 * 100).toFixed(1)
      print(
        `${String(minute).padStart(6)}  ${(held.heap / 1e6).toFixed(2).padStart(7)}  ${
          String(held.nodes).padStart(5)
        }  ${String(held.listeners).padStart(9)}  ${busy.padStart(16)}`
      )
      before = held
    }
  })
} finally {
  hub.kill()
}
