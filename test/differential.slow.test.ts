/**
 * Compares the simulated server and the one over the kernel's bus with the real one: both get the same requests, and each reply
 * is compared byte for byte. `FUZZ_CASES` raises the number of requests.
 */
import { ControlFlags, Header, MessageType, Payload, Request, RomId } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Option, Random } from "effect"
import * as owserver from "./fixtures/owserver.ts"
import * as wire from "./fixtures/wire.ts"

const codes = SimulatedNetwork.families

interface Both {
  /** Sends a request to both, and returns the reply once it is certain that there is only one. */
  readonly ask: (request: Partial<Request.Request> & Pick<Request.Request, "type" | "path">) => Effect.Effect<Answer>
  readonly asked: () => number
}

interface Answer extends Header.ReplyHeader {
  readonly data: Uint8Array
}

const defaultFlags = 0x104

const isThorough = process.env["FUZZ_CASES"] !== undefined

/** Whether two different replies are both right. */
type IsRight = (
  expected: ReadonlyArray<Uint8Array>,
  actual: ReadonlyArray<Uint8Array>,
  request: { readonly type: number; readonly path: string }
) => boolean

/** A real server and another one, with a connection to each. */
const both = Effect.fnUntraced(function*<E, R>(
  args: ReadonlyArray<string>,
  start: Effect.Effect<{ readonly port: number }, E, R>,
  isRight: IsRight = () => false
) {
  const real = yield* wire.connect((yield* owserver.start(args)).port)
  const other = yield* wire.connect((yield* start).port)
  let asked = 0
  const result: Both = {
    asked: () => asked,
    ask: (given) =>
      Effect.gen(function*() {
        const request = { flags: defaultFlags, size: 65_536, offset: 0, ...given }
        const bytes = Request.encode(request)
        const [expected, actual] = yield* Effect.all([real.ask(bytes), other.ask(bytes)], { concurrency: 2 })
        asked++
        const shown = (frames: ReadonlyArray<Uint8Array>) =>
          frames.map((frame) => [wire.hexOf(frame.subarray(0, Header.byteLength)), textOf(frame)])
        const isSame = expected.map(wire.hexOf).join() === actual.map(wire.hexOf).join()
        if (!isSame && !isRight(expected, actual, { type: request.type, path: String(request.path) })) {
          assert.deepStrictEqual(
            shown(actual),
            shown(expected),
            JSON.stringify({ ...request, data: given.data && [...given.data] })
          )
        }
        const last = actual.at(-1) ?? assert.fail("no reply")
        return { ...Header.decodeReply(last), data: last.subarray(Header.byteLength) }
      })
  }
  return result
})

const textOf = (frame: Uint8Array): string => Payload.decodeText(frame.subarray(Header.byteLength))

/** Whether the value depends on the time, on earlier requests, or on a bus master that is not simulated. */
const isOfItsOwn = (path: string): boolean =>
  /\/statistics\/.*\/|\/statistics\/[^/]+$|\/process\/pid$|\/return_codes\/|\/simultaneous\/(?:present|single)/.test(
    path
  )

/** In the branches of its simulated couplers, the real server lists the devices of the bus again. */
const isBranch = (path: string): boolean => /\/(?:12|1F)\.[^/]*\/(?:main|aux)/.test(path)

/** All paths below a directory. */
const walk = (servers: Both, directory: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const { data } = yield* servers.ask({ type: MessageType.DirAllSlash, path: directory })
    const paths: Array<string> = []
    for (const path of Payload.decodeList(data)) {
      if (isBranch(path)) continue
      paths.push(path)
      if (path.endsWith("/")) paths.push(...yield* walk(servers, path.slice(0, -1)))
    }
    return paths
  })

const temperatureFlags = (index: number): number =>
  ControlFlags.override(defaultFlags, {
    temperatureScale: ControlFlags.TemperatureScale.literals[index % 4],
    pressureScale: ControlFlags.PressureScale.literals[index % 6],
    trim: index % 5 === 0
  })

