/** npm owjs: promises, a connection for each call, at most 8192 bytes of a value. */
import { Client } from "owjs"
import type { Driver } from "./Driver.ts"

export const driver: Driver = {
  open: async ({ host, port }) => {
    const client = new Client({ host, port })
    return {
      read: async (path) => (await client.read(path)).value,
      dir: async (path) => await client.list(path),
      close: async () => {}
    }
  }
}
