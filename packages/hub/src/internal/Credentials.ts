/** User and password within an address. A request must not have them there. */
import * as Encoding from "effect/encoding/Base64"

/** An address without user and password, and equivalent headers. */
export const split = (
  address: string | URL
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } => {
  const url = URL.parse(address)
  if (url === null || (url.username === "" && url.password === "")) return { url: String(address), headers: {} }
  const text = [url.username, url.password].map(decoded).join(":")
  url.username = ""
  url.password = ""
  return { url: url.href, headers: { authorization: `Basic ${Encoding.encode(text)}` } }
}

/** A `%` that begins no code stands for itself. */
const decoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll("%", ""), "hex").toString())
