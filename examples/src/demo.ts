/**
 * Devices and temperatures of an owserver: of the one whose address is given, or of one that is started for it.
 *
 *     pnpm demo
 *     pnpm demo raspberrypi.local:4304
 */
import { OwClient, type OwError, ServerAddress } from "@effect-ownet/core"
import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"

interface Row {
  readonly device: string
  readonly chip: string
  readonly temperature: string
}

const row = Effect.fnUntraced(function*(path: string): Effect.fn.Return<Row, OwError.OwError, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const chip = yield* ow.readText(`${path}/type`)
  // Not every chip has a thermometer, and a sensor that fails must not hide the others.
  const temperature = yield* ow.readText(`${path}/temperature`, { timeout: "5 seconds" }).pipe(
    Effect.map((text) => `${Number(text).toFixed(2)} °C`),
    Effect.catchReason("OwnetError", "NotFound", () => Effect.succeed("-")),
    Effect.catchReason("OwnetError", "BusFault", () => Effect.succeed("no answer from the bus"))
  )
  return { device: path.slice(1), chip, temperature }
})

const print = ({ chip, device, temperature }: Row) =>
  Console.log(`  ${device.padEnd(18)}${chip.padEnd(12)}${temperature.padStart(10)}`)

const tour = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  const version = yield* ow.readText("/system/configuration/version").pipe(
    Effect.catchTag("OwnetError", () => Effect.succeed("of an unknown version"))
  )
  yield* Console.log(`Talking to owserver ${version} at ${ow.server}.\n`)

  const devices = yield* ow.dir("/", { slash: false })
  yield* print({ device: "device", chip: "chip", temperature: "temperature" })
  yield* Effect.forEach(yield* Effect.forEach(devices, row, { concurrency: 4 }), print, { discard: true })

  yield* Console.log("\nWhat a mistake looks like:")
  const mistakes = [ow.read("/28.misspelt/temperature"), ow.read("/"), ow.read("/", { size: 0 })]
  for (const mistake of mistakes) yield* Effect.catch(mistake, (error) => Console.log(`  ${error}`))
})

const given = process.argv[2] ?? process.env["OWSERVER"]

const started = Effect.map(
  NodeOwserver.start({ args: ["--tester=28,10,26,29,22"] }),
  ({ host, port }) => NodeOwClient.layer({ host, port })
)

const client = Layer.unwrap(Effect.gen(function*() {
  if (given === undefined) return yield* started
  return NodeOwClient.layer(yield* Schema.decodeEffect(ServerAddress.ServerAddressFromString)(given))
})).pipe(Layer.provide(NodeServices.layer))

tour.pipe(
  Effect.provide(client),
  Effect.catchTag(
    "OwserverError",
    ({ message }) => Console.log(`${message}. Or give the address of another one: pnpm demo HOST:PORT`)
  ),
  Effect.catch((error) =>
    Effect.andThen(
      Console.error(error.message),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  NodeRuntime.runMain
)
