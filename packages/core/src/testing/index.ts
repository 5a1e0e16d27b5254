/**
 * Test doubles: a simulated 1-Wire network, and an owserver for it.
 *
 * @since 0.1.0
 */

export * as Fault from "./Fault.ts"
export * as SimulatedNetwork from "./SimulatedNetwork.ts"
export * as SimulatedServer from "./SimulatedServer.ts"
export * as TestNetwork from "./TestNetwork.ts"
export * as TestOwClient from "./TestOwClient.ts"
