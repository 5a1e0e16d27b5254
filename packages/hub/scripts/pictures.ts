/**
 * Draws the pictures of the hub's page for README and guides again: a simulated house on a day in February.
 *
 *     pnpm page:pictures
 */
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { crc32, deflateSync } from "node:zlib"
import { type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { hold, idOf } from "../test/fixtures/viewed.ts"

const pictures = fileURLToPath(new URL("../../../docs/pictures/", import.meta.url))

const { end, house } = await hold({
  sensors: 12,
  days: 40,
  isBare: true,
  permits: "editing",
  every: "2 seconds",
  at: Date.UTC(2026, 1, 14, 17, 20) / 1000
})

/** Makes the edits that people would make on the place's own page. */
const edit = async (index: number, change: object): Promise<void> => {
  const response = await fetch(`${house.url}api/v1/places/${idOf(index)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(change)
  })
  if (!response.ok) throw new Error(await response.text())
}

const order = [0, 1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11]

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] })

/** A chunk of a PNG. */
const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** The same picture in 256 colors, which takes a third of the bytes. */
const reduce = async (page: Page, png: Buffer): Promise<Buffer> => {
  const { height, indices, palette, width } = await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes]))
    const { height, width } = bitmap
    const context = new OffscreenCanvas(width, height).getContext("2d")
    if (context === null) throw new Error("nothing can be drawn")
    context.drawImage(bitmap, 0, 0)
    const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)
    const counts = new Map<number, number>()
    for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
    // This runs in the browser, without access to the code around it.
    // oxlint-disable-next-line unicorn/consistent-function-scoping
    const channels = (color: number) => [color & 255, (color >> 8) & 255, (color >> 16) & 255] as const
    const colors = [...counts].toSorted(([, one], [, other]) => other - one).map(([color, count]) => ({
      color,
      count,
      is: channels(color),
      error: Infinity,
      nearest: 0
    }))
    const palette: Array<number> = []
    const take = (chosen: (typeof colors)[number]): void => {
      const [r, g, b] = chosen.is
      for (const one of colors) {
        const error = (one.is[0] - r) ** 2 + (one.is[1] - g) ** 2 + (one.is[2] - b) ** 2
        if (error >= one.error) continue
        one.error = error
        one.nearest = palette.length / 3
      }
      palette.push(...chosen.is)
    }
    // Takes the most frequent colors, and of the others the one that would be missed most.
    for (const one of colors.slice(0, 96)) take(one)
    const loss = ({ count, error }: (typeof colors)[number]): number => error * Math.sqrt(count)
    while (palette.length < 3 * Math.min(256, colors.length)) {
      take(colors.reduce((worst, one) => loss(one) > loss(worst) ? one : worst))
    }
    const nearest = new Map(colors.map(({ color, nearest }) => [color, nearest]))
    let indices = ""
    for (const pixel of pixels) indices += String.fromCharCode(nearest.get(pixel) ?? 0)
    return { height, width, palette, indices: btoa(indices) }
  }, png.toString("base64"))
  const pixels = Buffer.from(indices, "base64")
  // Each line begins with its filter, which is none.
  const lines = Array.from(
    { length: height },
    (_, y) => [Buffer.from([0]), pixels.subarray(y * width, (y + 1) * width)]
  )
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("PLTE", Buffer.from(palette)),
    chunk("IDAT", deflateSync(Buffer.concat(lines.flat()), { level: 9 })),
    chunk("IEND", Buffer.alloc(0))
  ])
}

const draw = async (
  name: string,
  options: BrowserContextOptions,
  isReady: (page: Page) => Promise<unknown>
): Promise<void> => {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    ...options
  })
  const page = await context.newPage()
  await page.goto(house.url)
  await isReady(page)
  // Each visible card has its chart, and two rounds of readings give a trend.
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".card")].every((card) =>
      card.getBoundingClientRect().top > innerHeight || card.querySelector("canvas") !== null
    )
  )
  const picture = await reduce(page, await page.screenshot())
  await context.close()
  writeFileSync(`${pictures}${name}.png`, picture)
  process.stdout.write(`docs/pictures/${name}.png: ${Math.ceil(picture.length / 1000)} kB\n`)
}

try {
  mkdirSync(pictures, { recursive: true })
  for (const [position, index] of order.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- one change after the other
    await edit(index, { order: position + 1, ...index === 4 ? { group: "Upstairs" } : undefined })
  }
  await draw(
    "hub-desktop",
    { viewport: { width: 1360, height: 960 }, colorScheme: "light" },
    (page) => page.getByText("12 sensors, all well").waitFor()
  )
  await Effect.runPromise(house.network.set(`/bus.2/${idOf(5)}/temperature`, -9.125))
  await draw(
    "hub-phone",
    {
      viewport: { width: 390, height: 844 },
      colorScheme: "dark",
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true
    },
    (page) => page.getByText("above −15.0 °C").waitFor()
  )
} finally {
  await browser.close()
  await end()
}
