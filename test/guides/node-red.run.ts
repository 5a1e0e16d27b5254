/**
 * The flow of the recipe, in Node-RED itself: with a broker, a hub, and a house whose sensors and relays can be looked at. Node-RED
 * comes from npm, which takes a minute.
 */
import { OwClient } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Schedule } from "effect"
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as ow from "../../packages/cli/test/fixtures/ow.ts"
import * as Process from "../../packages/cli/test/fixtures/process.ts"
import * as mosquitto from "../../packages/hub/test/fixtures/mosquitto.ts"
import { freePort } from "../../packages/hub/test/fixtures/processes.ts"

/** The version that the recipe names. */
const version = "5.0.7"

const docs = new URL("../../docs/", import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, docs), "utf8")

const guide = read("recipes/node-red.md")

interface Node {
  readonly id: string
  readonly type: string
  readonly name?: string
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-node-red-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** What the flow's debug nodes say, as the editor's sidebar gets it. */
const sidebar = (url: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<WebSocket>((resume) => {
        const socket = new WebSocket(`${url.replace("http", "ws")}/comms`)
        socket.addEventListener("open", () => {
          socket.send(JSON.stringify({ subscribe: "debug" }))
          resume(Effect.succeed(socket))
        })
      }),
      (socket) => Effect.sync(() => socket.close())
    ),
    (socket) => {
      const latest = new Map<string, string>()
      socket.addEventListener("message", ({ data }) => {
        for (const { data: said, topic } of [JSON.parse(String(data))].flat()) {
          if (topic === "debug") latest.set(said.name, said.msg)
        }
      })
      return latest
    }
  )

/** Node-RED with the flow of the recipe, deployed as its editor does it. */
const nodeRed = Effect.fnUntraced(function*(broker: number) {
  const home = yield* folder
  yield* Effect.callback<void, Error>((resume) => {
    const args = ["install", `node-red@${version}`, "--no-audit", "--no-fund", "--loglevel=error", "--prefix", home]
    execFile("npm", args, (error) => resume(error === null ? Effect.void : Effect.fail(error)))
  })
  const port = yield* freePort
  const url = `http://127.0.0.1:${port}`
  writeFileSync(join(home, "settings.js"), `module.exports = { uiHost: "127.0.0.1", telemetry: { enabled: false } }\n`)
  const program = join(home, "node_modules/node-red/red.js")
  const running = yield* Process.start(process.execPath, [program, "--userDir", home, "--port", `${port}`])
  yield* running.awaitLine((line) => line.includes("Started flows"))
  const said = yield* sidebar(url)
  const ask = (path: string, body: string) =>
    Effect.promise(() =>
      fetch(`${url}${path}`, { method: "POST", headers: { "content-type": "application/json" }, body })
    )
  const flow = read("recipes/node-red.json")
  const deployed = yield* ask("/flows", flow.replace("\"1883\"", `"${broker}"`))
  assert.strictEqual(deployed.status, 204)
  const types: ReadonlyArray<{ readonly types: ReadonlyArray<string>; readonly enabled: boolean }> = yield* Effect
    .promise(
      async () => (await fetch(`${url}/nodes`, { headers: { accept: "application/json" } })).json()
    )
  const nodes: ReadonlyArray<Node> = JSON.parse(flow)
  return {
    nodes,
    types: new Set(types.flatMap(({ enabled, types }) => enabled ? types : [])),
    said,
    press: (id: string) => Effect.map(ask(`/inject/${id}`, ""), ({ status }) => assert.strictEqual(status, 200))
  }
})

/** Waits until something is so. */
const until = <A>(look: Effect.Effect<A, unknown>, expected: A) =>
  Effect.matchEffect(look, {
    onSuccess: (found) => found === expected ? Effect.void : Effect.fail(`${found} is not ${expected}`),
    onFailure: Effect.fail
  }).pipe(Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 600 }), Effect.orDie)

describe("the recipe for Node-RED", () => {
  it("names the version that is tried here", () => assert.include(guide, `Node-RED ${version}`))

  it.live(
    "has a flow that shows a sensor, switches relays, and knows when the sensor is not there",
    () =>
      Effect.gen(function*() {
        const network = yield* SimulatedNetwork.make(JSON.parse(read("house.json")))
        const server = yield* NodeSimulatedServer.start(network)
        const client = Context.get(yield* Layer.build(NodeOwClient.layer(server)), OwClient.OwClient)
        const broker = yield* mosquitto.start()
        const [, settings = ""] = /^```yaml\n(.*?)^```$/ms.exec(guide) ?? []
        const config = join(yield* folder, "hub.yaml")
        writeFileSync(
          config,
          `every: 1s\n${
            settings.replace(/raspberrypi/, `"127.0.0.1:${server.port}"`).replace("mqtt://localhost:1883", broker.url)
          }`
        )
        const hub = yield* ow.start(["hub", "--config", config, "--listen", "0"])
        yield* hub.awaitLine((line) => line !== "")
        const { nodes, press, said, types } = yield* nodeRed(broker.port)
        const inEditor = new Set(["tab", "comment", ...types])
        assert.deepStrictEqual(nodes.filter(({ type }) => !inEditor.has(type)), [])

        const pio = (channel: number) =>
          client.readText(`/29.000029D60300/PIO.${channel}`, { flags: { uncached: true } })
        const shown = (name: string) => Effect.sync(() => said.get(name))
        const celsius = (value: number) => network.set("28.000028D70100/temperature", value)

        // 21.5625 °C are more than enough: the relay, which was on, goes off.
        yield* until(pio(0), "0")
        yield* until(shown("kitchen °C"), "21.5625")
        yield* until(shown("kitchen is there"), "true")
        yield* celsius(19)
        yield* until(pio(0), "1")
        // Between the limits it stays as it is.
        yield* celsius(20.5)
        yield* until(shown("kitchen °C"), "20.5")
        assert.strictEqual(yield* pio(0), "1")

        yield* until(pio(1), "0")
        yield* press("onewire-by-hand-on")
        yield* until(pio(1), "1")
        yield* until(Effect.sync(() => said.get("answers")?.includes("\"status\":\"ok\"")), true)
        yield* press("onewire-by-hand-off")
        yield* until(pio(1), "0")

        yield* network.vanish("28.000028D70100")
        yield* until(shown("kitchen is there"), "false")
        yield* until(pio(0), "0")
        yield* network.appear("28.000028D70100", { alias: "kitchen", temperature: 19 })
        yield* until(shown("kitchen is there"), "true")
        yield* until(pio(0), "1")

        yield* hub.kill("SIGKILL")
        yield* until(shown("kitchen is there"), "false")
      }),
    300_000
  )
})
