/**
 * The devices of a network, without Effect.
 */
import { connect } from "@effect-ownet/node/promise"

export const show = async (server: string) => {
  await using ow = await connect(server) // such as "owserver://raspberrypi.local:4304"
  for (const path of await ow.dir("/")) console.log(path)
  console.log(await ow.readText("/28.000028D70100/temperature", { signal: AbortSignal.timeout(2000) }))
}