const pick = <A>(values: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, values.length - 1), (index) => values[index] ?? assert.fail("nothing to pick"))

/** Typical input for a number, a switch, an array, a date or a text. */
const written = [
  "",
  " ",
  "0",
  "1",
  "-1",
  "9.7",
  "0x1F",
  " 12",
  "12abc",
  "1e1",
  "1e400",
  "1e-400",
  "nan",
  "inf",
  "1,5",
  ".5",
  "5.",
  "+5",
  "-",
  "99999999999",
  "99999999999999999999",
  "yes",
  "NO",
  "on",
  "oFf",
  "of",
  "true",
  "0,1,0,1,0,1,0,1",
  "0,1",
  "1,2,3,4",
  "1,2,3,",
  "yes,no",
  "Sat Jan 01 12:00:00 2023",
  "Jan 01 2023 12:00:00",
  "12:00:00 Sat Jan 01 2023",
  "01/02/23 03:04:05",
  "Mon Jan  2 03:04:05 2023",
  "2023-01-01T00:00:00",
  "1672531200",
  "x".repeat(32),
  "x".repeat(300)
]

/** Other spellings of a path, valid and invalid ones. */
const spellings: ReadonlyArray<(path: string) => string> = [
  (path) => path,
  (path) => path.slice(1),
  (path) => path.toLowerCase(),
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace(/(?<=.)\//, "//"),
  (path) => path.slice(0, -1),
  (path) => `${path}x`,
  (path) => path.replace(/\.[^./]*$/, ""),
  (path) => path.replace(/\.[^./]*$/, ".ALL"),
  (path) => path.replace(/\.[^./]*$/, ".byte"),
  (path) => path.replace(/\.[^./]*$/, ".1"),
  (path) => path.replace(/\.[^./]*$/, ".b"),
  (path) => path.replace(/\.[^./]*$/, ".99"),
  (path) => `${path}.0`,
  (path) => `${path}.ALL`,
  (path) => `/uncached${path}`,
  (path) => `/bus.0${path}`,
  (path) => `/bus.0/uncached${path}`,
  (path) => `/uncached/bus.0${path}`,
  (path) => `/bus.1${path}`,
  (path) => `/bus.0/bus.0${path}`,
  (path) => `/text${path}`,
  (path) => `/unaliased${path}`,
  (path) => `/UNCACHEDx${path}`,
  (path) => `/alarm${path}`,
  (path) => `/structure${path}`,
  (path) => path.replace(/^\/(..)\.[^/]*/, "/structure/$1"),
  (path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))),
  (path) => `${path}\0 and more`,
  (path) =>
    path.replace(/^\/(..)\.([^/]*)/, (name) =>
      RomId.fromString(name.slice(1)).pipe(
        Option.map((id) => `/${RomId.format(id, "fi.c")}`),
        Option.getOrElse(() => name)
      )),
  (path) => path.replace(/^\/(..)\.([^/]*)/, "/$1.$2.00")
]

