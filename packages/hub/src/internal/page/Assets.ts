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

/** Files, by names. */
interface Files {
  readonly names: ReadonlyArray<string>
  readonly read: (name: string) => Uint8Array
}

/** What a single executable of Node has inside it, of which the files of the page have names such as `page/index.html`. */
const inside = (): Files | undefined => {
  // Other runtimes have no such module.
  const sea = process.getBuiltinModule?.("node:sea")
  if (sea === undefined || !sea.isSea()) return undefined
  const names = sea.getAssetKeys().filter((key) => key.startsWith("page/")).map((key) => key.slice("page/".length))
  return names.length === 0
    ? undefined
    : { names, read: (name) => new Uint8Array(sea.getAsset(`page/${name}`)) }
}

const onDisk = (): Files | undefined => {
  const directory = directories.find((directory) => existsSync(join(directory, "index.html")))
  return directory === undefined
    ? undefined
    : { names: readdirSync(directory), read: (name) => readFileSync(join(directory, name)) }
}

const assetOf = ({ read }: Files, name: string, extension: string): Asset => {
  const identity = read(name)
  return {
    contentType: types[extension]!,
    isImmutable: extension !== "html",
    // The tag is weak, because each encoding has different bytes.
    etag: `W/"${createHash("sha256").update(identity).digest("base64url").slice(0, 16)}"`,
    encodings: { identity, br: read(`${name}.br`), gzip: read(`${name}.gz`) }
  }
}

/** Reads all files of the page. `undefined` if it is not found. */
export const read = (): Page | undefined => {
  const files = inside() ?? onDisk()
  if (files === undefined) return undefined
  const assets = new Map<string, Asset>()
  for (const name of files.names) {
    const extension = /\.(\w+)$/.exec(name)?.[1] ?? ""
    if (extension in types) assets.set(name, assetOf(files, name, extension))
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
