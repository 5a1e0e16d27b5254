/**
 * Flags of commands, as the requests that they make show them.
 */
import { ControlFlags, Header, MessageType } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Net from "node:net"
import * as ow from "./fixtures/ow.ts"

const plain = Object.entries(ControlFlags.decode(ControlFlags.encode({
  ...ControlFlags.decode(0),
  persistence: true,
  ownet: true
})))

/** A request in a line: what, of which path, which bytes, and the flags that a plain request has not. */
const lineOf = (header: Header.RequestHeader, body: Buffer): string => {
  const flags = Object.entries(ControlFlags.decode(header.flags))
    .filter(([name, value]) => !plain.some((other) => other[0] === name && other[1] === value))
    .map(([name, value]) => value === true ? name : String(value))
  const bytes = header.size === 0 ? [] : [`${header.size} bytes from ${header.offset}`]
  return [MessageType.name(header.type), body.toString().replace(/\0/g, " ").trim(), ...bytes, ...flags.toSorted()]
    .join(
      " "
    )
}

/** A server that has nothing, takes everything, and remembers what it was asked. */
const record = Effect.gen(function*() {
  const asked: Array<string> = []
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      Net.createServer((socket) => {
        let received = Buffer.alloc(0)
        socket.on("error", () => {})
        socket.on("data", (chunk) => {
          received = Buffer.concat([received, chunk])
          if (received.length < Header.byteLength) return
          const header = Header.decodeRequest(received)
          const end = Header.byteLength + header.payload
          if (received.length < end) return
          if (header.type !== MessageType.Nop) asked.push(lineOf(header, received.subarray(Header.byteLength, end)))
          received = received.subarray(end)
          const { flags } = header
          const size = header.type === MessageType.Write ? header.size : 0
          const reply = new Uint8Array(Header.byteLength)
          Header.encodeReply({ version: 0, payload: 0, ret: 0, flags, size, offset: 0 }, reply)
          socket.write(reply)
        })
      })
    ),
    (server) => Effect.sync(() => server.close())
  )
  const port = yield* Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as Net.AddressInfo).port)))
  })
  return { asked, run: ow.at({ host: "127.0.0.1", port }) }
})

describe("a command asks for", () => {
  it.live("what its flags say", () =>
    Effect.gen(function*() {
      const { asked, run } = yield* record
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, ReadonlyArray<string>]> = [
        [["ls"], ["DIRALLSLASH /"]],
        [["ls", "x", "-a", "-f", "fic", "--uncached"], ["DIRALLSLASH /x busReturn fic uncached"]],
        [["cat", "x", "/y"], ["READ /x 65536 bytes from 0 trim", "READ /y 65536 bytes from 0 trim"]],
        [
          ["cat", "--raw", "-F", "--pressure", "inHg", "--uncached", "--offset", "3", "--size", "9", "x"],
          ["READ /x 9 bytes from 3 F inHg uncached"]
        ],
        [
          ["get", "-R", "-a", "--format=fi", "--uncached", "--size=7", "x"],
          // An empty answer may be an empty directory, or an empty value.
          ["GETSLASH /x 7 bytes from 0 R busReturn fi trim uncached", "DIRALLSLASH /x R busReturn fi trim uncached"]
        ],
        [["set", "-K", "--offset", "2", "x", "21"], ["WRITE /x 21 2 bytes from 2 K"]],
        [["tree", "--uncached", "-f", "f.i.c", "x"], ["DIRALLSLASH /x f.i.c uncached"]],
        [["exists", "x"], ["PRESENCE /x"]],
        [["ping"], []]
      ]
      for (const [args, expected] of cases) {
        asked.splice(0)
        const { status } = yield* run(args)
        assert.deepStrictEqual([...asked, status], [...expected, 0], args.join(" "))
      }
    }), 120_000)
})
