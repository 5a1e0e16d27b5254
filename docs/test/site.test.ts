/**
 * The built site in a browser, and its links.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { guides } from "../typedoc/guides.ts"
import { entryPoints } from "../typedoc/modules.ts"
import { serve, site } from "./served.ts"

if (!existsSync(join(site, "index.html"))) throw new Error("the site is not built: pnpm site builds and tests it")

const chromiumPath = "/usr/bin/chromium"

describe("the site in a browser", () => {
  let server: Awaited<ReturnType<typeof serve>>
  let browser: BrowserContext
  const profile = mkdtempSync(join(tmpdir(), "site-"))

  beforeAll(async () => {
    if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is needed: apt-get install chromium`)
    server = await serve()
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
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
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(profile, { recursive: true, force: true })
  })

  /** Opens a page, does something there, and sees to it that nothing is missing, nothing fails, and nobody else is asked. */
  const visit = async (path: string, look: (page: Page) => Promise<void>): Promise<void> => {
    const page = await browser.newPage()
    const problems: Array<string> = []
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text())
    })
    page.on("pageerror", (error) => problems.push(error.message))
    page.on("requestfailed", (request) => problems.push(`${request.url()} failed`))
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`${response.url()}: ${response.status()}`)
    })
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) {
        problems.push(`asks ${request.url()}`)
      }
    })
    await page.goto(`${server.url}/${path}`, { waitUntil: "networkidle" })
    await look(page)
    await page.close()
    assert.deepStrictEqual(problems, [])
  }

  const search = async (page: Page, words: string): Promise<void> => {
    await page.keyboard.press("/")
    // The index is unpacked, and until then it says so.
    await page.locator("#tsd-search-status:empty").waitFor({ state: "attached" })
    await page.locator("#tsd-search-input").pressSequentially(words)
    await page.locator("#tsd-search-results li").first().waitFor()
  }

  const heading = (page: Page): Promise<string> => page.locator(".col-content h1").first().innerText()

  it("has the README in front, with all modules and the guides beside it", () =>
    visit("", async (page) => {
      assert.strictEqual(await page.title(), "effect-ownet")
      assert.strictEqual(await heading(page), "effect-ownet")
      const names = (await page.locator(".tsd-navigation > ul > li").allInnerTexts()).map((name) => name.trim())
      assert.deepStrictEqual(names, ["Guides", ...entryPoints.map(([name]) => name)])
    }))

  it("groups what a module has by categories", () =>
    visit("modules/_effect-ownet_core.Poll.html", async (page) => {
      assert.strictEqual(await heading(page), "Namespace Poll")
      const categories = await page.locator(".tsd-member-group h2").allInnerTexts()
      assert.deepStrictEqual(categories, ["streams", "filtering", "models"])
    }))

  it("shows a function with its signature, its words and an example", () =>
    visit("functions/_effect-ownet_core.Discovery.devices.html", async (page) => {
      assert.strictEqual(await heading(page), "Function devices")
      assert.match(
        await page.locator(".tsd-signature").first().innerText(),
        /options\?: .*OwError\.OwError,\s+OwClient\.OwClient/s
      )
      assert.isAbove(await page.locator("pre code.ts").count(), 0)
      assert.isAbove(await page.locator(".tsd-sources a[href^='https://github.com/']").count(), 0)
    }))

  it("shows the properties of a family as a table", () =>
    visit("variables/_effect-ownet_core_families.DS18B20.html", async (page) => {
      const row = page.locator("tr", { hasText: "temperature" }).first()
      assert.match(await row.innerText(), /number\s+yes\s+-55 to 125 °C/)
    }))

  it("shows a guide with its pictures", () =>
    visit("documents/Guides.The_command_ow.html", async (page) => {
      assert.strictEqual(await heading(page), "The command ow")
      const widths = await page.locator(".col-content img").evaluateAll((images) =>
        images.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0))
      )
      assert.isAbove(widths.length, 0)
      assert.notInclude(widths, 0)
    }))

  it("shows a chip below the index of the chips", () =>
    visit("documents/Guides.Supported_devices.html", async (page) => {
      await page.locator(".col-content a", { hasText: "DS2438" }).click()
      await page.waitForURL(/Supported_devices\.DS2438\.html$/)
      assert.strictEqual(await heading(page), "DS2438")
      assert.match(
        await page.locator("tr", { hasText: "humidity" }).first().innerText(),
        /Humidity\s+sensor\s+humidity\s+%/
      )
    }))

  it("fits a phone", async () => {
    const page = await browser.newPage()
    // The search and the navigation are hidden there, and take most of the time.
    await page.route(/assets\/(?:hierarchy|navigation|search)\.js$/, (route) => route.abort())
    await page.setViewportSize({ width: 390, height: 844 })
    const tooWide: Array<string> = []
    // oxlint-disable no-await-in-loop -- one page after the other
    const all = globSync("{index,documents/*,modules/*,functions/*.make}.html", { cwd: site })
    // The pages of the chips differ in their words only: that with the longest table stands for the others.
    for (const path of all.filter((path) => !/Supported_devices\.(?!EDS\.)/.test(path))) {
      await page.goto(`${server.url}/${path}`, { waitUntil: "domcontentloaded" })
      // What shows the page waits for the search.
      await page.evaluate(() => document.body.style.removeProperty("display"))
      if (await page.evaluate(() => document.documentElement.scrollWidth) !== 390) tooWide.push(path)
    }
    // oxlint-enable no-await-in-loop
    await page.close()
    assert.deepStrictEqual(tooWide, [])
  }, 120_000)

  for (
    const [words, chip] of [["temphigh", "DS18B20"], ["HIH4000", "DS2438"], ["illuminance", "DS2438"]]
  ) {
    it(`finds a chip by ${words}`, () =>
      visit("", async (page) => {
        await search(page, words)
        const found = await page.locator("#tsd-search-results li").allInnerTexts()
        assert.isTrue(found.some((result) => result.includes(chip)), `${found}`)
      }))
  }

  for (
    const [how, go] of [
      ["Enter", async (page: Page) => {
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
      }],
      ["a click", (page: Page) => page.locator("#tsd-search-results a").first().click()]
    ] as const
  ) {
    it(`finds Discovery.devices, and goes there by ${how}`, () =>
      visit("", async (page) => {
        await search(page, "Discovery.devices")
        await go(page)
        await page.waitForURL(/functions\/_effect-ownet_core\.Discovery\.devices\.html$/)
        assert.strictEqual(await heading(page), "Function devices")
      }))
  }
})

