import { type Family, Header, MessageType, RomId } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408 } from "@effect-ownet/core/families"
import { Fault, type SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeOwserver } from "@effect-ownet/node"
import {
  ArgumentError,
  connect,
  ConnError,
  DeviceError,
  OwnetError,
  OwnetTimeout,
  type PromiseClient,
  type PromiseDevice
} from "@effect-ownet/node/promise"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { execFile, spawnSync } from "node:child_process"
import { getEventListeners } from "node:events"
import { setInterval, setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import * as tcpServer from "./fixtures/tcpServer.ts"

const { reply } = tcpServer

const thermometer = "28.000028D70100"
const relays = "29.000029D60300"
const temperature = `/${thermometer}/temperature`
const canonical = Option.getOrThrow(RomId.fromString(thermometer))

const network: SimulatedNetwork.Description = {
  [thermometer]: { temperature: 21.5, alias: "kitchen" },
  [relays]: { "PIO.BYTE": 0 }
}

const simulated = ({ port, setFaults, statistics }: NodeSimulatedServer.Running) => ({
  url: `owserver://127.0.0.1:${port}`,
  setFaults: (plan?: Fault.Plan) => Effect.runSync(setFaults(plan)),
  requests: () => Effect.runSync(statistics).requests
})

const withNetwork = (
  description: SimulatedNetwork.Description,
  program: (server: ReturnType<typeof simulated>) => Promise<void>
) =>
  Effect.flatMap(NodeSimulatedServer.start(description), (server) => Effect.promise(() => program(simulated(server))))

const withSimulated = (program: (server: ReturnType<typeof simulated>) => Promise<void>) =>
  withNetwork(network, program)

/** A server that answers pings, and leaves all else to `onRequest`. */
const withSockets = (
  onRequest: Parameters<typeof tcpServer.make>[0],
  program: (url: string, open: () => number) => Promise<void>
) =>
  Effect.gen(function*() {
    const server = yield* tcpServer.make((socket, header) =>
      header.type === MessageType.Nop ? void socket.write(reply(header)) : onRequest(socket, header)
    )
    yield* Effect.promise(() => program(`127.0.0.1:${server.port}`, server.open))
  })

const silent = () => {}

/** The first frame of a listing. */
const entry = (path: string): Uint8Array => {
  const frame = Buffer.alloc(Header.byteLength + path.length + 1)
  Header.encodeReply(
    { version: 0, payload: path.length + 1, ret: 0, flags: 0x104, size: path.length, offset: 0 },
    frame
  )
  frame.write(path, Header.byteLength)
  return frame
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => assert.fail(`kept with ${JSON.stringify(value)}`), (error: unknown) => error)

const collect = async <A>(values: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = []
  for await (const value of values) all.push(value)
  return all
}

/** Looks again and again, for as long as the slowest machine may need. */
const eventually = async (condition: () => boolean): Promise<void> => {
  let looks = 0
  for await (const _ of setInterval(5)) {
    if (condition()) return
    if (++looks > 2000) assert.fail(`it did not come about: ${condition}`)
  }
}

const delay = Fault.every(1, Fault.Fault.Delay({ duration: "1 hour" }))

/** What any server with these two devices does. */
const useAll = async (ow: PromiseClient): Promise<void> => {
  const milliseconds: number = await ow.ping()
  assert.isAbove(milliseconds, 0)
  assert.isTrue(await ow.present(`/${thermometer}`))
  assert.isFalse(await ow.present("/28.0000000000FF"))
  assert.strictEqual(await ow.romId(`/${thermometer}`), canonical)
  assert.isUndefined(await ow.romId("/28.0000000000FF"))
  assert.include(await ow.dir("/", { slash: false }), `/${relays}`)
  assert.include(await ow.dir(`/${relays}`), `/${relays}/PIO.0`)
  assert.include(await collect(ow.dirStream()), `/${relays}`)
  assert.include(await collect(ow.dirStream("/", { bus: true })), "/uncached")
  assert.strictEqual(new TextDecoder().decode(await ow.read(`/${relays}/type`)), "DS2408")
  assert.strictEqual(await ow.readText(`/${relays}/type`, { size: 4, offset: 2 }), "2408")
  await ow.write(`/${thermometer}/temphigh`, "30")
  assert.strictEqual(await ow.readText(`/${thermometer}/temphigh`), "30")
  await ow.write(`/${thermometer}/temphigh`, new TextEncoder().encode("31"))
  assert.strictEqual(await ow.readText(`/${thermometer}/temphigh`), "31")
  const directory = await ow.get(`/${relays}`, { slash: false })
  assert.isTrue(directory._tag === "Directory" && directory.entries.includes(`/${relays}/type`))
  const value = await ow.get(`/${relays}/type`)
  assert.isTrue(value._tag === "Value" && value.bytes.length === 6)
  const refused = await ow.sendMessage(MessageType.Read, "/nothing", { size: 10 })
  assert.isBelow(refused.ret, 0)

  const device = ow.device(DS18B20, thermometer)
  assert.strictEqual(device.path, `/${thermometer}`)
  await device.write("templow", 5)
  assert.strictEqual(await device.read("templow"), 5)
  assert.lengthOf(await ow.device(DS2408, relays).read("PIO.ALL"), 8)
  assert.strictEqual((await device.reading("templow")).value, 5)
  const { devices, failures } = await ow.devices({ families: [DS18B20, DS2408] })
  assert.deepStrictEqual(failures, [])
  assert.sameMembers(devices.map(({ path }) => path), [`/${thermometer}`, `/${relays}`])
  const fahrenheit = Number(await ow.with({ flags: 0x1_0000 }).readText(`/${thermometer}/templow`))
  assert.strictEqual(fahrenheit, 41)

  const error = await rejection(ow.readText("/28.0000000000FF/temperature"))
  assert.instanceOf(error, OwnetError)
  assert.deepInclude(error, { _tag: "OwnetError", reason: { _tag: "NotFound" }, isRetryable: false })
}

describe("connect", () => {
  it.live("gives every operation of a client as a promise", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      assert.strictEqual(ow.server, url.slice("owserver://".length))
      await useAll(ow)
      assert.strictEqual(await ow.romId("/kitchen"), canonical)
    }))

  const isInstalled = spawnSync("owserver", ["--version"]).error === undefined

  it.live.skipIf(!isInstalled && process.env["CI"] === undefined)(
    "does so with the real owserver",
    () =>
      Effect.gen(function*() {
        const { host, port } = yield* NodeOwserver.start({ args: [`--mock=${thermometer},${relays}`] })
        yield* Effect.promise(async () => {
          await using ow = await connect({ host, port })
          await useAll(ow)
        })
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("takes the options of a client and of a call", () =>
    withSimulated(async ({ setFaults, url }) => {
      await using ow = await connect(url, {
        flags: { temperatureScale: "F" },
        timeout: "1 second",
        maxConnections: 1,
        idleTimeout: "1 minute"
      })
      assert.strictEqual(await ow.readText(temperature), "70.7")
      assert.strictEqual(await ow.readText(temperature, { flags: { temperatureScale: "K" } }), "294.65")
      setFaults(delay)
      const late = await rejection(ow.readText(temperature))
      assert.instanceOf(late, OwnetTimeout)
      assert.strictEqual(late.limit, 1000)
      const sooner = await rejection(ow.read(temperature, { timeout: 100 }))
      assert.instanceOf(sooner, OwnetTimeout)
      assert.strictEqual(sooner.limit, 100)
    }))

  it.live("tries again where it is told to", () =>
    withSimulated(async ({ setFaults, url }) => {
      const twice = Fault.first(2, Fault.Fault.Refuse({ code: -5 }))
      await using ow = await connect(url)
      setFaults(twice)
      assert.deepInclude(await rejection(ow.readText(temperature)), { reason: { _tag: "BusFault" }, isRetryable: true })
      setFaults(twice)
      assert.strictEqual(await ow.readText(temperature, { retry: true }), "21.5")
      setFaults(twice)
      await ow.write(`/${relays}/PIO.0`, "1", { retry: true })

      await using patient = await connect(url, { retry: true })
      setFaults(twice)
      assert.strictEqual(await patient.readText(temperature), "21.5")
      setFaults(twice)
      assert.deepInclude(await rejection(patient.readText(temperature, { retry: false })), { _tag: "OwnetError" })
      setFaults(twice)
      assert.deepInclude(await rejection(patient.write(`/${relays}/PIO.0`, "1")), { _tag: "OwnetError" })
    }))

  it.live("rejects with the client's own errors", () =>
    withSimulated(async ({ url }) => {
      const nobody = await rejection(connect("127.0.0.1:1"))
      assert.instanceOf(nobody, ConnError)
      assert.deepInclude(nobody, { _tag: "ConnError", reason: { _tag: "Connect" }, isRetryable: true })

      await using ow = await connect(url)
      const refused = await rejection(ow.dir(temperature))
      assert.instanceOf(refused, Error)
      assert.instanceOf(refused, OwnetError)
      assert.strictEqual(
        refused.message,
        `dir ${temperature} at ${ow.server}: refused with ${refused.code} ${refused.codeName}: ${refused.meaning}`
      )
      assert.instanceOf(await rejection(ow.readText("/a\0b")), ArgumentError)
      assert.instanceOf(await rejection(collect(ow.dirStream("/a\0b"))), ArgumentError)
      // What only a caller without types can do.
      assert.instanceOf(await rejection(ow.write(temperature, 21 as unknown as string)), ArgumentError)
      assert.instanceOf(await rejection(ow.sendMessage(2, null as unknown as string)), ArgumentError)
      const misspelt = await rejection(ow.readText(temperature, { flags: { uncashed: true } as object }))
      assert.instanceOf(misspelt, ArgumentError)
      assert.match(
        misspelt.message,
        /^read \S+: flags has no "uncashed"; the flags are .*uncached.*; nothing was sent$/
      )
      const none = null as unknown as undefined
      assert.strictEqual(await ow.readText(temperature, none), "21.5")
      const nothing = { flags: none, timeout: none, retry: none, signal: none }
      assert.strictEqual(await ow.readText(temperature, nothing), "21.5")
    }))

  it.live("takes a number for flags, as other clients have them", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url, { flags: 0x1_0000 })
      assert.strictEqual(await ow.readText(temperature), "70.7")
      assert.strictEqual(await ow.device(DS18B20, thermometer).read("temperature", { flags: 0x2_0020 }), 294.65)
      assert.include(await ow.dir("/", { flags: 0x2 }), "/settings/")
      assert.instanceOf(await rejection(ow.readText(temperature, { flags: 0.5 })), ArgumentError)
    }))

  it.live("gives clients with other options, over the same connections", () =>
    withSockets(
      (socket, header) => void socket.write(reply(header)),
      async (url, open) => {
        const ow = await connect(url, { flags: { temperatureScale: "F" } })
        const flagsOf = async (client: PromiseClient): Promise<number> => (await client.sendMessage(2, "/a")).flags
        const kelvin = ow.with({ flags: { temperatureScale: "K" } })
        assert.deepStrictEqual(
          [await flagsOf(ow), await flagsOf(kelvin), await flagsOf(kelvin.with({ flags: 0x20, timeout: "1 second" }))],
          [0x1_0104, 0x2_0104, 0x2_0124]
        )
        assert.instanceOf(await rejection(ow.with({ timeout: 0 }).ping()), ArgumentError)
        assert.strictEqual(open(), 1)
        await kelvin.close()
        await eventually(() => open() === 0)
        assert.deepInclude(await rejection(ow.ping()), { reason: { _tag: "ClientClosed" } })
      }
    ))

  it.live("logs frames for who wants to see them", () =>
    withSimulated(async ({ url }) => {
      const lines: Array<string> = []
      await using ow = await connect(url, { log: (line) => void lines.push(line) })
      assert.match(
        lines.splice(0).join("\n"),
        /^127\.0\.0\.1:\d+ <- NOP {2}00000000 [^\n]*\n\S+ -> ret 0, 0 bytes {2}00000000/
      )
      assert.strictEqual(await ow.with({ timeout: "1 second" }).readText(temperature), "21.5")
      assert.match(
        lines.splice(0).join("\n"),
        /<- READ \/28\.000028D70100\/temperature {2}.*\n.*-> ret 4, 4 bytes .* \| 32312E35$/
      )
      assert.lengthOf(await collect(ow.dirStream()), 2)
      assert.lengthOf(lines.splice(0), 4)
      await rejection(ow.device(DS18B20, thermometer).read("temphigh", { signal: AbortSignal.abort() }))
      assert.deepStrictEqual(lines, [])
      await rejection(ow.read("/a\u001b[2J\nb"))
      assert.match(lines.join(), /READ \/a\uFFFD\[2J\uFFFDb /)
      // What only a caller without types can do.
      await using quiet = await connect(url, { log: null as unknown as undefined })
      await quiet.ping()
    }))

  it.live("takes a URL for a server", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(new URL(url))
      assert.strictEqual(ow.server, url.replace("owserver://", ""))
    }))

  it.live("says which addresses are none", () =>
    Effect.promise(async () => {
      const servers = ["http://pi", "", "pi:0", "pi:70000", "a b"]
      const errors = await Promise.all(servers.map((server) => rejection(connect(server))))
      for (const [index, error] of errors.entries()) {
        assert.instanceOf(error, ArgumentError)
        assert.include(error.message, `server ${JSON.stringify(servers[index])} is not a server: `)
      }
      assert.instanceOf(await rejection(connect({ host: "pi:4304" })), ArgumentError)
      assert.instanceOf(await rejection(connect("pi", { maxConnections: 0 })), ArgumentError)
    }))

  it.live("does not ask for the server where it is lazy", () =>
    Effect.promise(async () => {
      const clients = await Promise.all([
        connect("owserver://[::1]", { lazy: true }),
        connect("pi:4305", { lazy: true }),
        connect({ host: "pi", lazy: true }),
        connect(undefined, { lazy: true }),
        connect({ lazy: true })
      ])
      assert.deepStrictEqual(
        clients.map(({ server }) => server),
        ["[::1]:4304", "pi:4305", "pi:4304", "localhost:4304", "localhost:4304"]
      )
      await Promise.all(clients.map((ow) => ow.close()))
    }))
})

