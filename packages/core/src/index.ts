/**
 * @since 0.1.0
 */

export * as Connector from "./client/Connector.ts"
export * as OwClient from "./client/OwClient.ts"
export * as OwError from "./client/OwError.ts"
export * as OwMetrics from "./client/OwMetrics.ts"
export * as OwRetry from "./client/OwRetry.ts"
export * as ServerAddress from "./client/ServerAddress.ts"
export * as RomId from "./onewire/RomId.ts"
export * as ControlFlags from "./protocol/ControlFlags.ts"
export * as FrameDecoder from "./protocol/FrameDecoder.ts"
export * as Header from "./protocol/Header.ts"
export * as MessageType from "./protocol/MessageType.ts"
export * as Payload from "./protocol/Payload.ts"
export * as Request from "./protocol/Request.ts"
export * as ReturnCode from "./protocol/ReturnCode.ts"
