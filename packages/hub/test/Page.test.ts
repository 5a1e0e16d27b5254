/**
 * The files of the page, as they are served.
 */
import { assert, describe, it } from "@effect/vitest"
import { get } from "node:http"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll } from "vitest"
import { type Held, hold } from "./fixtures/viewed.ts"

describe("Page", () => {
  let held: Held

  beforeAll(async () => {
    held = await hold({ sensors: 1 })
  })

  afterAll(() => held?.end())

  const fetched = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<
      { readonly status: number; readonly headers: NodeJS.Dict<string | Array<string>>; readonly body: Buffer }
    >(
      (resolve, reject) => {
        get(held.house.url + path, { headers, agent: false }, (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk) => chunks.push(chunk))
          response.on(
            "end",
            () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) })
          )
        }).on("error", reject)
      }
    )

  const named = async (pattern: RegExp): Promise<string> => {
    const { body } = await fetched("")
    const [, name] = pattern.exec(body.toString()) ?? []
    if (name === undefined) throw new Error(`${pattern} is not in the page`)
    return name
  }

  it("are named by their content, kept forever, and sent as they are accepted", async () => {
    const app = await named(/src="\.\/(app-[^"]+\.js)"/)
    const plain = await fetched(app)
    const zipped = await fetched(app, { "accept-encoding": "gzip" })
    const best = await fetched(app, { "accept-encoding": "gzip, deflate, br" })
    const refused = await fetched(app, { "accept-encoding": "br;q=0, gzip;q=0" })
    assert.strictEqual(plain.headers["cache-control"], "public, max-age=31536000, immutable")
    assert.strictEqual(plain.headers["content-type"], "text/javascript; charset=utf-8")
    assert.strictEqual(plain.headers["content-encoding"], undefined)
    assert.strictEqual(zipped.headers["content-encoding"], "gzip")
    assert.deepStrictEqual(gunzipSync(zipped.body), plain.body)
    assert.strictEqual(best.headers["content-encoding"], "br")
    assert.isBelow(best.body.length, zipped.body.length)
    assert.strictEqual(refused.headers["content-encoding"], undefined)
  })

  it("let a browser ask whether the page is another one", async () => {
    const page = await fetched("")
    assert.strictEqual(page.headers["cache-control"], "no-cache")
    const again = await fetched("", { "if-none-match": String(page.headers.etag) })
    assert.strictEqual(again.status, 304)
    assert.strictEqual(again.body.length, 0)
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'.+script-src 'self'/)
  })

  it("are few bytes until something is seen", async () => {
    const paths = ["", await named(/src="\.\/(app-[^"]+\.js)"/), await named(/href="\.\/(page-[^"]+\.css)"/)]
    const sizes = await Promise.all(paths.map((path) => fetched(path, { "accept-encoding": "br" })))
    assert.isBelow(sizes.reduce((sum, { body }) => sum + body.length, 0), 30_000)
  })
})