describe("a signal", () => {
  it.live("gives up a call, closes its connection, and rejects with its reason", () =>
    Effect.suspend(() => {
      let asked = 0
      return withSockets(() => asked++, async (url, open) => {
        await using ow = await connect(url)
        const reason = { why: "enough" }
        const controller = new AbortController()
        const { signal } = controller
        const calls = [
          ow.readText(temperature, { signal }),
          ow.get("/", { signal }),
          collect(ow.dirStream("/", { signal })),
          ow.device(DS18B20, "28.000028D70200").read("temperature", { signal, retry: true })
        ].map(rejection)
        await eventually(() => asked === 4)
        controller.abort(reason)
        for (const error of await Promise.all(calls)) assert.strictEqual(error, reason)
        await eventually(() => open() === 0)
        assert.deepStrictEqual(getEventListeners(signal, "abort"), [])
        await ow.ping()
      })
    }))

  it.live("may be one that runs out", () =>
    withSimulated(async ({ setFaults, url }) => {
      await using ow = await connect(url)
      setFaults(delay)
      const signal = AbortSignal.timeout(50)
      assert.strictEqual(await rejection(ow.readText(temperature, { signal })), signal.reason)
      setFaults()
      assert.strictEqual(await ow.readText(temperature), "21.5")
    }))

  it.live("sends nothing where it was aborted before", () =>
    withSimulated(async ({ requests, url }) => {
      await using ow = await connect(url)
      const before = requests()
      const signal = AbortSignal.abort("no")
      assert.strictEqual(await rejection(ow.write(`/${relays}/PIO.0`, "1", { signal })), "no")
      assert.strictEqual(await rejection(collect(ow.dirStream("/", { signal }))), "no")
      assert.strictEqual(await rejection(connect(url, { signal })), "no")
      await ow.ping()
      assert.strictEqual(requests(), before + 1)
    }))

  it.live("leaves nothing behind where it came too late", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      const controller = new AbortController()
      const { signal } = controller
      assert.strictEqual(await ow.readText(temperature, { signal }), "21.5")
      assert.lengthOf(await collect(ow.dirStream("/", { signal })), 2)
      assert.deepStrictEqual(getEventListeners(signal, "abort"), [])
      controller.abort()
      assert.strictEqual(await ow.readText(temperature), "21.5")
    }))

  it.live("gives up connecting", () =>
    Effect.gen(function*() {
      const server = yield* tcpServer.make(silent)
      yield* Effect.promise(async () => {
        const controller = new AbortController()
        const connecting = rejection(connect(`127.0.0.1:${server.port}`, { signal: controller.signal }))
        await eventually(() => server.open() === 1)
        controller.abort("too slow")
        assert.strictEqual(await connecting, "too slow")
        await eventually(() => server.open() === 0)
      })
    }))
})

