/**
 * Names of the servers of a network, as people and programs are told them.
 */
import type * as Device from "@effect-ownet/core/device/Device"

export interface ServerNames {
  /** The names if there are several, or else none. */
  readonly labels: ReadonlyArray<string>
  /** What stands in front of the place of a device: the name of its server if there are several. */
  readonly labelOf: (device: Device.AnyDevice) => string | undefined
  /** A server by its name, as programs are told it: `host:port`. */
  readonly addressOf: (name: string) => string
}

/** The names of some servers: the addresses of their clients by their names. */
export const make = (servers: ReadonlyMap<string, string>): ServerNames => {
  const names = new Map(Array.from(servers, ([name, address]) => [address, name]))
  return {
    labels: servers.size === 1 ? [] : [...servers.keys()],
    labelOf: ({ ow: { server } }) => servers.size === 1 ? undefined : names.get(server),
    addressOf: (name) => servers.get(name) ?? name
  }
}
