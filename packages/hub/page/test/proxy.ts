/** A proxy as people put it before a hub: it removes a path, and may serve another build of the page. */
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"

export interface Proxy {
  readonly url: string
  /** Serves the page as if it were built again: its files have other names, and the old ones no longer exist. */
  readonly rebuild: () => void
  readonly close: () => Promise<void>
}

const files = /(?:app|chart|events|page|place)-[\w-]{8}(?=\.(?:css|js))/g

/** Proxies a hub on a separate port, below `path`, such as `/home/ow`. */
export const open = async (hub: string, path: string): Promise<Proxy> => {
  let build = ""
  const server = createServer((asked, answer) => {
    const { url = "" } = asked
    const wanted = build === "" ? url : url.replace(`${build}.`, ".")
    const isOld = build !== "" && wanted === url && url.search(files) !== -1
    if (!url.startsWith(`${path}/`) || isOld) return void answer.writeHead(404).end()
    const passed = request(new URL(wanted.slice(path.length + 1), hub), {
      method: asked.method,
      headers: { ...asked.headers, "accept-encoding": "identity", "if-none-match": "" }
    }, (found) => {
      const { "content-length": _, etag: __, ...headers } = found.headers
      answer.writeHead(found.statusCode ?? 502, headers)
      if (build === "" || found.headers["content-type"]?.startsWith("text/event-stream") === true) {
        // Each message is passed on at once.
        found.on("data", (chunk) => answer.write(chunk)).on("end", () => answer.end())
        return
      }
      let body = ""
      found.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk
      }).on("end", () => answer.end(body.replaceAll(files, `$&${build}`)))
    })
    passed.on("error", () => answer.destroy())
    answer.on("close", () => passed.destroy())
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  // The server listens on a TCP port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${path}/`,
    rebuild: () => {
      build = "-new"
      server.closeAllConnections()
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}
