/**
 * One read over `node:net` and nothing else. It is plain JavaScript, because Node takes milliseconds to strip types.
 *
 *     node floor.mjs -s 127.0.0.1:4304 /settings/units/temperature_scale
 */
import { writeSync } from "node:fs"
import { connect } from "node:net"

const [, , , address, path] = process.argv
const [host, port] = address.split(":")

/** No number of a request has more than two bytes. */
const int32 = (value) => String.fromCharCode(0, 0, value >>> 8, value & 255)

const headerSize = 24
const readType = 2
const requestFlag = 0x100
const size = 8192

const socket = connect({ host, port })
socket.write(
  `${int32(0)}${int32(path.length + 1)}${int32(readType)}${int32(requestFlag)}${int32(size)}${int32(0)}${path}\0`,
  "latin1"
)
socket.on("data", (reply) => {
  // This is faster than `process.stdout`, which Node creates on first use.
  writeSync(1, reply.subarray(headerSize, headerSize + reply.readInt32BE(16)))
  socket.destroy()
})
