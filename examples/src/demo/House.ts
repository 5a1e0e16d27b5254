/**
 * A house with a 1-Wire network that needs no hardware, with faults and events for the demo.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { Effect, Metric } from "effect"
import { Screen } from "./Screen.ts"

/** Connections that the server has killed. */
export const killed = Metric.counter("demo_connections_killed")

const cellar = "28.4C21D3070000"

/**
 * Starts a server for the house on a free port of this machine. Its temperatures are planned for the given seconds, and an event
 * begins most of the first rounds.
 */
export const start = Effect.fnUntraced(function*(seconds: number) {
  const { note, print } = yield* Screen
  const wave = (mean: number, swing: number, waves: number) => (now: number) =>
    mean + swing * Math.sin(2 * Math.PI * waves * now / seconds)
  const warmUp = (from: number, to: number) => (now: number) => to - (to - from) * Math.exp(-3 * now / seconds)

  const server = yield* NodeSimulatedServer.start({
    "28.6F9AC9070000": { alias: "kitchen", temperature: wave(21.5, 1.2, 1) },
    [cellar]: { alias: "cellar", temperature: wave(11, 0.8, 1.5) },
    "10.9E3B72020800": { alias: "boiler", temperature: warmUp(52, 67), temphigh: 65 },
    "26.5D1D8A010000": { alias: "bathroom", temperature: wave(23, 1.5, -0.7), humidity: 48.5 },
    "29.A4210C000000": { "PIO.BYTE": 0b10010110 },
    "/1F.8A7703000000/main/1D.77A20D000000": { alias: "gas", "counter.A": 30_514 },
    "/bus.1/28.E30BD4070000": { alias: "attic", temperature: wave(17, 2, 1.2) }
  }, { conversions: "real" })

  const unplug = Effect.andThen(
    note("network", "the thermometer in the cellar is unplugged", "yellow"),
    Effect.orDie(server.network.vanish(cellar))
  )

  const plugIn = Effect.andThen(
    note("network", "the thermometer in the cellar is plugged in again", "yellow"),
    Effect.orDie(server.network.appear(cellar))
  )

  const disconnect = Effect.gen(function*() {
    const { connections } = yield* server.statistics
    yield* note("server", `kills all connections: ${connections}`, "red")
    yield* server.disconnect
    yield* Metric.update(killed, connections)
  })

  const reset = Effect.gen(function*() {
    let left = 2
    yield* note("server", `resets the connections of the next ${left} values`, "red")
    yield* Metric.update(killed, left)
    yield* server.setFaults(({ type }) =>
      type === MessageType.Read && left-- > 0 ? Fault.Fault.Reset({ at: left === 1 ? "before" : "inside" }) : undefined
    )
  })

  const nothing = Effect.void
  // Meanwhile the chips measure, and the client has to open new connections to read them.
  const soon = disconnect.pipe(Effect.delay("300 millis"), Effect.forkChild, Effect.asVoid)
  const happenings = [nothing, unplug, nothing, nothing, nothing, plugIn, nothing, soon, reset, nothing]
  yield* print("This house is simulated. With --server HOST[:PORT] you see your own.")
  return { host: server.host, port: server.port, happenings }
})
