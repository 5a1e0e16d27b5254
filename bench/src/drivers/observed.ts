/** effect-ownet in a program that observes its calls. See `driver.ts` for the plain one. */
import type { NodeOwClient } from "@effect-ownet/node"
import { Effect, Tracer } from "effect"
import { openWith } from "../../driver.ts"
import type { Driver } from "./Driver.ts"

const options: NodeOwClient.Options = { metrics: true }

const tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })

export const withMetrics: Driver = {
  open: (address) => openWith(address, options)
}

export const withTracerAndMetrics: Driver = {
  open: async (address) => ({
    ...await openWith(address, options),
    around: (program) => Effect.withTracer(program, tracer)
  })
}