describe("close", () => {
  it.live("closes every connection, once for all", () =>
    withSockets(
      (socket, header) => void setTimeout(20).then(() => socket.write(reply(header, 1))),
      async (url, open) => {
        const ow = await connect(url)
        await Promise.all(Array.from({ length: 8 }, (_, index) => ow.readText(`/${index}`)))
        assert.strictEqual(open(), 4)
        await Promise.all([ow.close(), ow[Symbol.asyncDispose]()])
        await ow.close()
        await eventually(() => open() === 0)
      }
    ))

  it.live("rejects what is under way, and what still comes", () =>
    withSockets(silent, async (url, open) => {
      const ow = await connect(url)
      const device = ow.device(DS18B20, thermometer)
      const underWay = [ow.readText(temperature), ow.dir(), collect(ow.dirStream())].map(rejection)
      await eventually(() => open() === 3)
      await ow.close()
      const calls = [ow.ping(), ow.readText(temperature, { retry: true }), collect(ow.dirStream())]
      const later = [...calls, device.read("temperature")].map(rejection)
      for (const error of await Promise.all([...underWay, ...later])) {
        assert.instanceOf(error, ConnError)
        assert.deepInclude(error, { reason: { _tag: "ClientClosed" }, isRetryable: false })
        assert.include(error.message, "this client has been closed")
      }
      await eventually(() => open() === 0)
    }))

  it.live("lets the process end, without a rejection that nobody took", () =>
    withSimulated(async ({ url }) => {
      const program = `
        import { connect } from "@effect-ownet/node/promise"
        const ow = await connect(process.env.SERVER)
        console.log(await ow.readText("${temperature}"))
        await ow.readText("${temperature}", { signal: AbortSignal.abort() }).catch(({ name }) => console.log(name))
        for await (const path of ow.dirStream()) { console.log(path); break }
        await ow.close()
      `
      const { stderr, stdout } = await promisify(execFile)(
        process.execPath,
        ["--unhandled-rejections=strict", "--input-type=module", "--eval", program],
        { cwd: import.meta.dirname, env: { ...process.env, SERVER: url }, timeout: 20_000 }
      )
      assert.deepStrictEqual({ stderr, stdout }, { stderr: "", stdout: `21.5\nAbortError\n/kitchen\n` })
    }))
})

