/** effect-ownet as a program drives it that observes its calls: see `driver.ts` for the plain one. */
import type { NodeOwClient } from "@effect-ownet/node"
import { Effect, Tracer } from "effect"
import { openWith } from "../../driver.ts"
import type { Driver } from "./Driver.ts"

// Here, and nowhere else, the client's own spans and metrics are turned on.
const metrics: NodeOwClient.Options = {}
const spansAndMetrics: NodeOwClient.Options = {}

const tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })

export const withMetrics: Driver = {
  open: (address) => openWith(address, metrics)
}

export const withTracerAndMetrics: Driver = {
  open: async (address) => ({
    ...await openWith(address, spansAndMetrics),
    around: (program) => Effect.withTracer(program, tracer)
  })
}
