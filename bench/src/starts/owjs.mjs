/** One read with npm owjs. */
import { Client } from "owjs"

const [, , , address, path] = process.argv
const [host, port] = address.split(":")

const { value } = await new Client({ host, port }).read(path)
process.stdout.write(value)
