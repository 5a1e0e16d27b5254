import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Fault, type SimulatedNetwork } from "@effect-ownet/core/testing"
import {
  ArgumentError,
  connectNetwork,
  ConnError,
  DeviceError,
  type NetworkAddress,
  OwnetError
} from "@effect-ownet/node/promise"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const relay = "29.000029D60300"

const pi: SimulatedNetwork.Description = { [kitchen]: { alias: "kitchen", temperature: 21.5 }, [relay]: {} }
const barn: SimulatedNetwork.Description = {
  [kitchen]: { alias: "kitchen", temperature: 20 },
  [cellar]: { alias: "cellar", temperature: 8 }
}

interface Servers {
  readonly addresses: readonly [NetworkAddress, NetworkAddress]
  readonly pi: NodeSimulatedServer.Running
  readonly barn: NodeSimulatedServer.Running
}

const withServers = (program: (servers: Servers) => Promise<void>) =>
  Effect.gen(function*() {
    const [a, b] = [yield* NodeSimulatedServer.start(pi), yield* NodeSimulatedServer.start(barn)]
    yield* Effect.promise(() =>
      program({
        addresses: [{ name: "pi", host: a.host, port: a.port }, { name: "barn", host: b.host, port: b.port }],
        pi: a,
        barn: b
      })
    )
  })

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => assert.fail(`kept with ${JSON.stringify(value)}`), (error: unknown) => error)

