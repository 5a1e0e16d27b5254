/**
 * The built site in a browser, and its links.
 */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, afterEach, beforeAll } from "vitest"
import { examples } from "../pages/examples.ts"
import { chips, groups, guides } from "../pages/guides.ts"
import { base, origin, repository, root } from "../pages/links.ts"
import { start } from "../pages/start.ts"
import { entryPoints } from "../typedoc/modules.ts"
import { serve, site } from "./served.ts"

if (!existsSync(join(site, "index.html"))) throw new Error("the site is not built: pnpm site builds and tests it")

const chromiumPath = "/usr/bin/chromium"

const pages = new Map(
  globSync("**/*.html", { cwd: site }).toSorted().map((path) => [path, readFileSync(join(site, path), "utf8")])
)

/** A page's address below the site's. */
const addressOf = (path: string): string => path.replace(/index\.html$/, "")

describe("the site in a browser", () => {
  let server: Awaited<ReturnType<typeof serve>>
  let browser: BrowserContext
  const profile = mkdtempSync(join(tmpdir(), "site-"))

  beforeAll(async () => {
    if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is needed: apt-get install chromium`)
    server = await serve()
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      colorScheme: "light",
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

  // A test that failed has left its page.
  afterEach(async () => {
    await Promise.all(browser.pages().slice(1).map((page) => page.close()))
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
    rmSync(profile, { recursive: true, force: true })
  })

  /** Opens a page, does something there, and checks that nothing is missing, nothing fails, and no other server is asked. */
  const visit = async (path: string, look: (page: Page) => Promise<void>): Promise<void> => {
    const page = await browser.newPage()
    const problems: Array<string> = []
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) problems.push(message.text())
    })
    page.on("pageerror", (error) => problems.push(error.message))
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

  const heading = (page: Page): Promise<string> => page.locator("h1").first().innerText()

  const results = (page: Page) => page.locator("#starlight__search .pagefind-ui__result")

  /** Opens the search by Ctrl+K, once the page, when it has nothing else to do, has loaded it. */
  const open = async (page: Page): Promise<void> => {
    await page.locator(".pagefind-ui__search-input").waitFor({ state: "attached" })
    await page.keyboard.press("Control+k")
    await page.locator(".pagefind-ui__search-input").waitFor()
  }

  const search = async (page: Page, words: string): Promise<ReadonlyArray<string>> => {
    await open(page)
    await page.locator(".pagefind-ui__search-input").fill(words)
    // The words of each result come one after the other.
    await results(page).locator(".pagefind-ui__result-excerpt").first().waitFor()
    return results(page).allInnerTexts()
  }

  it("has the README in front, with its picture and both doors in sight", () =>
    visit("", async (page) => {
      assert.strictEqual(await heading(page), start().title)
      await page.setViewportSize({ width: 1440, height: 900 })
      const bottomOf = (selector: string): Promise<number> =>
        page.locator(selector).first().evaluate((element) => element.getBoundingClientRect().bottom)
      const picture = page.locator(".doors img")
      assert.isAbove(
        await picture.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0)),
        0
      )
      assert.isBelow(await bottomOf(".doors img"), 900)
      assert.isBelow(await bottomOf(".doors [data-language=ts]"), 900)
      assert.include(await page.locator(".doors [data-language=ts]").first().innerText(), "Device.find")
    }))

  it("leads to both doors from the top on a phone", () =>
    visit("", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 })
      const doors = page.locator(".to-doors a")
      assert.deepStrictEqual(await doors.allInnerTexts(), ["I have sensors", "I write Effect"])
      await doors.last().click()
      assert.match(page.url(), /#i-write-effect$/)
      assert.isTrue(await page.locator("#i-write-effect").isVisible())
    }))

  it("has the groups of the guides beside each page, and the modules below them", () =>
    visit("getting-started/", async (page) => {
      const labels = await page.locator("#starlight__sidebar .top-level > li > details > summary").allInnerTexts()
      assert.deepStrictEqual(labels.map((label) => label.trim()), [...groups.map(({ title }) => title), "Modules"])
      assert.strictEqual(
        await page.locator("#starlight__sidebar a[aria-current='page']").innerText(),
        "Getting started"
      )
    }))

  it("leads from each guide to the next and back", () =>
    visit("getting-started/", async (page) => {
      assert.match(await page.locator("a[rel=prev]").innerText(), /Install/)
      await page.locator("a[rel=next]").click()
      await page.waitForURL(/\/raspberry-pi\/$/)
      await page.locator("a[rel=prev]").click()
      await page.waitForURL(/\/getting-started\/$/)
    }))

  it("lists what is on a page beside it", () =>
    visit("getting-started/", async (page) => {
      const link = page.locator("starlight-toc a").last()
      const text = await link.innerText()
      await link.click()
      const anchor = new URL(page.url()).hash.slice(1)
      assert.strictEqual(await page.locator(`[id="${anchor}"]`).innerText(), text)
    }))

  it("groups what a module has by categories, each export with its signature, words, types and source", () =>
    visit("reference/core/discovery/", async (page) => {
      assert.strictEqual(await heading(page), "Discovery")
      assert.deepStrictEqual(await page.locator(".sl-markdown-content h2").allInnerTexts(), ["Constructors", "Models"])
      const text = await page.locator("main").innerText()
      assert.match(text, /function devices<[^]*options\?: Options<F>[^]*OwError, OwClient>/)
      assert.include(text, "import { Discovery } from \"@effect-ownet/core\"")
      assert.match(text, /Discovery\.devices · since \d/)
      assert.isAbove(await page.locator(`.meta a[href^="${repository}/blob/main/"]`).count(), 0)
      await page.locator(".meta a", { hasText: "OwError.OwError" }).first().click()
      await page.waitForURL(/\/reference\/core\/owerror\/#owerror/)
    }))

  it("leads from a module to the guides that explain it, and from a guide to its modules", () =>
    visit("reference/core/follow/", async (page) => {
      await page.locator(".related a", { hasText: "Streams of a network" }).click()
      await page.waitForURL(/\/streams\/$/)
      await page.locator(".related a", { hasText: "Follow" }).click()
      await page.waitForURL(/\/reference\/core\/follow\/$/)
    }))

  it("has the devices by kind, with their first properties, their pages and their families", () =>
    visit("chips/", async (page) => {
      const kinds = await page.locator(".sl-markdown-content h2").allInnerTexts()
      assert.strictEqual(kinds[0], "Thermometers")
      assert.includeMembers(kinds, ["Switches and relays", "Counters and rotation", "Batteries", "Memory", "Clocks"])
      const row = page.locator("tr", { hasText: "DS18B20" })
      assert.match(await row.innerText(), /temperature \(°C\)\s+yes/)
      await row.locator("a").last().click()
      await page.waitForURL(/\/reference\/core\/families\/#ds18b20$/)
      await page.locator(".sl-markdown-content a[href$='/chips/ds18b20/']").first().click()
      await page.waitForURL(/\/chips\/ds18b20\/$/)
      assert.match(
        await page.locator("tr", { hasText: "temphigh" }).innerText(),
        /number\s+yes\s+yes\s+-128 to 127 °C/
      )
    }))

  it("shows a guide with its pictures", () =>
    visit("cli/", async (page) => {
      const widths = await page.locator(".sl-markdown-content img").evaluateAll((images) =>
        images.map((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0))
      )
      assert.isAbove(widths.length, 0)
      assert.notInclude(widths, 0)
    }))

  it("shows an example with its source", () =>
    visit("examples/", async (page) => {
      await page.locator(".sl-markdown-content a", { hasText: "thermostat" }).first().click()
      await page.waitForURL(/\/examples\/thermostat\/$/)
      assert.include(await page.locator("main").innerText(), "import { CircuitBreaker }")
    }))

  it("switches to dark, and stays so", () =>
    visit("", async (page) => {
      const theme = () => page.evaluate(() => document.documentElement.dataset["theme"])
      assert.strictEqual(await theme(), "light")
      await page.locator("header starlight-theme-select select").selectOption("dark")
      assert.strictEqual(await theme(), "dark")
      await page.goto(`${server.url}/hub/`)
      assert.strictEqual(await theme(), "dark")
      await page.locator("header starlight-theme-select select").selectOption("auto")
    }))

  it("has the theme and the navigation at the top on a phone", () =>
    visit("getting-started/", async (page) => {
      await page.setViewportSize({ width: 390, height: 844 })
      assert.isTrue(await page.locator("header starlight-theme-select select").isVisible())
      await page.locator("button[popovertarget='starlight__sidebar']").click()
      const link = page.locator("#starlight__sidebar").getByRole("link", { name: "Concepts", exact: true })
      await link.click()
      await page.waitForURL(/\/concepts\/$/)
    }))

  it("fits a phone", async () => {
    const page = await browser.newPage()
    await page.setViewportSize({ width: 390, height: 844 })
    // Only the width of the page is measured, which needs no script.
    await page.route(/\.js$/, (route) => route.abort())
    const tooWide: Array<string> = []
    // Chips, modules and examples differ in their words only: the longest stand for the others.
    const longest = new Set(["chips/", "reference/", "examples/"].flatMap((folder) =>
      [...pages]
        .filter(([path]) => path.startsWith(folder))
        .toSorted(([, a], [, b]) => b.length - a.length)
        .slice(0, 5)
        .map(([path]) => path)
    ))
    const paths = [...pages.keys()].filter((path) =>
      !/^(?:chips|reference|examples)\/./.test(path) || longest.has(path)
    )
    // oxlint-disable no-await-in-loop -- one page after the other
    for (const path of paths) {
      await page.goto(`${server.url}/${addressOf(path)}`, { waitUntil: "domcontentloaded" })
      if (await page.evaluate(() => document.documentElement.scrollWidth) !== 390) tooWide.push(path)
    }
    // oxlint-enable no-await-in-loop
    await page.close()
    assert.deepStrictEqual(tooWide, [])
  }, 240_000)

  for (
    const [words, title] of [
      ["temphigh", "DS18B20"],
      ["HIH4000", "DS2438"],
      ["illuminance", "DS2438"],
      ["thermostat", "thermostat"]
    ] as const
  ) {
    it(`finds ${title} by ${words}`, () =>
      visit("", async (page) => {
        const found = await search(page, words)
        assert.isTrue(found.some((result) => result.startsWith(title)), found.join("\n---\n"))
      }))
  }

  it("finds Discovery.devices, and goes there", () =>
    visit("", async (page) => {
      await search(page, "Discovery.devices")
      await results(page).locator("a[href*='/reference/core/discovery/']").first().click()
      await page.waitForURL(/\/reference\/core\/discovery\//)
    }))

  it("finds a word of a guide, with its section and what stands around it", () =>
    visit("", async (page) => {
      await search(page, "parasite power")
      const section = results(page).locator(".pagefind-ui__result-nested").first()
      assert.match(await section.locator(".pagefind-ui__result-excerpt").innerText(), /parasit|power/i)
      assert.isAbove(await section.locator("mark").count(), 0)
      await section.locator("a").click()
      await page.waitForURL(/#/)
    }))

  it("loads little for the first search", async () => {
    const page = await browser.newPage()
    let bytes = 0
    page.on("response", (response) => {
      const path = new URL(response.url()).pathname.slice(base.length)
      if (path.startsWith("/pagefind/")) bytes += statSync(join(site, path)).size
    })
    await page.goto(`${server.url}/`, { waitUntil: "networkidle" })
    assert.strictEqual(bytes, 0, "nothing of the search's index before it is used")
    await search(page, "temphigh")
    await page.close()
    assert.isBelow(bytes, 400_000)
    assert.isAbove(bytes, 0)
  })
})

describe("the pages", () => {
  const anchors = new Map([...pages].map(([path, html]) => [
    path,
    new Set(Array.from(html.matchAll(/\sid="([^"]*)"/g), ([, id]) => id))
  ]))

  /** The addresses that a page names, and what in it names them. */
  const links = (html: string): ReadonlyArray<readonly [tag: string, address: string]> =>
    Array.from(
      html.matchAll(/<(\w+)\s(?:[^>]*?\s)?(?:href|src)="([^"]*)"/g),
      ([, tag = "", address = ""]) => [tag, address.replaceAll("&amp;", "&").replaceAll("&#38;", "&")] as const
    )

  const isElsewhere = (address: string): boolean => /^[a-z]+:/.test(address)

  it("lead to files and anchors that are there", () => {
    const lost: Array<string> = []
    for (const [path, html] of pages) {
      for (const [, address] of links(html)) {
        if (isElsewhere(address)) continue
        const [file = "", anchor] = decodeURI(address).split("#")
        const isOfSite = file === "" || file.startsWith(`${base}/`) || !file.startsWith("/")
        const found = file === ""
          ? path
          : file.startsWith("/")
          ? file.slice(base.length + 1)
          : join(dirname(path), file)
        const target = found === "" || found.endsWith("/") ? join(found, "index.html") : found
        const isThere = isOfSite && existsSync(join(site, target))
        const hasAnchor = anchor === undefined || anchor === "" || anchors.get(target)?.has(anchor) === true
        if (!isThere || !hasAnchor) lost.push(`${path}: ${address}`)
      }
    }
    assert.deepStrictEqual(lost, [])
  })

  it("lead to files of the repository that are there", () => {
    const lost: Array<string> = []
    for (const [path, html] of pages) {
      for (const [, address] of links(html)) {
        const file = new RegExp(`^${repository}/(?:blob|edit|tree)/main/([^#]*)`).exec(address)?.[1]
        if (file !== undefined && (file.includes("node_modules") || !existsSync(join(root, file)))) {
          lost.push(`${path}: ${address}`)
        }
      }
    }
    assert.deepStrictEqual(lost, [])
  })

  it("load nothing from elsewhere", () => {
    const loaded = [...pages].flatMap(([path, html]) =>
      links(html)
        .filter(([tag, address]) => tag !== "a" && isElsewhere(address))
        .filter(([, address]) => !address.startsWith("data:") && !address.startsWith(`${origin}${base}/`))
        .map(([, address]) => `${path}: ${address}`)
    )
    assert.deepStrictEqual(loaded, [])
    for (const path of globSync("**/*.css", { cwd: site })) {
      assert.notMatch(readFileSync(join(site, path), "utf8"), /@import|url\(["']?https?:/, path)
    }
  })

  it("have each guide, each chip and each example", () => {
    for (const { route } of [...guides, ...examples]) assert.isTrue(pages.has(`${route}/index.html`), route)
    assert.isAbove(chips.length, 50)
  })

  it("have each entry point, in the navigation of its package", () => {
    const reference = [...pages].filter(([path]) => path.startsWith("reference/"))
    for (const [name] of entryPoints) {
      const route = `reference/${name.replace("@effect-ownet/", "").toLowerCase()}`
      assert.isTrue(pages.has(`${route}/index.html`), name)
      const [, html = ""] = reference.find(([path]) => path === `reference/${route.split("/")[1]}/index.html`) ?? []
      assert.include(html, `href="${base}/${route}/"`)
    }
  })

  it("say what they are, each in its own words", () => {
    const titles = new Set<string>()
    for (const [path, html] of pages) {
      if (path === "404.html") continue
      assert.match(html, /<meta name="description" content="[^"]+/, path)
      titles.add(/<title>([^<]*)/.exec(html)?.[1] ?? "")
    }
    assert.isAbove(titles.size, pages.size * 0.9)
  })

  it("stand beside what programs read of the library", () => {
    const text = join(root, "packages/core/llms.txt")
    assert.strictEqual(existsSync(join(site, "llms.txt")), existsSync(text))
  })

  it("are light", () => {
    const sizes = [...pages].map(([path, html]) => [path, gzipSync(html).length] as const)
    for (const [path, size] of sizes) assert.isBelow(size, 40_000, path)
    const sorted = sizes.map(([, size]) => size).toSorted((a, b) => a - b)
    assert.isBelow(sorted[Math.floor(sorted.length / 2)] ?? 0, 14_000)
  })
})
