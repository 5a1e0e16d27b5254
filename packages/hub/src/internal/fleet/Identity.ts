/**
 * Names by which the engine knows the servers of a fleet.
 */
import type * as ServerRegistry from "../../ServerRegistry.ts"

/** The id of a server in the engine: the same for the singleton that follows it and for the entity that answers for it. */
export const idOf = ({ server, site }: ServerRegistry.Registered): string => `${site ?? ""}/${server}`

/** The shard group of a site. Servers without one are followed by runners of any site. */
export const groupOf = (site: string | undefined): string => site === undefined ? "default" : `site ${site}`

/** The server and the site in an id. No name of a server has a slash, and that of a site may have some. */
export const fromId = (id: string): ServerRegistry.Registered => {
  const at = id.lastIndexOf("/")
  return { server: id.slice(at + 1), site: at > 0 ? id.slice(0, at) : undefined }
}