describe("dirStream", () => {
  const listing: Parameters<typeof tcpServer.make>[0] = (socket) => void socket.write(entry("/28.000028D70100"))

  it.live("ends where the loop is left", () =>
    withSockets(listing, async (url, open) => {
      await using ow = await connect(url)
      for await (const path of ow.dirStream()) {
        assert.strictEqual(path, "/28.000028D70100")
        break
      }
      await eventually(() => open() === 0)
      await ow.ping()
    }))

  it.live("ends where its iterator is told to while it waits", () =>
    withSockets(listing, async (url, open) => {
      await using ow = await connect(url)
      const iterator = ow.dirStream()[Symbol.asyncIterator]()
      assert.deepStrictEqual(await iterator.next(), { done: false, value: "/28.000028D70100" })
      const next = iterator.next()
      assert.deepInclude(await iterator.return?.(), { done: true })
      assert.deepInclude(await next, { done: true })
      await eventually(() => open() === 0)
    }))

  it.live("gives each entry once, however early it is asked for, and an iterator that is iterable itself", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      const iterator = ow.dirStream()[Symbol.asyncIterator]()
      const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()])
      assert.deepStrictEqual(results.map(({ done, value }) => done === true ? "end" : value), [
        "/kitchen",
        `/${relays}`,
        "end",
        "end"
      ])
      const rest = ow.dirStream()[Symbol.asyncIterator]()
      await rest.next()
      // Its type promises an iterator only.
      assert.deepStrictEqual(await collect(rest as AsyncIterableIterator<string>), [`/${relays}`])
    }))

  it.live("fails with the signal's reason between two entries", () =>
    withSockets(listing, async (url, open) => {
      await using ow = await connect(url)
      const controller = new AbortController()
      const iterator = ow.dirStream("/", { signal: controller.signal })[Symbol.asyncIterator]()
      await iterator.next()
      controller.abort("enough")
      assert.strictEqual(await rejection(iterator.next()), "enough")
      assert.deepInclude(await iterator.next(), { done: true })
      await eventually(() => open() === 0)
    }))

  it.live("asks anew each time", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      const paths = ow.dirStream()
      assert.deepStrictEqual(await collect(paths), ["/kitchen", `/${relays}`])
      assert.deepStrictEqual(await collect(paths), ["/kitchen", `/${relays}`])
    }))
})

