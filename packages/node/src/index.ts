/**
 * @since 0.1.0
 */

export * as NodeConnector from "./NodeConnector.ts"
export * as NodeOwClient from "./NodeOwClient.ts"
