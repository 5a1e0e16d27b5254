/**
 * All commands, in the order of the help. Each loads when it is needed.
 */
export const commands = {
  ls: () => import("./commands/ls.ts"),
  cat: () => import("./commands/cat.ts"),
  set: () => import("./commands/set.ts"),
  get: () => import("./commands/get.ts"),
  exists: () => import("./commands/exists.ts"),
  tree: () => import("./commands/tree.ts"),
  scan: () => import("./commands/scan.ts"),
  info: () => import("./commands/info.ts"),
  watch: () => import("./commands/watch.ts"),
  log: () => import("./commands/log.ts"),
  convert: () => import("./commands/convert.ts"),
  alarms: () => import("./commands/alarms.ts"),
  devices: () => import("./commands/devices.ts"),
  doctor: () => import("./commands/doctor.ts"),
  ping: () => import("./commands/ping.ts"),
  servers: () => import("./commands/servers.ts"),
  bench: () => import("./commands/bench.ts"),
  snoop: () => import("./commands/snoop.ts"),
  hub: () => import("./commands/hub.ts"),
  fleet: () => import("./commands/fleet.ts"),
  serve: () => import("./commands/serve.ts"),
  complete: () => import("./commands/complete.ts")
}