owserver.describe("the simulated server answers as the real one", () => {
  it.live("of every property of every family, and of its own", () =>
    Effect.gen(function*() {
      const servers = yield* both(
        [`--tester=${codes.join()}`],
        NodeSimulatedServer.start(SimulatedNetwork.tester(codes))
      )
      const paths: Array<string> = []
      const { data } = yield* servers.ask({
        type: MessageType.DirAllSlash,
        path: "/",
        flags: ControlFlags.override(defaultFlags, { busReturn: true })
      })
      for (const path of Payload.decodeList(data)) {
        if (!/^\/(?:uncached|bus\.0)/.test(path)) paths.push(path, ...yield* walk(servers, path.slice(0, -1)))
      }
      const types = [MessageType.Read, MessageType.Presence, MessageType.DirAll, MessageType.GetSlash]
      for (const [index, path] of paths.entries()) {
        // An array has thousands of elements, and the first ones are enough.
        if (isOfItsOwn(path) || /\.\d{2,}$/.test(path)) continue
        yield* servers.ask({ type: MessageType.Read, path, flags: temperatureFlags(index) })
        if (isThorough || index % 3 === 0) yield* servers.ask({ type: types[index % 4] ?? MessageType.Read, path })
      }
      assert.isAbove(servers.asked(), isThorough ? 10_000 : 6000)
    }), 120_000)

  it.live("of random requests", () =>
    Effect.gen(function*() {
      const some = ["10", "12", "20", "26", "28", "29", "1D", "3A", "EE", "FF", "1F", "02"]
      const servers = yield* both(
        [`--tester=${some.join()}`],
        NodeSimulatedServer.start(SimulatedNetwork.tester(some))
      )
      const paths = (yield* Effect.forEach(
        ["", "/settings", "/system", "/bus.0", "/simultaneous", "/structure/28", "/structure/simultaneous"],
        (path) => walk(servers, path)
      )).flat().filter((path) => !/\/log\//.test(path))
      const codes = new Map<number, number>()
      for (let count = 0; count < (isThorough ? 20_000 : 2000); count++) {
        const path = (yield* pick(spellings))((yield* pick(paths)).replace(/\/$/, ""))
        if (isOfItsOwn(path) || isBranch(path)) continue
        const type = yield* pick([0, 1, 2, 2, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11, -1])
        const size = yield* pick([-1, 0, 1, 3, 12, 24, 65_536, 100_050, 100_051])
        // For arrays and memories from an offset, the real server returns bytes of its own memory. It does the same for every
        // property of a family that it does not know.
        const isSteady = /(?:temperature|type|address|templow|udate|\/id|family|volatile|power)$/.test(path) &&
          !/(?:^|\/)EE\./i.test(path)
        const offset = isSteady ? yield* pick([0, 0, 1, 5, 11, 12, 40]) : 0
        const flags = ControlFlags.override(temperatureFlags(yield* Random.nextIntBetween(0, 60)), {
          busReturn: yield* Random.nextBoolean,
          uncached: yield* Random.nextBoolean,
          deviceFormat: yield* pick(ControlFlags.DeviceFormat.literals)
        })
        const { ret } = yield* servers.ask({ type, path, size, offset, flags })
        codes.set(ret, (codes.get(ret) ?? 0) + 1)
      }
      for (const code of [0, -1, -20, -21, -34, -42, -90, -95]) assert.isAbove(codes.get(code) ?? 0, 5, String(code))
    }).pipe(Random.withSeed("differential")), 120_000)

  it.live("to random writes", () =>
    Effect.gen(function*() {
      const some = ["10", "14", "20", "26", "28", "29", "1D", "3A", "FF", "1F", "04", "B2"]
      const servers = yield* both(
        [`--tester=${some.join()}`],
        NodeSimulatedServer.start(SimulatedNetwork.tester(some))
      )
      const paths = (yield* walk(servers, "")).filter((path) => !path.endsWith("/alias"))
      const codes = new Map<number, number>()
      for (let count = 0; count < (isThorough ? 20_000 : 1500); count++) {
        const path = (yield* pick(paths)).replace(/\/$/, "")
        const text = yield* pick(written)
        const offset = yield* pick([0, 0, 0, 1, 6])
        const data = new TextEncoder().encode(text)
        const { ret } = yield* servers.ask({ type: MessageType.Write, path, data, size: data.length, offset })
        codes.set(ret, (codes.get(ret) ?? 0) + 1)
      }
      for (const code of [0, -14, -21, -22, -34, -95]) assert.isAbove(codes.get(code) ?? 0, 5, String(code))
    }).pipe(Random.withSeed("writes")), 120_000)

  it.live("when it is asked for what was written, in every scale", () =>
    Effect.gen(function*() {
      const servers = yield* both(
        ["--mock=28.000028D70100,26.000026D70100,10.000010EF0200"],
        NodeSimulatedServer.start({ "28.000028D70100": {}, "26.000026D70100": {}, "10.000010EF0200": {} })
      )
      const numbers = ["25", "-10.25", "0", "77", "1e3", "0.125", "12abc", "-273.15"]
      for (let count = 0; count < (isThorough ? 400 : 100); count++) {
        const path = yield* pick([
          "/28.000028D70100/templow",
          "/28.000028D70100/temphigh",
          "/10.000010EF0200/templow",
          "/26.000026D70100/B1-R1-A/gain",
          "/26.000026D70100/B1-R1-A/offset"
        ])
        const data = new TextEncoder().encode(yield* pick(numbers))
        const flags = temperatureFlags(yield* Random.nextIntBetween(0, 60))
        yield* servers.ask({ type: MessageType.Write, path, data, size: data.length, flags })
        for (let scale = 0; scale < 4; scale++) {
          yield* servers.ask({
            type: MessageType.Read,
            path,
            flags: temperatureFlags(yield* Random.nextIntBetween(0, 60))
          })
        }
      }
      const aliases = ["boiler", "a,b Küche", "alarm", "bus.0", "a/b", "settings", "text"]
      for (let count = 0; count < 50; count++) {
        const path = yield* pick(["/28.000028D70100", "/26.000026D70100"])
        // Each name is given once, because the real server loses track of names that come and go repeatedly.
        const alias = (yield* pick(aliases)).replace(/^(boiler|a,b)/, `$1${count}`)
        const data = new TextEncoder().encode(alias)
        const { ret } = yield* servers.ask({ type: MessageType.Write, path: `${path}/alias`, data, size: data.length })
        const given = ret === 0 && alias !== "" ? `/${alias}` : path
        for (
          const [type, asked] of [
            [MessageType.DirAll, "/"],
            [MessageType.DirAll, "/unaliased"],
            [MessageType.DirAll, path],
            [MessageType.Dir, `/uncached${path}`],
            [MessageType.Presence, given],
            [MessageType.Read, `${given}/crc8`],
            [MessageType.Read, `${path}/type`]
          ] as const
        ) {
          yield* servers.ask({ type, path: asked })
        }
      }
    }).pipe(Random.withSeed("mock")), 120_000)
})

/** Families with a kernel driver that shows more than the ROM id. */
const driven = ["05", "10", "12", "1D", "22", "23", "26", "28", "29", "2D", "3A", "3B", "42", "43"]

/**
 * A list of families in which each has a position where the tester's values are possible for its chip: temperatures in steps of
 * half a degree, and eight switches of which every other one is on.
 */
const possible: ReadonlyArray<string> = Array.from({ length: 47 }, (_, at) => {
  if (at === 46) return "29"
  const fits = driven.filter((code) => {
    const value = Number.parseInt(code, 16) + at
    return ["10", "22", "28", "3B", "42", "26"].includes(code) ? value % 5 === 0 : code !== "29"
  })
  return fits[at % fits.length] ?? "01"
})

/** Whether the tester invents a value that no chip returns: half a bit, a resolution of 40 bits, a thermocouple. */
const isImpossible = (path: string): boolean =>
  /\/(?:tempres|temphigh|templow|vis|date|udate|offset|prog_addr|thermocouple|fault|.*_(?:short|circuit))$/.test(
    path
  ) ||
  /\/(?:.*humidity|S3-R1-A\/current|interface\/settings\/(?:address|name)|count_current_buses)$/.test(path) ||
  /\/(?:3B\.[^/]*\/scratchpad|(?:12|3A)\.[^/]*\/.*\.BYTE)$/i.test(path) || /\/structure\/?$/.test(path)

const listing: ReadonlySet<number> = new Set([
  MessageType.Dir,
  MessageType.DirAll,
  MessageType.DirAllSlash,
  MessageType.Get,
  MessageType.GetSlash
])

/**
 * Whether the real server lists a property only for a DS1825 itself, and not for other chips with its family code, such as the
 * tester's.
 */
const isOfSome = (path: string): boolean => /\/3B\.[^/]*\/(?:fasttemp|temperature(?:9|10|11))$/i.test(path)

/** The kernel's drivers show only a part of a chip, and list devices in another order. */
const isPart: IsRight = (expected, actual, { type }) => {
  if (!listing.has(type)) return false
  const list = (frames: ReadonlyArray<Uint8Array>) =>
    frames.flatMap((frame) => Payload.decodeList(frame.subarray(Header.byteLength)))
  const headers = [expected, actual].map((frames) => Header.decodeReply(frames.at(-1) ?? assert.fail("no reply")))
  const all = new Set(list(expected))
  return headers.every(({ ret }) => ret === 0) && headers[0]?.offset === headers[1]?.offset && all.size > 1 &&
    list(actual).every((path) => all.has(path) || isOfSome(path))
}

owserver.describe("the server over the kernel's bus answers as the real one", () => {
  const tester = `--tester=${possible.join()}`

  it.live("of every property that both have, in every scale", () =>
    Effect.gen(function*() {
      const servers = yield* both([tester], owserver.kernel.start([tester]), isPart)
      const paths = (yield* Effect.forEach(
        ["", "/settings", "/bus.0", "/structure/28", "/structure/29", "/structure/3B"],
        (path) => walk(servers, path)
      )).flat()
      const types = [MessageType.Presence, MessageType.DirAll, MessageType.Get]
      for (const [index, path] of paths.entries()) {
        if (isOfItsOwn(path) || isImpossible(path) || /\.\d{2,}$/.test(path)) continue
        yield* servers.ask({ type: MessageType.Read, path, flags: temperatureFlags(index) })
        if (index % 2 === 0) yield* servers.ask({ type: types[index % 3] ?? MessageType.Read, path })
      }
      assert.isAbove(servers.asked(), 1000)
    }), 120_000)

  it.live("to random requests", () =>
    Effect.gen(function*() {
      const servers = yield* both([tester], owserver.kernel.start([tester]), isPart)
      const paths = (yield* Effect.forEach(["", "/settings", "/structure/28"], (path) => walk(servers, path))).flat()
        .filter((path) => !isOfItsOwn(path) && !isImpossible(path))
      const codes = new Map<number, number>()
      for (let count = 0; count < (isThorough ? 20_000 : 1500); count++) {
        const path = (yield* pick(spellings))((yield* pick(paths)).replace(/\/$/, ""))
        if (isOfItsOwn(path) || /\/structure\/?$|(?:12|3A)\..*byte$/i.test(path)) continue
        const type = yield* pick([0, 1, 2, 2, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11, -1])
        const size = listing.has(type) ? 65_536 : yield* pick([-1, 0, 1, 3, 12, 24, 65_536, 100_050, 100_051])
        const isSteady = /(?:temperature|type|address|\/id|family|volatile|power)$/.test(path)
        const offset = isSteady ? yield* pick([0, 0, 1, 5, 11, 12, 40]) : 0
        const flags = ControlFlags.override(temperatureFlags(yield* Random.nextIntBetween(0, 60)), {
          uncached: yield* Random.nextBoolean,
          deviceFormat: yield* pick(ControlFlags.DeviceFormat.literals)
        })
        const { ret } = yield* servers.ask({ type, path, size, offset, flags })
        codes.set(ret, (codes.get(ret) ?? 0) + 1)
      }
      for (const code of [0, -1, -20, -21, -34, -42, -90]) assert.isAbove(codes.get(code) ?? 0, 5, String(code))
    }).pipe(Random.withSeed("kernel")), 120_000)

  /** Writes at random, and returns the number of replies with each code. */
  const write = Effect.fnUntraced(function*(servers: Both, times: number) {
    const paths = (yield* walk(servers, "")).filter((path) => !path.endsWith("/alias"))
    const codes = new Map<number, number>()
    for (let count = 0; count < times; count++) {
      const path = (yield* pick(paths)).replace(/\/$/, "")
      const data = new TextEncoder().encode(yield* pick(written))
      const offset = yield* pick([0, 0, 0, 1, 6])
      const { ret } = yield* servers.ask({ type: MessageType.Write, path, data, size: data.length, offset })
      codes.set(ret, (codes.get(ret) ?? 0) + 1)
    }
    return codes
  })

  it.live("to random writes, unless the chip cannot take the value", () =>
    Effect.gen(function*() {
      const refused = new Set<string>()
      const servers = yield* both([tester], owserver.kernel.start([tester]), (expected, actual, { path, type }) => {
        if (type !== MessageType.Write) return isPart(expected, actual, { path, type })
        const [taken, { ret }] = [expected, actual].map(([frame]) =>
          Header.decodeReply(frame ?? assert.fail("no reply"))
        )
        const property = path.replace(/^\/[^/]*\//, "").replace(/\.[^.]*$/, "")
        refused.add(`${property} ${ret}`)
        return taken.ret === 0 && [-22, -34, -95].includes(ret)
      })
      const codes = yield* write(servers, isThorough ? 20_000 : 1500)
      for (const code of [0, -21, -22, -34, -95]) assert.isAbove(codes.get(code) ?? 0, 5, String(code))
      // The tester accepts any number, and writes properties that the driver only reads.
      const known = /^(?:tempres -34|temp(?:high|low) -(?:22|34)|PIO -34|por -22|(?:CA|EE|date|udate|offset) -95)$/
      assert.deepStrictEqual([...refused].filter((one) => !known.test(one)), [])
    }).pipe(Random.withSeed("kernel writes")), 120_000)

  it.live("to all writes, if it may only read", () =>
    Effect.gen(function*() {
      const servers = yield* both([tester, "--readonly"], owserver.kernel.start([tester, "--readonly"]), isPart)
      assert.deepStrictEqual([...(yield* write(servers, 200)).keys()], [-30])
    }).pipe(Random.withSeed("kernel read-only")), 120_000)

  it.live("when it is asked for what was written, in every scale", () =>
    Effect.gen(function*() {
      const mock = "--mock=28.000028D70100,10.000010EF0200,29.000029D60300,2D.00002DD20600"
      const servers = yield* both([mock], owserver.kernel.start([mock]))
      const text = (text: string) => new TextEncoder().encode(text)
      for (
        const [path, values] of [
          ["/28.000028D70100/templow", ["-10", "-55", "3", "0", "-1.0"]],
          ["/28.000028D70100/temphigh", ["25", "125", "40", "4e1", "0x1F"]],
          ["/28.000028D70100/tempres", ["9", "12", "10", " 11"]],
          ["/10.000010EF0200/templow", ["-10", "-55", "3", "0"]],
          ["/29.000029D60300/strobe", ["1", "0"]],
          ["/2D.00002DD20600/memory", ["x".repeat(128), "y".repeat(128)]],
          ["/2D.00002DD20600/pages/page.2", ["z".repeat(32)]],
          ["/28.000028D70100/alias", ["kitchen, a"]],
          ["/2D.00002DD20600/alias", ["Keller 2"]]
        ] as const
      ) {
        for (const value of values) {
          const data = text(value)
          yield* servers.ask({ type: MessageType.Write, path, data, size: data.length })
          for (let scale = 0; scale < 4; scale++) {
            yield* servers.ask({ type: MessageType.Read, path, flags: temperatureFlags(scale) })
          }
        }
      }
      for (const path of ["/kitchen, a", "/Keller 2", "/Keller 2/type", "/unaliased/28.000028D70100"]) {
        yield* servers.ask({ type: MessageType.Presence, path })
      }
    }), 120_000)
})
