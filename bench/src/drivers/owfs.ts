/** npm owfs: callbacks, a connection for each call, at most 8192 bytes of a value. */
import { Client } from "owfs"
import type { Driver } from "./Driver.ts"

const promise = <A>(call: (callback: (error: Error | null | undefined, value: A) => void) => void) =>
  new Promise<A>((resolve, reject) => call((error, value) => error ? reject(error) : resolve(value)))

export const driver: Driver = {
  open: async ({ host, port }) => {
    const client = new Client(host, port)
    return {
      read: (path) => promise<string>((callback) => client.read(path, callback)),
      dir: (path) => promise<Array<string>>((callback) => client.dirall(path, callback)),
      close: async () => {}
    }
  }
}
