/**
 * What Node adds: its sockets, ready-made layers of the client, a launcher for the real server.
 *
 * @since 0.1.0
 */

export * as NodeConnector from "./NodeConnector.ts"
export * as NodeNetwork from "./NodeNetwork.ts"
export * as NodeOwClient from "./NodeOwClient.ts"
export * as NodeOwserver from "./NodeOwserver.ts"
