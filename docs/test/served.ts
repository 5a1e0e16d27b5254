/**
 * The site as it is when it is published: files, over HTTP.
 */
import { createReadStream, existsSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { extname, join } from "node:path"
import { base } from "../pages/links.ts"

export const site = join(import.meta.dirname, "../site")

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".wasm": "application/wasm"
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject)
      resolve()
    })
  })

/** On the first port that is free, below the path that it is published under. */
export const serve = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname)
    const file = join(site, path.slice(base.length), path.endsWith("/") ? "index.html" : "")
    if (!path.startsWith(`${base}/`) || !existsSync(file) || !statSync(file).isFile()) response.writeHead(404).end()
    else {createReadStream(file).pipe(
        response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" })
      )}
  })
  for (let port = 46_100; port < 46_200; port++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next port is tried where this one is taken
      await listen(server, port)
      return { url: `http://127.0.0.1:${port}${base}`, close: () => server.close() }
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error
    }
  }
  throw new Error("no port from 46100 to 46199 is free")
}