describe("the pages", () => {
  const pages = new Map(
    globSync("**/*.html", { cwd: site }).map((path) => [path, readFileSync(join(site, path), "utf8")])
  )

  const anchors = new Map([...pages].map(([path, html]) => [
    path,
    new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
  ]))

  /** The addresses that a page names, and what in it names them. */
  const links = (html: string): ReadonlyArray<readonly [tag: string, address: string]> =>
    [...html.matchAll(/<(\w+)[^>]*? (?:href|src)="([^"]*)"/g)].map((
      [, tag, address]
    ) => [tag, address.replaceAll("&amp;", "&")])

  const isElsewhere = (address: string): boolean => /^[a-z]+:/.test(address)

  it("lead to files and anchors that are there", () => {
    const lost: Array<string> = []
    for (const [path, html] of pages) {
      for (const [, address] of links(html)) {
        if (isElsewhere(address)) continue
        const [file, anchor] = decodeURI(address).split("#")
        const found = file === "" ? path : relative(site, join(site, dirname(path), file))
        const target = found === "" || found.endsWith("/") || file.endsWith("/") ? join(found, "index.html") : found
        if (!existsSync(join(site, target))) lost.push(`${path}: ${address}`)
        // Such a mark is the page's own, of an icon.
        else if (
          anchor !== undefined && target.endsWith(".html") && !anchor.startsWith("icon-") && anchor !== "" &&
          anchors.get(target)?.has(anchor) !== true
        ) {
          lost.push(`${path}: ${address}`)
        }
      }
    }
    assert.deepStrictEqual(lost, [])
  })

  it("lead to files of the repository that are there", () => {
    const repository = "https://github.com/effect-ownet/effect-ownet/"
    const lost: Array<string> = []
    for (const [path, html] of pages) {
      for (const [, address] of links(html)) {
        const file = new RegExp(`^${repository}(?:blob|tree)/main/([^#]*)`).exec(address)?.[1]
        if (file !== undefined && (file.includes("node_modules") || !existsSync(join(site, "../..", file)))) {
          lost.push(`${path}: ${address}`)
        }
      }
    }
    assert.deepStrictEqual(lost, [])
  })

  it("load nothing from elsewhere", () => {
    const loaded = [...pages].flatMap(([path, html]) =>
      links(html).filter(([tag, address]) => tag !== "a" && isElsewhere(address)).map(([, address]) =>
        `${path}: ${address}`
      )
    )
    assert.deepStrictEqual(loaded, [])
  })

  it("have each guide", () => {
    const documents = globSync("documents/*.html", { cwd: site })
    assert.strictEqual(documents.length, guides.length)
  })

  it("are light", () => {
    for (const [path, html] of pages) assert.isBelow(html.length, 200_000, path)
    assert.isBelow(readFileSync(join(site, "assets/search.js")).length, 335_000)
  })
})
