/** One read with npm owfs. */
import { Client } from "owfs"

const [, , , address, path] = process.argv
const [host, port] = address.split(":")

new Client(host, port).read(path, (error, value) => {
  if (error) throw error
  process.stdout.write(value)
})