describe("device", () => {
  it.live("has the types of its family", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      const device = ow.device(DS18B20, canonical)
      assert.strictEqual(device.id, canonical)
      const celsius: number = await device.read("temperature")
      assert.strictEqual(celsius, 21.5)
      assert.strictEqual(await device.read("temperature", { flags: { temperatureScale: "F" } }), 70.7)
      await device.write("temphigh", 30, { verify: true })
      assert.strictEqual(await device.read("temphigh"), 30)
      assert.instanceOf(await rejection(device.write("temphigh", 1000)), ArgumentError)
      // @ts-expect-error: it is misspelt
      assert.instanceOf(await rejection(device.read("temprature")), ArgumentError)
      // @ts-expect-error: it is a number
      assert.instanceOf(await rejection(device.write("temphigh", "warm")), ArgumentError)

      const warm: PromiseDevice<{ readonly read: { readonly temperature: number }; readonly write: object }> = device
      assert.strictEqual(await warm.read("temperature"), 21.5)
    }))

  it.live("is refused where there can be none", () =>
    withSimulated(async ({ url }) => {
      await using ow = await connect(url)
      for (const address of [relays, "kitchen", "28.000028D70100.00", "/"]) {
        assert.throws(() => ow.device(DS18B20, address), ArgumentError)
      }
    }))

  it.live("tells what it was given, where that is no value", () =>
    withSockets((socket, header) => void socket.write(reply(header, 3)), async (url) => {
      await using ow = await connect(url)
      const error = await rejection(ow.device(DS18B20, thermometer).read("temperature"))
      assert.instanceOf(error, DeviceError)
      assert.deepInclude(error, { reason: { _tag: "Malformed" }, isRetryable: true })
    }))
})

