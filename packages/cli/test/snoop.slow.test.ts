/**
 * `snoop`: a relay that changes nothing, and what it shows.
 */
import { Header, MessageType, Request } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { exchanges } from "../../../test/fixtures/exchanges.ts"
import { isInstalled } from "../../../test/fixtures/installed.ts"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as wire from "../../../test/fixtures/wire.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

/** Starts a relay to a port, and gives its own. */
const snoop = Effect.fnUntraced(function*(port: number, ...args: ReadonlyArray<string>) {
  const running = yield* ow.start(["snoop", "-s", `127.0.0.1:${port}`, "--listen", "0", ...args])
  const line = args.includes("--json")
    ? yield* running.awaitLine((line) => line.includes("\"listening\""))
    : yield* running.awaitLine((line) => line.startsWith("Relaying"), "stderr")
  const [, own] = /(?:127\.0\.0\.1:|"port":)(\d+)/.exec(line) ?? assert.fail(line)
  return { ...running, port: Number(own) }
})

/** What it shows, without times and without the ports of clients. */
const plain = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => {
    assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} {2}#/)
    return line.slice(14).replace(/ {2}in [\d.]+ m?s/, "  in T").replace(/ by \S+:\d+$/, " by PEER")
  })

const until = <A>(look: Effect.Effect<A>, isSo: (seen: A) => boolean) =>
  Effect.timeoutOrElse(Effect.repeat(look, { schedule: Schedule.spaced("20 millis"), until: isSo }), {
    duration: "40 seconds",
    orElse: () => Effect.die(`it did not come about: ${isSo}`)
  })

/** A server of this test, which does what it is told with each connection. */
const server = (serve: (socket: Net.Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly listener: Net.Server; readonly sockets: Set<Net.Socket> }>((resume) => {
        const sockets = new Set<Net.Socket>()
        const listener = Net.createServer({ allowHalfOpen: true }, (socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          serve(socket)
        })
        listener.listen(0, "127.0.0.1", () => resume(Effect.succeed({ listener, sockets })))
      }),
      ({ listener, sockets }) =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          listener.close()
        })
    ),
    ({ listener }) => {
      const address = listener.address()
      return typeof address === "object" && address !== null ? address.port : assert.fail("no port")
    }
  )

/** A client's socket. */
const dial = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => Net.connect({ host: "127.0.0.1", port, allowHalfOpen: true }).on("error", () => {})),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** All that comes, and how it ends. */
const whole = (socket: Net.Socket) =>
  Effect.callback<{ readonly bytes: Uint8Array; readonly end: string }>((resume) => {
    const chunks: Array<Buffer> = []
    const done = (end: string) => resume(Effect.succeed({ bytes: Uint8Array.from(Buffer.concat(chunks)), end }))
    socket.on("data", (chunk) => chunks.push(chunk))
    socket.once("end", () => done("FIN"))
    socket.once("error", () => done("RST"))
  })

const request = (type: number, path: string) =>
  Request.encode({ type, flags: 0x104, path, size: type === MessageType.Read ? 65_536 : 0, offset: 0 })

const replyOf = (length: number): Buffer => {
  const bytes = Buffer.alloc(Header.byteLength + length, "x")
  bytes.fill(0, 0, Header.byteLength)
  Header.encodeReply({ version: 0, payload: length, ret: length, flags: 0x104, size: length, offset: 0 }, bytes)
  return bytes
}

