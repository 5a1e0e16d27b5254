/**
 * Chains of servers, which may lead back to an earlier one.
 */

/** Maximum number of servers in a chain. */
const deepest = 8

/** How many servers on the way to one may have identical buses and devices. With three in a row, it is the same server. */
const mostAlike = 1

/** The buses on the way to a bus that are servers, the nearest first: `bus.0` and `bus.0/bus.1` of `bus.0/bus.1/bus.0`. */
export const serversTo = (bus: string): ReadonlyArray<string> => {
  const segments = bus.split("/")
  return segments.slice(1).map((_, at) => segments.slice(0, at + 1).join("/"))
}

/** Whether a name in a listing is that of a bus. */
export const isBus = (name: string): boolean => /^bus\.\d{1,10}$/.test(name)

/** A server that is not entered. */
export interface Refused {
  /** The bus whose server is the cause. */
  readonly bus: string
  readonly meaning: string
}

/** The servers that one search has found. */
export class ServerLoops {
  /** The listing at each bus that is another server. */
  private readonly servers = new Map<string, string>()

  /**
   * Gives the reason not to enter the server behind a bus, if it has already occurred on the way there. `names` is its listing.
   */
  refused(bus: string, names: ReadonlyArray<string>): Refused | undefined {
    const listed = names.toSorted().join("/")
    this.servers.set(bus, listed)
    const way = serversTo(bus)
    // Servers with only one bus each may have the same listing, although one is behind the other.
    const same = names.filter(isBus).length === 1 ? [] : way.filter((above) => this.servers.get(above) === listed)
    if (same.length > mostAlike) {
      const [first = bus] = same
      return { bus: first, meaning: "its server is seen again behind its own buses, and again behind those" }
    }
    if (way.length < deepest) return undefined
    return {
      bus,
      meaning: `servers are nested more than ${deepest} deep, or one of them is behind its own bus`
    }
  }
}