describe("reading", () => {
  it.live("says with the value when it was, in what unit, and whether it can be true", () =>
    withNetwork({ [thermometer]: { temperature: 85 }, [relays]: {} }, async ({ url }) => {
      await using ow = await connect(url)
      const device = ow.device(DS18B20, thermometer)
      const { at, ...reading } = await device.reading("temperature")
      assert.deepStrictEqual(reading, { value: 85, unit: "°C", verdict: { _tag: "PowerOn" } })
      assert.instanceOf(at, Date)
      const fahrenheit = await device.reading("temperature", { flags: { temperatureScale: "F" } })
      assert.deepInclude(fahrenheit, { value: 185, unit: "°F", verdict: { _tag: "PowerOn" } })
      const error = await rejection(device.reading("temperature", { implausible: "reject" }))
      assert.instanceOf(error, DeviceError)
      assert.deepInclude(error, { reason: { _tag: "Implausible" } })
      const closed: boolean = (await ow.device(DS2408, relays).reading("PIO.0")).value
      assert.isFalse(closed)
    }))

  it.live("reads again, where that is wanted", () => {
    let reads = 0
    return withNetwork(
      { [thermometer]: { temperature: () => reads++ === 0 ? 85 : 21.5 } },
      async ({ url }) => {
        await using ow = await connect(url)
        const device = ow.device(DS18B20, thermometer)
        const { value, verdict } = await device.reading("temperature", { implausible: "readAgain", retry: true })
        assert.deepStrictEqual({ value, verdict }, { value: 21.5, verdict: { _tag: "Plausible" } })
        const jump = await device.reading("temperature", { previous: 5, maxJump: 10 })
        assert.deepStrictEqual(jump.verdict, { _tag: "Jump", from: 5 })
      }
    )
  })
})

