import { Device } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { Effect } from "effect"

const report = Effect.gen(function*() {
  const thermometer = yield* Device.make(DS18B20, "28.000028D70100")
  const celsius = yield* thermometer.read("temperature") // a number
  return celsius < 5 ? `${celsius} °C in the cellar: close the window` : `${celsius} °C in the cellar`
})

export const cellar = report.pipe(
  Effect.catchReason("OwnetError", "NotFound", () => Effect.succeed("the thermometer in the cellar does not answer"))
)
