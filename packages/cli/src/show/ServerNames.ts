/**
 * Names of the servers of a network, in the output for people and programs.
 */
import type * as Device from "@effect-ownet/core/device/Device"

export interface ServerNames {
  /** The names if there are several servers, otherwise none. */
  readonly labels: ReadonlyArray<string>
  /** The text before the place of a device: the name of its server if there are several. */
  readonly labelOf: (device: Device.AnyDevice) => string | undefined
  /** The address of a named server for programs: `host:port`. */
  readonly addressOf: (name: string) => string
}

/** The names of some servers. The map has the addresses of their clients by name. */
export const make = (servers: ReadonlyMap<string, string>): ServerNames => {
  const names = new Map(Array.from(servers, ([name, address]) => [address, name]))
  return {
    labels: servers.size === 1 ? [] : [...servers.keys()],
    labelOf: ({ ow: { server } }) => servers.size === 1 ? undefined : names.get(server),
    addressOf: (name) => servers.get(name) ?? name
  }
}
