/**
 * Requests to a client beyond single calls.
 */
import { Device, LongValue, OwRequest, ServerSettings, Sweep, Walk } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { Console, Effect, Result, Stream } from "effect"

/** A client for many viewers that reads each value at most once a second. */
export const shared = OwRequest.layer({ timeToLive: "1 second" })

/** One of many viewers of a page, independent of the others. */
const viewer = Effect.gen(function*() {
  const cellar = yield* Device.make(DS18B20, "28.000028D70100")
  return yield* cellar.read("temperature")
})

/** Ten viewers at the same time cause one READ. */
export const viewers = Effect.replicateEffect(viewer, 10, { concurrency: "unbounded" })

/** The paths of all alarm limits that can be set. */
export const limits = Walk.walk("/", {
  include: ({ isDirectory, name }) => isDirectory || /^temp(high|low)$/.test(name)
}).pipe(
  Stream.tap((found) => found._tag === "Failed" ? Console.warn(`${found.path}: ${found.error.message}`) : Effect.void),
  Stream.filter((found) => found._tag === "Entry" && !found.isDirectory),
  Stream.map(({ path }) => path)
)

/** All aliases, of any number. */
export const aliases = Effect.map(
  LongValue.readText("/settings/alias/list"),
  (list) => list.split("\r\n").flatMap((line) => line === "" ? [] : [line.slice(line.indexOf("=") + 1)])
)

/** All temperatures. */
export const temperatures = Effect.gen(function*() {
  const { readings } = yield* Sweep.read([DS18B20, DS18S20], "temperature", { implausible: "readAgain" })
  return readings.map(({ device, reading }) =>
    Result.match(reading, {
      onFailure: (error) => `${device.name}: ${error.message}`,
      onSuccess: ({ unit, value }) => `${device.name}: ${value} ${unit}`
    })
  )
})

/** Makes a server keep temperatures as long as they are useful, and prints how well its cache works. */
export const tuned = Effect.gen(function*() {
  const settings = yield* ServerSettings.settings
  yield* settings.write("timeout/volatile", 5) // seconds, for all clients of the server
  const { meaning } = yield* settings.explain("timeout/volatile")
  yield* Console.log(meaning) // How long changing values, such as temperatures, are kept in the cache.

  const statistics = yield* ServerSettings.statistics
  return [yield* statistics.read("read/calls"), yield* statistics.read("read/cachesuccess")]
})
