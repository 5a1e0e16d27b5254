/** The built files of the page. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** An encoding of a body, as in `Content-Encoding`. */
type Encoding = "br" | "gzip" | "identity"

export interface Asset {
  readonly contentType: string
  /** Whether the name changes with the content. */
  readonly isImmutable: boolean
  readonly etag: string
  readonly encodings: Readonly<Record<Encoding, Uint8Array>>
}

export interface Page {
  /** The page at the root. */
  readonly index: Asset
  /** The page one folder below the root. */
  readonly below: Asset
  /** All other files, by name. */
  readonly assets: ReadonlyMap<string, Asset>
}

/** Possible locations: next to a bundle that contains this module, in the published package, and in a checkout. */
export const directories: ReadonlyArray<string> = ["./page/", "../../page/", "../../../dist/page/"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url))
)

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8"
}

const assetOf = (path: string, extension: string): Asset => {
  const identity = readFileSync(path)
  return {
    contentType: types[extension]!,
    isImmutable: extension !== "html",
    // The tag is weak, because each encoding has different bytes.
    etag: `W/"${createHash("sha256").update(identity).digest("base64url").slice(0, 16)}"`,
    encodings: { identity, br: readFileSync(`${path}.br`), gzip: readFileSync(`${path}.gz`) }
  }
}

/** Reads all files of the page. `undefined` if it is not found. */
export const read = (): Page | undefined => {
  const directory = directories.find((directory) => existsSync(join(directory, "index.html")))
  if (directory === undefined) return undefined
  const assets = new Map<string, Asset>()
  for (const name of readdirSync(directory)) {
    const extension = /\.(\w+)$/.exec(name)?.[1] ?? ""
    if (extension in types) assets.set(name, assetOf(join(directory, name), extension))
  }
  const index = assets.get("index.html")
  const below = assets.get("below.html")
  if (index === undefined || below === undefined) return undefined
  assets.delete("index.html")
  assets.delete("below.html")
  return { index, below, assets }
}

/** The best encoding that a request accepts. */
export const choose = (acceptEncoding: string | undefined): Encoding => {
  const accepted = new Map(
    (acceptEncoding ?? "").toLowerCase().split(",").map((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim())
      const quality = parameters.find((parameter) => parameter.startsWith("q="))
      return [name, quality === undefined ? 1 : Number(quality.slice(2))] as const
    })
  )
  const accepts = (encoding: Encoding): boolean => (accepted.get(encoding) ?? accepted.get("*") ?? 0) > 0
  return accepts("br") ? "br" : accepts("gzip") ? "gzip" : "identity"
}

/** Whether `If-None-Match` says that the browser already has the asset. */
export const isKnown = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && ifNoneMatch.split(",").some((tag) => {
    const text = tag.trim()
    return text === "*" || text === etag || `W/${text}` === etag
  })
