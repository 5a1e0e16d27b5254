/**
 * A house with several servers: devices on any of them, servers that come and go, and everything in one stream. To run it, set
 * `OWSERVERS`:
 *
 *     OWSERVERS=raspberrypi,barn pnpm exec node examples/src/network/main.ts
 */
import { Follow, Network, Snapshot } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408 } from "@effect-ownet/core/families"
import { NodeNetwork, NodeOwClient } from "@effect-ownet/node"
import { Console, Effect, Layer, Match, Stream } from "effect"

/** Contacts no server until a program uses it. */
export const house = NodeNetwork.layer({
  servers: ["raspberrypi", { name: "barn", host: "10.0.0.7", port: 4305 }],
  timeout: "10 seconds"
})

/** Heats the cellar when it is cold. Its thermometer and its relay may be on different servers. */
export const heat = Effect.gen(function*() {
  const network = yield* Network.Network
  const cellar = yield* network.device(DS18B20, "cellar")
  const relay = yield* network.device(DS2408, "29.000029D60300")
  const celsius = yield* cellar.read("temperature") // a number
  yield* relay.write("PIO.0", celsius < 5)
})

/** The servers that show a device, the nearest first. */
export const serversOf = Effect.fnUntraced(function*(address: string) {
  const network = yield* Network.Network
  return (yield* network.ways(address)).map(({ server }) => server)
})

/** All thermometers, each once, with its server. */
export const thermometers = Effect.gen(function*() {
  const network = yield* Network.Network
  const { devices, failures } = yield* network.devices({ families: [DS18B20, DS18S20] })
  for (const { error, server } of failures) yield* Console.warn(`${server}: ${error.message}`)
  return devices.map(({ device, server }) => [device.name, server] as const)
})

/** The servers that answer, as far as calls have shown. */
export const servers = Effect.gen(function*() {
  const network = yield* Network.Network
  return (yield* network.servers).map(({ name, state }) => `${name}: ${state._tag}`)
})

/** Changes the servers while the program runs. */
export const move = Effect.gen(function*() {
  const network = yield* Network.Network
  yield* network.add({ name: "attic", host: "10.0.0.8" })
  yield* network.remove("barn")
})

/** All events of a network's servers, as lines. */
export const log = Follow.follow(Follow.all(), "30 seconds").pipe(
  Stream.map((event) =>
    Match.value(event).pipe(
      Match.tags({
        Reading: ({ device, property, value }) => `${device.name}: ${property} ${value}`,
        Rerouted: ({ cause, device, from }) => `${device.name}: read here, and not by ${from} (${cause})`,
        ServerFailed: ({ error }) => error.message
      }),
      Match.orElse((other) => "device" in other ? `${other.device.name}: ${other._tag}` : other._tag),
      (text) => `${event.server}: ${text}`
    )
  )
)

/** Number of devices that each server reads, and the failures. */
export const overview = (house: Snapshot.Snapshot): ReadonlyArray<string> =>
  Array.from(house.servers.values(), ({ failing, name }) => {
    const devices = Snapshot.devices(house).filter(({ server }) => server === name)
    return failing === undefined
      ? `${name}: ${devices.length} devices`
      : `${name}: no answer since ${failing.since.toISOString()}`
  })

/** One server as a network. */
export const single = Network.fromClient.pipe(
  Layer.provideMerge(NodeOwClient.layer({ host: "raspberrypi", lazy: true }))
)
