/**
 * The simulated owserver on real sockets.
 *
 * @since 0.1.0
 */

export * as NodeSimulatedServer from "./NodeSimulatedServer.ts"
