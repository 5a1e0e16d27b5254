/**
 * Integrations with Node: its sockets, ready-made layers of the client, the kernel's own buses, and a launcher for the real
 * server.
 *
 * @since 0.1.0
 */

export * as NodeConnector from "./NodeConnector.ts"
export * as NodeNetwork from "./NodeNetwork.ts"
export * as NodeOwClient from "./NodeOwClient.ts"
export * as NodeOwserver from "./NodeOwserver.ts"
export * as W1 from "./W1.ts"
export * as W1Bus from "./W1Bus.ts"
