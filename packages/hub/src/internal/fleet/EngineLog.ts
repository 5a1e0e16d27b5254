/**
 * Log of the engine, in words for the people who run a hub. Each runner logs its own findings about the database and other
 * runners. The engine's own lines about shards and sockets do not help, and come every second while the database cannot be
 * reached.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

/** Replacements for messages of the engine. `undefined` if another line reports the same. */
const words: ReadonlyMap<unknown, string | undefined> = new Map([
  [
    "Shard lock storage is unhealthy",
    "The database of the fleet is not reached: other runners follow the servers of this one if they reach it"
  ],
  ["Shard lock storage has recovered", "The database of the fleet is reached again"],
  ["Shard lock storage is still unhealthy", undefined],
  ["Forced shard release is still pending; reacquisition is blocked until release completes", undefined],
  ["Could not release shards, retrying", undefined],
  // The engine repeats it while the last runner stops. Without a database, the first line reports the cause.
  ["No healthy runners available", undefined],
  // A connection of another runner has ended.
  ["Unhandled error in SocketServer", undefined]
])

const translated = <Out>(logger: Logger.Logger<unknown, Out>): Logger.Logger<unknown, Out | void> =>
  Logger.make((options) => {
    const message = Array.isArray(options.message) ? options.message[0] : options.message
    const said = words.get(message)
    if (said !== undefined) return logger.log({ ...options, message: [said] })
    return words.has(message) || options.logLevel === "Info" ? undefined : logger.log(options)
  })

/** Loggers of the engine: the current ones, with other words. The engine logs a recovery at level Info, so that level is on. */
export const layer: Layer.Layer<never> = Layer.merge(
  Layer.effect(
    Logger.CurrentLoggers,
    Effect.map(
      Logger.CurrentLoggers,
      (loggers): ReadonlySet<Logger.Logger<unknown, unknown>> => new Set(Array.from(loggers, translated))
    )
  ),
  Layer.succeed(References.MinimumLogLevel, "Info")
)