describe("devices", () => {
  const second = "28.000028D70200"
  const unknown = "10.000010EF0000"
  const description: SimulatedNetwork.Description = {
    ...network,
    [`/bus.1/${second}`]: { temperature: 4.5 },
    [`/bus.1/${unknown}`]: { temperature: 3 }
  }

  it.live("finds them with the types of their families", () =>
    withNetwork(description, async ({ url }) => {
      await using ow = await connect(url)
      const { buses, devices, failures, ghosts } = await ow.devices({ families: [DS18B20] })
      assert.deepStrictEqual({ buses, failures, ghosts }, { buses: ["bus.0", "bus.1"], failures: [], ghosts: [] })
      const celsius: ReadonlyArray<number> = await Promise.all(devices.map((device) => device.read("temperature")))
      assert.deepStrictEqual(celsius, [21.5, 4.5])
      assert.deepStrictEqual(devices.map(({ bus, family, id, name, path }) => [bus, family, id, name, path]), [
        ["bus.0", DS18B20, canonical, "kitchen", `/${thermometer}`],
        ["bus.1", DS18B20, Option.getOrThrow(RomId.fromString(second)), second, `/${second}`]
      ])

      const both = await ow.devices({ families: [DS18B20, DS18S20], bus: "bus.1" })
      const cold: ReadonlyArray<number> = await Promise.all(both.devices.map((device) => device.read("temperature")))
      assert.deepStrictEqual(cold, [3, 4.5])
    }))

  it.live("finds all of them, whatever they are", () =>
    withNetwork(description, async ({ url }) => {
      await using ow = await connect(url)
      const { devices } = await ow.devices()
      assert.strictEqual(devices.length, 4)
      const value: Family.Value | undefined = await devices.find(({ name }) => name === unknown)?.read("temperature")
      assert.strictEqual(value, 3)
      // @ts-expect-error: nobody knows that it is a number
      const celsius: number = await devices[0].read("temperature")
      assert.isDefined(celsius)
    }))

  it.live("says which bus could not be listed", () =>
    withNetwork(description, async ({ setFaults, url }) => {
      await using ow = await connect(url)
      setFaults(({ path }) => path === "/bus.1" ? Fault.Fault.Refuse({ code: -5 }) : undefined)
      const { devices, failures } = await ow.devices({ families: [DS18B20] })
      assert.lengthOf(devices, 1)
      assert.deepStrictEqual(failures.map(({ error, place: { bus } }) => [bus, error._tag]), [["bus.1", "OwnetError"]])
      assert.instanceOf(await rejection(ow.devices({ bus: "bus.1" })), OwnetError)
      assert.instanceOf(await rejection(ow.devices({ bus: "cellar" })), ArgumentError)
      const signal = AbortSignal.abort("no")
      assert.strictEqual(await rejection(ow.devices({ signal })), "no")
    }))
})