owserver.describe("a relay to the real server", () => {
  const tester = "--tester=10,28,26,29,1F,20,14,1D,05"
  // What it answers depends on its own memory, or its clock.
  const varying = new Set(["read-binary-offset"])

  it.live(
    "gives each recorded exchange the answer and the end that a direct connection has, also byte by byte",
    () =>
      Effect.gen(function*() {
        const { port } = yield* owserver.start([tester])
        const relay = yield* snoop(port)
        const own = exchanges.filter(({ name, server }) => server === `owserver ${tester}` && !varying.has(name))
        assert.isAbove(own.length, 80)
        yield* Effect.forEach(own, ({ name, reply_hex, request_hex }) =>
          Effect.gen(function*() {
            const bytes = wire.bytesOf(request_hex)
            const direct = yield* wire.conversation(port, bytes, reply_hex.length / 2)
            const relayed = yield* wire.conversation(relay.port, bytes, reply_hex.length / 2)
            assert.deepStrictEqual(relayed.bytes, direct.bytes, name)
            // Whether an end is a reset depends on what was under way when it came.
            assert.strictEqual(relayed.end === "open", direct.end === "open", name)
            // A server resets a connection of which it has not read all, so pieces of that may end in another way.
            if (direct.end === "RST") return
            const slow = yield* Effect.scoped(Effect.gen(function*() {
              const connection = yield* wire.connect(relay.port)
              for (const byte of bytes) yield* connection.send(Uint8Array.of(byte))
              return yield* connection.receive(reply_hex.length / 2)
            }))
            assert.deepStrictEqual(slow, direct.bytes, name)
          }), { concurrency: 8 })
      }),
    timeout
  )

  it.live("serves a pool of four connections, and shows which is which", () =>
    Effect.gen(function*() {
      const { port } = yield* owserver.start([tester])
      const relay = yield* snoop(port)
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* owserver.client(NodeOwClient.layer({ host: "127.0.0.1", port: relay.port }))
        const read = client.readText("/28.000028D70100/temperature")
        const values = yield* Effect.all(Array.from({ length: 200 }, () => read), { concurrency: "unbounded" })
        assert.deepStrictEqual([...new Set(values)], [yield* read])
      }))
      const count = (lines: ReadonlyArray<string>, text: string) => lines.filter((line) => line.includes(text)).length
      yield* until(relay.lines, (lines) => count(lines, "opened by") === count(lines, "closed by the client"))
      const lines = plain(yield* relay.lines)
      const of = (text: string) => count(lines, text)
      assert.strictEqual(of("> READ /28.000028D70100/temperature  size 65536, persistent, trim"), 201)
      assert.isAbove(of("opened by PEER"), 1)
      assert.isAtMost(of("opened by PEER"), 4)
    }), timeout)

  it.live("shows what Debian's programs say", () =>
    Effect.gen(function*() {
      const { port } = yield* owserver.start(["--tester=28"])
      const relay = yield* snoop(port)
      const debian = (command: string, path: string) =>
        Effect.map(Process.run(command, ["-s", `127.0.0.1:${relay.port}`, path]), ({ stdout }) => stdout)
      assert.match(yield* debian("owread", "/28.000028D70000/temperature"), /^ +4$/)
      assert.include(yield* debian("owdir", "/"), "/28.000028D70000\n")
      yield* relay.awaitLine((line) => line.includes("#2  closed"))
      const lines = plain(yield* relay.lines)
      assert.deepStrictEqual(lines.slice(0, 3), [
        "#1  opened by PEER",
        "#1  > READ /28.000028D70000/temperature  size 65536, bus, alias",
        "#1  < 12 bytes: \"           4\"  in T"
      ])
      // Both close after the reply, and either may be first.
      assert.match(lines[3], /^#1 {2}closed by the (?:client|server) {2}1 request$/)
      assert.match(lines[5], /^#2 {2}> DIRALL \/ {2}bus, alias$/)
      assert.match(lines[6], /^#2 {2}< \d+ entries: \/28\.000028D70000,\/bus\.0,/)
    }), timeout)

  it.live("shows keepalives, and each frame of DIR", () =>
    Effect.gen(function*() {
      const { port } = yield* owserver.start(["--tester=28", "--pingcrazy"])
      const relay = yield* snoop(port, "--json")
      yield* Effect.scoped(Effect.gen(function*() {
        const connection = yield* wire.connect(relay.port)
        yield* connection.ask(request(MessageType.Dir, "/28.000028D70000/errata"))
      }))
      yield* relay.awaitLine((line) => line.includes("\"closed\""))
      const seen = ow.jsonOf((yield* relay.output).stdout) as ReadonlyArray<Record<string, unknown>>
      const alive = seen.find(({ event }) => event === "keepalive")
      assert.deepInclude(alive, { connection: 1, type: "DIR", path: "/28.000028D70000/errata" })
      const replies = seen.filter(({ event }) => event === "reply")
      assert.strictEqual(replies[0]?.["text"], "/28.000028D70000/errata/die")
      assert.deepStrictEqual(replies.map(({ last }) => last), replies.map((_, at) => at === replies.length - 1))
    }), timeout)
})

describe.concurrent("snoop", () => {
  if (!isInstalled) it("is held against the real server, too (owserver is not installed)", () => {})

  it.live("shows what is written, refused, and denied", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "29.000029D60300": {}, "28.000028D70100": { temperature: 21.5 } })
      const { host, port } = yield* NodeSimulatedServer.start(network, { persistentConnections: 0 })
      const relay = yield* snoop(port)
      const run = ow.at({ host, port: relay.port })
      yield* run(["set", "29.000029D60300/PIO.0", "1"])
      yield* run(["cat", "nosuch", "--fahrenheit"])
      yield* relay.kill("SIGTERM")
      assert.strictEqual(yield* relay.exit, 0)
      const lines = plain(yield* relay.lines).map((line) => line.slice(4))
      assert.include(lines, "> WRITE /29.000029D60300/PIO.0 = \"1\"  persistent")
      assert.include(lines, "< ok, 1 byte written  in T, and the server closes")
      assert.include(lines, "> READ /nosuch  size 65536, °F, persistent, trim")
      assert.isTrue(lines.some((line) => line.startsWith("< -1 EPERM: no such device or property")))
    }), timeout)

  it.live("relays a reply of a megabyte to a client that takes its time", () =>
    Effect.gen(function*() {
      const answer = replyOf(1_000_000)
      const port = yield* server((socket) => void socket.once("data", () => socket.end(answer)))
      const relay = yield* snoop(port)
      const client = yield* dial(relay.port)
      client.write(request(MessageType.Read, "/big"))
      yield* Effect.sleep("200 millis")
      const { bytes, end } = yield* whole(client)
      assert.isTrue(Buffer.compare(bytes, answer) === 0)
      assert.strictEqual(end, "FIN")
      const line = yield* relay.awaitLine((line) => line.includes("1000000 bytes"))
      assert.isBelow(line.length, 5000)
    }), timeout)

  it.live("makes a server wait for a client that never reads, and serves the others", () =>
    Effect.gen(function*() {
      let written = 0
      let isFull = false
      const port = yield* server((socket) =>
        void socket.on("data", (data) => {
          if (!data.includes("/flood")) return void socket.write(replyOf(5))
          const pour = (): void => {
            isFull = false
            while (!isFull && written < 1 << 28) {
              written += 65_536
              isFull = !socket.write(replyOf(65_536 - Header.byteLength))
            }
          }
          socket.on("drain", pour)
          pour()
        })
      )
      const relay = yield* snoop(port)
      const stubborn = yield* dial(relay.port)
      stubborn.pause()
      stubborn.write(request(MessageType.Read, "/flood"))
      yield* relay.awaitLine((line) => line.includes("65512 bytes"))
      const other = yield* wire.connect(relay.port)
      yield* Effect.sleep("300 millis")
      const [reply] = yield* other.ask(request(MessageType.Read, "/other"))
      assert.strictEqual(reply?.length, Header.byteLength + 5)
      assert.isTrue(isFull)
      // What the systems on both ways keep for a socket, and far less than there is to write.
      assert.isBelow(written, 1 << 26)
    }), timeout)

  it.live("passes on the end of one direction alone", () =>
    Effect.gen(function*() {
      const port = yield* server((socket) => {
        socket.resume()
        socket.once("end", () => socket.end(replyOf(3)))
      })
      const relay = yield* snoop(port)
      const client = yield* dial(relay.port)
      client.end(request(MessageType.Read, "/x"))
      const { bytes, end } = yield* whole(client)
      assert.strictEqual(bytes.length, Header.byteLength + 3)
      assert.strictEqual(end, "FIN")
      yield* relay.awaitLine((line) => line.includes("closed by the client  1 request"))
    }), timeout)

  it.live("passes on resets inside a message, in both directions", () =>
    Effect.gen(function*() {
      const ended: Array<string> = []
      const port = yield* server((socket) => {
        socket.on("error", () => ended.push("RST"))
        socket.on("data", (data) => {
          socket.write(replyOf(100).subarray(0, 50))
          if (data.includes("/reset")) setTimeout(() => socket.resetAndDestroy(), 50)
        })
      })
      const relay = yield* snoop(port)
      const first = yield* dial(relay.port)
      first.write(request(MessageType.Read, "/reset"))
      const { bytes, end } = yield* whole(first)
      assert.strictEqual(bytes.length, 50)
      assert.strictEqual(end, "RST")
      yield* relay.awaitLine((line) => line.includes("#1  < ended inside a message, after 50 of 124 bytes"))
      yield* relay.awaitLine((line) => line.includes("#1  reset by the server  1 request, 1 without an answer"))
      const second = yield* dial(relay.port)
      second.write(request(MessageType.Read, "/y"))
      yield* Effect.callback<void>((resume) => void second.once("data", () => resume(Effect.void)))
      second.resetAndDestroy()
      yield* relay.awaitLine((line) => line.includes("#2  reset by the client"))
      yield* until(Effect.sync(() => ended.length), (count) => count === 1)
    }), timeout)

  it.live("shows and relays what is no message, and nothing that a terminal obeys", () =>
    Effect.gen(function*() {
      const port = yield* server((socket) => void socket.on("data", () => socket.end("\u001b[2JHTTP/1.1 400\r\n\r\n")))
      const relay = yield* snoop(port)
      const client = yield* dial(relay.port)
      client.write("GET /\u001b]0;x\u0007 HTTP/1.1\r\n\r\n")
      const { bytes } = yield* whole(client)
      assert.strictEqual(Buffer.from(bytes).toString(), "\u001b[2JHTTP/1.1 400\r\n\r\n")
      client.end()
      yield* relay.awaitLine((line) => line.includes("closed"))
      const { stdout } = yield* relay.output
      // oxlint-disable-next-line no-control-regex
      assert.notMatch(stdout.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f]/)
      const [, sent, answered] = plain(yield* relay.lines)
      assert.match(
        sent,
        /^#1 {2}> not a message of owserver's protocol: 24 bytes: GET \/�\]0;x� HTTP.* {2}474554202f1b5d303b78\w+; not decoded from here on$/
      )
      assert.match(answered, /^#1 {2}< not a message .*: 20 bytes: .* {2}1b5b324a/)
    }), timeout)

  it.live(
    "closes the connection of a client if the server is not there, and relays when it is",
    () =>
      Effect.gen(function*() {
        const first = yield* NodeSimulatedServer.start({ "28.000028D70100": { temperature: 21.5 } })
        const { host, port } = first
        const relay = yield* snoop(port)
        yield* first.stop
        const gone = yield* server(() => {})
        const other = yield* snoop(gone)
        const absent = yield* snoop(1)
        const client = yield* dial(absent.port)
        client.write(request(MessageType.Read, "/x"))
        assert.strictEqual((yield* whole(client)).end, "FIN")
        yield* absent.awaitLine((line) =>
          line.includes("#1  no connection to 127.0.0.1:1: it refused the connection (ECONNREFUSED); closed")
        )
        yield* other.kill("SIGINT")
        assert.strictEqual(yield* other.exit, 130)
        yield* first.start
        assert.strictEqual(
          ow.resultOf(yield* ow.at({ host, port: relay.port })(["cat", "28.000028D70100/temperature"])),
          "21.5\n"
        )
      }),
    timeout
  )

  it.live("closes everything at once by Ctrl-C", () =>
    Effect.gen(function*() {
      const port = yield* server((socket) => void socket.on("data", () => {}))
      const relay = yield* snoop(port)
      const client = yield* dial(relay.port)
      client.write(request(MessageType.Read, "/never"))
      yield* relay.awaitLine((line) => line.includes("READ /never"))
      const ended = yield* Effect.forkChild(whole(client), { startImmediately: true })
      yield* relay.kill("SIGINT")
      assert.strictEqual(yield* relay.exit, 130)
      yield* Fiber.join(ended)
    }), timeout)

  it.live("goes on if nobody reads what it shows, and says how much was left out", () =>
    Effect.gen(function*() {
      const asked = request(MessageType.Read, "/long")
      const count = 500
      let left = 0
      const port = yield* server((socket) =>
        void socket.on("data", (data) => {
          left += data.length
          for (; left >= asked.length; left -= asked.length) socket.write(replyOf(4000))
        })
      )
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-snoop-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const gate = join(directory, "gate")
      const command = `${process.execPath} ${bundle.ow} snoop -s 127.0.0.1:${port} --listen 0`
      const shell = yield* Process.start("sh", [
        "-c",
        `${command} | (while [ ! -e ${gate} ]; do sleep 0.05; done; cat)`
      ], { env: { XDG_CACHE_HOME: ow.cache } })
      const [, own] = /127\.0\.0\.1:(\d+)/.exec(yield* shell.awaitLine((line) => line.startsWith("Relaying"), "stderr"))
        ?? assert.fail("no port")
      const connection = yield* wire.connect(Number(own))
      yield* connection.send(Buffer.concat(Array.from({ length: count }, () => asked)))
      yield* connection.receive(count * (Header.byteLength + 4000))
      writeFileSync(gate, "")
      assert.match(
        yield* shell.awaitLine((line) => line.includes("left out")),
        /^\d+ lines were left out, because nobody read them in time$/
      )
    }), timeout)

  it.live("says what is wrong with its address or its server", () =>
    Effect.gen(function*() {
      const { port } = yield* NodeSimulatedServer.start({})
      const refused = Effect.fnUntraced(function*(status: number, message: RegExp, ...args: ReadonlyArray<string>) {
        const result = yield* ow.run(["snoop", ...args])
        assert.match(result.stderr, message)
        assert.deepInclude(result, { status, stdout: "" })
      })
      const listen = ["--listen", String(port)]
      yield* refused(1, /^ow: cannot listen on 127\.0\.0\.1:\d+: another program uses that port/, "-s", "h", ...listen)
      yield* refused(2, /are the same: choose another port/, "-s", `127.0.0.1:${port}`, ...listen)
      yield* refused(2, /are the same/, "-s", `localhost:${port}`, "--listen", `:${port}`)
      yield* refused(2, /relays to one server/, "-s", "a,b")
      yield* refused(2, /Expected: host:port/, "--listen", ":127.0.0.1:1")
    }), timeout)

  it.live("listens on all addresses if it is told to, and says so", () =>
    Effect.gen(function*() {
      const target = yield* NodeSimulatedServer.start({})
      const running = yield* ow.start(["snoop", "-s", addressOf(target), "--listen", ":0"])
      yield* running.awaitLine(
        (line) => line === "Everyone on the network can use the server through it.",
        "stderr"
      )
    }), timeout)

  it.live("cuts lines to the width of a terminal", () =>
    Effect.gen(function*() {
      const target = yield* NodeSimulatedServer.start({ "28.000028D70100": {} })
      const terminal = yield* ow.onTerminal(["snoop", "-s", addressOf(target), "--listen", "0"])
      const [first] = yield* terminal.awaitScreen((lines) => lines.some((line) => line.startsWith("Relaying")))
      const [, own] = /127\.0\.0\.1:(\d+)/.exec(first ?? "") ?? assert.fail(first)
      yield* ow.run(["ls", "-s", `127.0.0.1:${own}`, "--all"])
      const lines = yield* terminal.awaitScreen((lines) => lines.some((line) => line.includes("closed by")))
      assert.isTrue(lines.some((line) => line.length === 80 && line.endsWith("…")))
      yield* terminal.send("\u0003")
      assert.strictEqual(yield* terminal.exit, 130)
    }), timeout)
})
