/** A program with one typed device. */
import { Device } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"

export const program = Device.make(DS18B20, "28.000028D70100")