describe("connectNetwork", () => {
  it.live("has each device by whichever server works", () =>
    withServers(async ({ addresses, pi }) => {
      await using house = await connectNetwork(addresses)
      const device = await house.device(DS18B20, "kitchen")
      assert.strictEqual(await device.read("temperature"), 21.5)
      await Effect.runPromise(pi.stop)
      const value: number = await device.read("temperature")
      assert.strictEqual(value, 20)
      await device.write("temphigh", 30)
      assert.strictEqual((await device.reading("temphigh")).value, 30)
      assert.strictEqual(await (await house.device(DS18B20, "cellar")).read("temperature", { flags: 0x1_0000 }), 46.4)
    }))

  it.live("finds each device once, and says what could not be searched", () =>
    withServers(async ({ addresses, pi }) => {
      await using house = await connectNetwork(addresses, { flags: { temperatureScale: "F" } })
      const { devices, failures } = await house.devices({ families: [DS18B20] })
      assert.deepStrictEqual(failures, [])
      assert.deepStrictEqual(devices.map(({ device, server, ways }) => [device.name, server, ways.length]), [
        ["kitchen", "pi", 2],
        ["cellar", "barn", 1]
      ])
      assert.strictEqual(await devices[0].ways[1].device.read("temperature"), 68)
      await Effect.runPromise(pi.stop)
      const left = await house.devices()
      assert.deepStrictEqual(left.devices.map(({ device, server }) => [device.name, server]), [
        ["kitchen", "barn"],
        ["cellar", "barn"]
      ])
      assert.deepStrictEqual(left.failures.map(({ error, server }) => [server, error._tag]), [["pi", "ConnError"]])
    }))

  it.live("adds and removes servers", () =>
    withServers(async ({ addresses: [pi, barn] }) => {
      await using house = await connectNetwork([pi])
      const states = async () => (await house.servers()).map(({ name, state }) => `${name} ${state._tag}`)
      assert.deepStrictEqual(await states(), ["pi Disconnected"])
      const absent = await rejection(house.device(DS18B20, "cellar"))
      assert.instanceOf(absent, OwnetError)
      assert.strictEqual(absent.reason._tag, "NotFound")
      await house.add(barn)
      assert.strictEqual((await house.device(DS18B20, "cellar")).name, "cellar")
      assert.deepStrictEqual(await states(), ["pi Connected", "barn Connected"])
      await house.remove("pi")
      assert.deepStrictEqual(await states(), ["barn Connected"])
    }))

  it.live("rejects with typed errors, and begins though no server works", () =>
    Effect.promise(async () => {
      assert.instanceOf(await rejection(connectNetwork(["a:b"])), ArgumentError)
      assert.instanceOf(await rejection(connectNetwork(["pi", { name: "pi", host: "barn" }])), ArgumentError)
      assert.instanceOf(await rejection(connectNetwork(["pi"], { maxConnections: 0 })), ArgumentError)
      const text = await rejection(connectNetwork("pi" as unknown as Array<string>))
      assert.instanceOf(text, ArgumentError)
      assert.include(text.message, "must be an array of servers")
      await using house = await connectNetwork(["127.0.0.1:1"])
      assert.instanceOf(await rejection(house.add("a b")), ArgumentError)
      assert.instanceOf(await rejection(house.device(DS2408, kitchen)), ArgumentError)
      assert.instanceOf(await rejection(house.device(DS18B20, kitchen)), ConnError)
      assert.instanceOf(await rejection(house.devices({ timeout: -1 })), ArgumentError)
      const { devices, failures } = await house.devices()
      assert.deepStrictEqual([devices.length, failures.length], [0, 1])
    }))

  it.live("tells an alias that leads to two devices", () =>
    withServers(async ({ addresses, barn }) => {
      await Effect.runPromise(barn.network.vanish(kitchen))
      await Effect.runPromise(barn.network.set(`${cellar}/alias`, "kitchen"))
      await using house = await connectNetwork(addresses)
      const error = await rejection(house.device(DS18B20, "kitchen"))
      assert.instanceOf(error, DeviceError)
      assert.strictEqual(error.reason._tag, "Ambiguous")
    }))

  it.live("takes the options of a client, and signals", () =>
    withServers(async ({ addresses: [pi], pi: { setFaults } }) => {
      const lines: Array<string> = []
      await using house = await connectNetwork([pi], { retry: true, log: (line) => void lines.push(line) })
      const device = await house.device(DS18B20, kitchen)
      await Effect.runPromise(setFaults(Fault.first(2, Fault.Fault.Refuse({ code: -5 }))))
      assert.strictEqual(await device.read("temperature"), 21.5)
      assert.isTrue(lines.some((line) => line.includes(`READ /${kitchen}/temperature`)))
      await Effect.runPromise(setFaults(Fault.every(1, Fault.Fault.Delay({ duration: "1 hour" }))))
      const signal = AbortSignal.timeout(20)
      assert.strictEqual(await rejection(device.read("temphigh", { signal })), signal.reason)
      const search = AbortSignal.timeout(20)
      assert.strictEqual(await rejection(house.devices({ signal: search })), search.reason)
    }))

  it.live(
    "rejects what is under way and what still comes when it closes, and lets the process end",
    () =>
      withServers(async ({ addresses, pi: { host, port, setFaults } }) => {
        const house = await connectNetwork(addresses)
        const device = await house.device(DS18B20, kitchen)
        await Effect.runPromise(setFaults(Fault.every(1, Fault.Fault.Delay({ duration: "1 hour" }))))
        const underWay = rejection(device.read("temphigh"))
        await Promise.all([house.close(), house[Symbol.asyncDispose]()])
        for (const error of [await underWay, await rejection(device.read("temperature"))]) {
          assert.instanceOf(error, ConnError)
          assert.strictEqual(error.reason._tag, "ClientClosed")
        }
        await Effect.runPromise(setFaults())
        const program = `
        import { DS18B20 } from "@effect-ownet/core/families"
        import { connectNetwork } from "@effect-ownet/node/promise"
        const house = await connectNetwork(["127.0.0.1:1", process.env.SERVER])
        console.log(await (await house.device(DS18B20, "kitchen")).read("temperature"))
        await house.close()
        await house.add("127.0.0.1:1").catch(() => {})
        await house.device(DS18B20, "kitchen").catch(({ _tag }) => console.log(_tag))
      `
        const { stderr, stdout } = await promisify(execFile)(
          process.execPath,
          ["--unhandled-rejections=strict", "--input-type=module", "--eval", program],
          { cwd: import.meta.dirname, env: { ...process.env, SERVER: `${host}:${port}` }, timeout: 20_000 }
        )
        assert.deepStrictEqual({ stderr, stdout }, { stderr: "", stdout: "21.5\nConnError\n" })
      }),
    30_000
  )
})
