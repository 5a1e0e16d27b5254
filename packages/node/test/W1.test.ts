/** The kernel's own buses as a server of this process, by `W1` and by their address. */
import { Connector, Discovery, Network, OwClient, type OwError } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeConnector, NodeNetwork, NodeOwClient, W1 } from "@effect-ownet/node"
import { connect, connectNetwork } from "@effect-ownet/node/promise"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Context, Effect, Layer } from "effect"
import * as FakeW1 from "./fixtures/FakeW1.ts"

const id = "28.000028D70100"
const path = `/${id}/temperature`

const made = FakeW1.make({ [id]: FakeW1.thermometer(21.5) })

const build = <E>(layer: Layer.Layer<OwClient.OwClient, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, OwClient.OwClient))

/** A file where a folder should be. */
const nowhere = "/etc/hostname"

describe("W1", () => {
  it.live("answers in this process, and reads only", () =>
    Effect.gen(function*() {
      const { folder } = yield* made
      const ow = yield* build(W1.layer({ folder }))
      assert.strictEqual(ow.server, `w1:${folder}`)
      const { devices, failures } = yield* Effect.provideService(
        Discovery.devices({ families: [DS18B20] }),
        OwClient.OwClient,
        ow
      )
      assert.deepStrictEqual([devices.map(({ id }) => id), failures], [["28000028D70100D5"], []])
      assert.strictEqual(yield* ow.readText(path), "21.5")
      const refused = yield* Effect.flip(ow.write(`/${id}/alias`, "cellar"))
      assert.strictEqual(refused._tag === "OwnetError" && refused.codeName, "EROFS")
      const writable = yield* build(W1.layer({ folder, writable: true }))
      yield* writable.write(`/${id}/alias`, "cellar")
      assert.strictEqual(yield* writable.readText("/cellar/temperature"), "21.5")
    }))

  it.live("serves all links of a connector by one server", () =>
    Effect.gen(function*() {
      const { folder } = yield* made
      const connector = yield* W1.connector({ folder, writable: true })
      const client = build(Layer.provide(OwClient.layer(), Layer.succeed(Connector.Connector, connector)))
      const [one, other] = yield* Effect.all([client, client])
      yield* one.write(`/${id}/alias`, "cellar")
      assert.strictEqual(yield* other.readText("/cellar/temperature"), "21.5")
      // What is made anew knows nothing of it.
      const anew = yield* build(W1.layer({ folder }))
      assert.isFalse(yield* anew.present("/cellar/temperature"))
    }))

  it.live("says what was looked for if there is no such folder, and what to do", () =>
    Effect.gen(function*() {
      const layers = {
        W1: W1.layer({ folder: nowhere }),
        NodeOwClient: NodeOwClient.layer({ w1: nowhere }),
        named: W1.layer({ folder: "/nosuch\0" })
      }
      const messages = yield* Effect.forEach(Object.values(layers), (layer) =>
        Effect.map(Effect.flip(build(layer)), (error: OwError.Unanswered) => {
          assert.strictEqual("reason" in error && error.reason._tag, "Resolve")
          return error.message
        }))
      const words = `connect to w1:${nowhere}: there is no folder ${nowhere}/devices: `
        + "the kernel shows its own buses in /sys/bus/w1"
      assert.deepStrictEqual(messages.slice(0, 2), [words, words])
      assert.match(messages[2] ?? "", /cannot look into .*ERR_INVALID_ARG_VALUE/)
      const error = yield* Effect.flip(NodeConnector.make({ w1: "w1" }))
      assert.strictEqual(error.argument, "w1")
    }))
})

describe("the address w1:", () => {
  it.live("comes from the environment, alone and with servers", () =>
    Effect.gen(function*() {
      const { folder } = yield* made
      const set = (env: Readonly<Record<string, string>>) =>
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
      const ow = yield* build(NodeOwClient.layerConfig({ timeout: Config.succeed("5 seconds") })).pipe(
        set({ OWSERVER: `w1:${folder}` })
      )
      assert.strictEqual(yield* ow.readText(path), "21.5")
      // What a program says stands over the environment, and a port is that of a server.
      const other = NodeOwClient.layerConfig({ port: Config.succeed(1), lazy: Config.succeed(true) })
      assert.strictEqual((yield* build(other).pipe(set({ OWSERVER: "w1:" }))).server, "localhost:1")
      const servers = yield* set({ OWSERVERS: "w1:,barn" })(NodeNetwork.servers)
      assert.deepStrictEqual(servers, [{ w1: "/sys/bus/w1" }, { host: "barn", port: 4304 }])
    }))

  it.live("is a server of a network, which writes if it is told to", () =>
    Effect.gen(function*() {
      const { folder } = yield* made
      const program = Effect.gen(function*() {
        const network = yield* Network.Network
        // The same again.
        yield* network.add({ w1: `${folder}/` })
        const device = yield* network.device(DS18B20, id)
        assert.strictEqual(yield* device.read("temperature"), 21.5)
        const written = yield* Effect.result(device.write("alias", "cellar"))
        return { names: (yield* network.servers).map(({ name }) => name), written: written._tag }
      })
      const house = NodeNetwork.layer({ servers: [`w1:${folder}`] })
      const names = [`w1:${folder}`]
      assert.deepStrictEqual(yield* Effect.provide(program, house), { names, written: "Failure" })
      const writable = Layer.provide(house, Layer.succeed(NodeConnector.W1Options, { writable: true }))
      assert.deepStrictEqual(yield* Effect.provide(program, writable), { names, written: "Success" })
    }))

  it.live("works for programs without Effect", () =>
    Effect.gen(function*() {
      const { folder } = yield* made
      const text = yield* Effect.promise(() =>
        connect(`w1:${folder}`).then((ow) => ow.readText(path).finally(() => ow.close()))
      )
      assert.strictEqual(text, "21.5")
      const value = yield* Effect.promise(() =>
        connectNetwork([{ w1: folder, name: "here" }]).then((network) =>
          network.device(DS18B20, id).then((device) => device.read("temperature")).finally(() => network.close())
        )
      )
      assert.strictEqual(value, 21.5)
    }))
})
