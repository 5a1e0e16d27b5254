/**
 * The hub: history and a live page for 1-Wire networks.
 *
 * @since 0.1.0
 */

export * as Api from "./Api.ts"
export * as Derived from "./Derived.ts"
export * as DurationText from "./DurationText.ts"
export * as Fleet from "./Fleet.ts"
export * as History from "./History.ts"
export * as HistoryError from "./HistoryError.ts"
export * as HistoryExport from "./HistoryExport.ts"
export * as HistoryFile from "./HistoryFile.ts"
export * as HomeAssistant from "./HomeAssistant.ts"
export * as Hosts from "./Hosts.ts"
export * as Hub from "./Hub.ts"
export * as HubConfig from "./HubConfig.ts"
export * as HubFile from "./HubFile.ts"
export * as Influx from "./Influx.ts"
export * as Journal from "./Journal.ts"
export * as Mqtt from "./Mqtt.ts"
export * as MqttError from "./MqttError.ts"
export * as NodeSqlite from "./NodeSqlite.ts"
export * as Notices from "./Notices.ts"
export * as Notifier from "./Notifier.ts"
export * as Otlp from "./Otlp.ts"
export * as Owserver from "./Owserver.ts"
export * as Page from "./Page.ts"
export * as Places from "./Places.ts"
export * as Recorder from "./Recorder.ts"
export * as Routes from "./Routes.ts"
export * as Rules from "./Rules.ts"
export * as ServerRegistry from "./ServerRegistry.ts"
