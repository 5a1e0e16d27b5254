/** Names of runners: their addresses, as people write them. */

/** `host:port`, with an address of IPv6 in brackets. */
export const of = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
