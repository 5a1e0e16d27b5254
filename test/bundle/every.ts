/** A program with a device of every family. */
import { Device } from "@effect-ownet/core"
import * as families from "@effect-ownet/core/families"

export const program = Object.values(families).map((family) => Device.make(family, "28.000028D70100"))
