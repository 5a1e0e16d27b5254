/**
 * Common tasks of pyownet, done with this library.
 */
import { Device, MessageType, OwClient, Payload, Poll } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { Console, Effect, Stream } from "effect"

const temperatures = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  for (const path of yield* ow.dir()) {
    if (path.startsWith("/28.")) yield* Console.log(path, Number(yield* ow.readText(`${path}temperature`)))
  }
})

/** Lists a network, and reads its thermometers. */
export const scan = (host: string, port: number) =>
  temperatures.pipe(Effect.provide(NodeOwClient.layer({ host, port })))

/** Reads several values at the same time, over persistent connections. */
export const readAll = (paths: ReadonlyArray<string>) =>
  OwClient.OwClient.use((ow) => Effect.forEach(paths, (path) => ow.readText(path), { concurrency: 4 }))

/** Reads in other units, with or without the cache. */
export const inFahrenheit = Effect.fnUntraced(function*(path: string) {
  const ow = (yield* OwClient.OwClient).with({ flags: { temperatureScale: "F", uncached: true } })
  const measured = yield* ow.readText(path)
  const remembered = yield* ow.readText(path, { flags: { uncached: false } })
  return { measured, remembered }
})

/** A temperature, `undefined` if there is no such device, or a word if there is no server. */
export const temperature = (device: string) =>
  OwClient.OwClient.use((ow) => ow.readText(`${device}/temperature`)).pipe(
    Effect.map(Number),
    Effect.catchReason("OwnetError", "NotFound", () => Effect.void),
    Effect.catchTag("ConnError", (error) => Console.warn(error.message))
  )

/** Gives a slow bus two seconds. */
export const hasty = (path: string) =>
  OwClient.OwClient.use((ow) => ow.readText(path, { timeout: "2 seconds" })).pipe(
    Effect.catchTag("OwnetTimeout", ({ limit }) => Console.warn(`no value within ${limit} ms`))
  )

/** Prints a temperature every 30 seconds, or the reason why there is none. */
export const watch = Effect.gen(function*() {
  const thermometer = yield* Device.make(DS18B20, "28.000028D70100")
  yield* Poll.poll([thermometer.property("temperature")], "30 seconds").pipe(
    Stream.runForEach((seen) =>
      seen._tag === "Reading" ? Console.log(seen.at, seen.value) : Console.warn(seen.at, seen.error.message)
    )
  )
})

/** A raw message of the protocol. */
export const raw = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  const { data, ret } = yield* ow.sendMessage(MessageType.DirAll, "/", { flags: { busReturn: true } })
  return { ret, paths: Payload.decodeList(data) }
})
