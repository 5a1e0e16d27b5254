/** A program that reads one path. */
import { OwClient } from "@effect-ownet/core"

export const program = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))
