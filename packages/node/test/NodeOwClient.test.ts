import { Connector, MessageType, OwClient, type OwError } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSocket } from "@effect/platform-node"
import { assert, describe, it, vi } from "@effect/vitest"
import { Config, ConfigProvider, Context, Effect, Exit, Layer, Schedule, Scope } from "effect"
import { execFile } from "node:child_process"
import * as Http from "node:http"
import * as Net from "node:net"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import * as tcpServer from "./fixtures/tcpServer.ts"

const { reply } = tcpServer

const build = <E>(layer: Layer.Layer<OwClient.OwClient, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, OwClient.OwClient))

const reason = (error: OwError.OwError): string => "reason" in error ? error.reason._tag : error._tag

const answer = (length: number) =>
  tcpServer.make((socket, header) => {
    socket.write(header.type === MessageType.Nop ? reply(header) : reply(header, Math.min(length, header.size)))
  })

const eventually = (condition: () => boolean) =>
  Effect.suspend(() => condition() ? Effect.void : Effect.fail("not yet")).pipe(
    Effect.retry(Schedule.upTo(Schedule.spaced("5 millis"), { times: 400 }))
  )

describe("NodeOwClient", () => {
  it.live("reads over a socket, and leaves none behind", () =>
    Effect.gen(function*() {
      const server = yield* answer(12)
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port })), scope)
      assert.strictEqual(yield* ow.readText("/a"), "x".repeat(12))
      assert.strictEqual(ow.server, `127.0.0.1:${server.port}`)
      assert.strictEqual(server.open(), 1)
      yield* Scope.close(scope, Exit.void)
      yield* eventually(() => server.open() === 0)
    }))

  it.live("takes the longest payload, in any pieces", () =>
    Effect.gen(function*() {
      const server = yield* tcpServer.make((socket, header) => {
        const bytes = header.type === MessageType.Nop ? reply(header) : reply(header, header.size)
        if (header.size > 100) return void socket.write(bytes)
        for (const byte of bytes) socket.write(Uint8Array.of(byte))
      })
      const ow = yield* build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port }))
      const long = yield* ow.read("/long", { size: 100_050 })
      assert.strictEqual(long.length, 100_050)
      assert.isTrue(long.every((byte) => byte === 0x78))
      assert.strictEqual(yield* ow.readText("/short", { size: 50 }), "x".repeat(50))
    }))

  it.live("sends at once, and notices a peer that vanished, on a connection that is kept", () =>
    Effect.gen(function*() {
      const set: Array<string> = []
      const noDelay = vi.spyOn(Net.Socket.prototype, "setNoDelay").mockImplementation(function(this: Net.Socket, on) {
        set.push(`noDelay ${on}`)
        return this
      })
      const keepAlive = vi.spyOn(Net.Socket.prototype, "setKeepAlive").mockImplementation(
        function(this: Net.Socket, on, delay) {
          set.push(`keepAlive ${on} ${delay}`)
          return this
        }
      )
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          noDelay.mockRestore()
          keepAlive.mockRestore()
        })
      )
      const server = yield* answer(1)
      const ow = yield* build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port }))
      // The handshake is one short request.
      assert.deepStrictEqual(set, [])
      yield* ow.read("/a")
      yield* ow.read("/a")
      assert.deepStrictEqual(set, ["noDelay true", "keepAlive true 30000"])
      const once = ow.with({ flags: { persistence: false } })
      yield* once.read("/a")
      set.length = 0
      yield* once.read("/a")
      assert.deepStrictEqual(set, [])
      // More than fits a packet, whose last part would be held back.
      yield* Effect.exit(once.write("/a", "x".repeat(2000)))
      assert.deepStrictEqual(set, ["noDelay true", "keepAlive true 30000"])
    }))

  it.live("tries every address of a name", () =>
    Effect.gen(function*() {
      const server = yield* answer(1)
      const ow = yield* build(NodeOwClient.layer({ host: "localhost", port: server.port }))
      assert.strictEqual(yield* ow.readText("/a"), "x")
      assert.strictEqual(ow.server, `localhost:${server.port}`)
    }))

  it.live("reaches an IPv6 address", () =>
    Effect.gen(function*() {
      const server = yield* tcpServer.make((socket, header) => void socket.write(reply(header)), { host: "::1" })
      const ow = yield* build(NodeOwClient.layer({ host: "::1", port: server.port }))
      yield* ow.ping()
      assert.strictEqual(ow.server, `[::1]:${server.port}`)
    }))

  it.live("says at once that nothing listens there", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(build(NodeOwClient.layer({ host: "127.0.0.1", port: 1 })))
      assert.deepInclude(error, { _tag: "ConnError", operation: "connect", requestSent: false, isRetryable: true })
      assert.strictEqual(
        String(error),
        "ConnError: connect to 127.0.0.1:1: cannot connect: 127.0.0.1:1 refused the connection (ECONNREFUSED). " +
          "Is owserver running there, and does it listen on this address?"
      )
    }))

  it.live("says that a name has no address", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(build(NodeOwClient.layer({ host: "no-such-host.invalid" })))
      assert.strictEqual(reason(error), "Resolve")
      assert.include(error.message, "no-such-host.invalid has no address")
    }))

  it.live("says that it is this process that has no room, for an address as for a name", () =>
    Effect.gen(function*() {
      const program = fileURLToPath(new URL("./fixtures/exhausted.ts", import.meta.url))
      const printed = yield* Effect.promise(() =>
        promisify(execFile)("sh", ["-c", "ulimit -n 64; exec \"$0\" \"$1\"", process.execPath, program])
      )
      const errors: ReadonlyArray<OwError.ConnError> = JSON.parse(printed.stdout)
      assert.deepStrictEqual(errors.map(reason), ["Exhausted", "Exhausted"])
      for (const [index, host] of ["127.0.0.1", "localhost"].entries()) {
        assert.strictEqual(
          errors[index].message,
          `connect to ${host}:1: cannot connect: this process has no file handle left (EMFILE). ` +
            "Close files or connections, or raise the limit (ulimit -n)"
        )
        assert.isTrue(errors[index].isRetryable)
      }
    }))

  it.live("knows a web server when it meets one", () =>
    Effect.gen(function*() {
      const port = yield* Effect.acquireRelease(
        Effect.callback<{ readonly server: Http.Server; readonly port: number }>((resume) => {
          const server = Http.createServer((_, response) => void response.end("hello"))
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            resume(Effect.succeed({ server, port: typeof address === "object" && address !== null ? address.port : 0 }))
          })
        }),
        ({ server }) =>
          Effect.sync(() => server.closeAllConnections()).pipe(Effect.andThen(Effect.sync(() => server.close())))
      )
      const error = yield* Effect.flip(build(NodeOwClient.layer({ host: "127.0.0.1", port: port.port })))
      assert.strictEqual(error._tag, "ProtocolError")
      assert.strictEqual(reason(error), "MalformedHeader")
      assert.include(error.message, "HTTP/1.1 400")
      assert.include(error.message, "web server")
    }))

  it.live("says that a server takes the connection and never answers", () =>
    Effect.gen(function*() {
      const server = yield* tcpServer.make(() => {})
      const error = yield* Effect.flip(
        build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port, connectTimeout: "100 millis" }))
      )
      assert.strictEqual(reason(error), "Silent")
      assert.include(error.message, "sent nothing for 0.1 s")
      yield* eventually(() => server.open() === 0)
    }))

  it.live("refuses a port or a host that is none", () =>
    Effect.gen(function*() {
      for (
        const [options, argument] of [
          [{ port: -1 }, "port must be"],
          [{ port: 65_536 }, "port must be"],
          [{ host: "" }, "host must be"],
          [{ host: "127.0.0.1:4304" }, "host must be"],
          [{ host: "owserver://pi" }, "host must be"]
        ] as const
      ) {
        const error = yield* Effect.flip(build(NodeOwClient.layer(options)))
        assert.strictEqual(error._tag, "ArgumentError")
        assert.include(error.message, argument)
        assert.notInclude(error.message, "\n")
      }
    }))

  it.live("lazy, starts before its server does", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(answer(1))
      const ow = yield* build(NodeOwClient.layer({ host: "127.0.0.1", port, lazy: true }))
      assert.strictEqual(reason(yield* Effect.flip(ow.read("/a"))), "Connect")
      yield* tcpServer.make((socket, header) => void socket.write(reply(header, header.size)), { port })
      assert.strictEqual(yield* ow.readText("/a", { size: 1 }), "x")
    }))

  it.live("notices that an idle connection was closed or reset", () =>
    Effect.gen(function*() {
      for (const end of ["end", "resetAndDestroy"] as const) {
        let reads = 0
        const server = yield* tcpServer.make((socket, header) => {
          if (header.type === MessageType.Nop) return void socket.write(reply(header))
          reads++
          socket.write(reply(header, 1))
          setTimeout(() => socket[end](), 5)
        })
        const ow = yield* build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port }))
        yield* ow.read("/a")
        yield* eventually(() => server.open() === 0)
        yield* ow.read("/b")
        assert.strictEqual(reads, 2)
      }
    }))

  it.live("tells a reset inside a reply from a reply", () =>
    Effect.gen(function*() {
      let isFirst = true
      const server = yield* tcpServer.make((socket, header) => {
        if (header.type === MessageType.Nop) return void socket.write(reply(header))
        if (!isFirst) return void socket.write(reply(header, 5))
        isFirst = false
        socket.write(reply(header, 5).subarray(0, 26), () => socket.resetAndDestroy())
      })
      const ow = yield* build(NodeOwClient.layer({ host: "127.0.0.1", port: server.port }))
      const error = yield* Effect.flip(ow.read("/a"))
      assert.include(["ShortRead", "Closed"], reason(error))
      assert.isTrue(error.isRetryable)
      assert.strictEqual(yield* ow.readText("/a"), "xxxxx")
    }))

  describe("layerConfig", () => {
    const withEnv = (env: Record<string, string>, options?: Parameters<typeof NodeOwClient.layerConfig>[0]) =>
      build(NodeOwClient.layerConfig({ lazy: Config.succeed(true), ...options })).pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      )

    it.live("finds the server in the environment", () =>
      Effect.gen(function*() {
        const cases: ReadonlyArray<readonly [Record<string, string>, string]> = [
          [{}, "localhost:4304"],
          [{ OWSERVER_HOST: "pi" }, "pi:4304"],
          [{ OWSERVER_HOST: "pi", OWSERVER_PORT: "3000" }, "pi:3000"],
          [{ OWSERVER: "owserver://[::1]:4305" }, "[::1]:4305"],
          [{ OWSERVER: "pi", OWSERVER_HOST: "other" }, "pi:4304"],
          [{ OWSERVER: "4305" }, "localhost:4305"],
          // As Kubernetes and Docker set it for a service of that name.
          [{ OWSERVER_PORT: "tcp://10.0.0.7:4305" }, "10.0.0.7:4305"],
          [{ OWSERVER_HOST: "pi", OWSERVER_PORT: "tcp://10.0.0.7:4305" }, "pi:4305"],
          [{ OWSERVER_HOST: "pi\r", OWSERVER_PORT: "3000\r" }, "pi:3000"],
          [{ OWSERVER: " \r", OWSERVER_HOST: "", OWSERVER_PORT: "" }, "localhost:4304"]
        ]
        for (const [env, server] of cases) assert.strictEqual((yield* withEnv(env)).server, server)
        assert.strictEqual((yield* withEnv({ OWSERVER: "pi" }, { host: Config.succeed("given") })).server, "given:4304")
        const given = { host: Config.succeed("given"), port: Config.succeed(1) }
        // Where nothing is left to be found, nothing there can be wrong.
        assert.strictEqual((yield* withEnv({ OWSERVER: "http://pi" }, given)).server, "given:1")
      }))

    it.live("says what is wrong with it", () =>
      Effect.gen(function*() {
        const cases: ReadonlyArray<readonly [Record<string, string>, string]> = [
          [{ OWSERVER: "http://pi" }, "OWSERVER is \"http://pi\", which is not a server: write host, host:port"],
          [{ OWSERVER: "pi:4304/28.x" }, "OWSERVER is \"pi:4304/28.x\", which is not a server: leave out \"/28.x\""],
          [{ OWSERVER_PORT: "many" }, "OWSERVER_PORT is \"many\", which is not a port: write a number from 1 to 65535"],
          [{ OWSERVER_PORT: "pi:4304" }, "OWSERVER_PORT is \"pi:4304\", which is not a port"],
          [
            { OWSERVER_PORT: "70000" },
            "OWSERVER_PORT is \"70000\", which is not a server: the port must be from 1 to 65535"
          ],
          [{ OWSERVER_PORT: "udp://10.0.0.7:4304" }, "OWSERVER_PORT is \"udp://10.0.0.7:4304\", which is not a server"]
        ]
        for (const [env, message] of cases) {
          const error = yield* Effect.flip(withEnv(env))
          assert.strictEqual(error._tag, "ConfigError")
          assert.include(error.message, message)
        }
        const host = yield* Effect.flip(build(NodeOwClient.layer({ host: "4304" })))
        assert.strictEqual(host._tag, "ArgumentError")
      }))
  })

  it.live("core runs over a socket of effect/socket as well", () =>
    Effect.gen(function*() {
      const server = yield* answer(70_000)
      const socket = NodeSocket.makeNet({ host: "127.0.0.1", port: server.port, noDelay: true })
      const connector = Connector.fromSocket("socket", socket)
      const scope = yield* Scope.make()
      const ow = yield* OwClient.make().pipe(
        Effect.provideService(Connector.Connector, connector),
        Scope.provide(scope)
      )
      const lengths = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, index) => index),
        (index) => Effect.map(ow.read(`/${index}`), ({ length }) => length),
        { concurrency: 10 }
      )
      assert.deepStrictEqual(new Set(lengths), new Set([65_536]))
      assert.isAtMost(server.open(), 4)
      yield* Scope.close(scope, Exit.void)
      yield* eventually(() => server.open() === 0)
    }))

  it.live("core says as well over effect/socket that nothing listens, and that a connection was lost", () =>
    Effect.gen(function*() {
      const overSocket = (port: number) =>
        Effect.provideService(
          OwClient.make(),
          Connector.Connector,
          Connector.fromSocket("socket", NodeSocket.makeNet({ host: "127.0.0.1", port }))
        )
      const refused = yield* Effect.flip(overSocket(1))
      assert.strictEqual(reason(refused), "Connect")
      const server = yield* tcpServer.make((socket, header) =>
        header.type === MessageType.Nop ? void socket.write(reply(header)) : void socket.end()
      )
      const ow = yield* overSocket(server.port)
      assert.strictEqual(reason(yield* Effect.flip(ow.write("/a", "1"))), "Closed")
      yield* ow.ping()
    }))
})
