/** Names of the servers of a fleet in the engine. */
import type * as ServerRegistry from "../../ServerRegistry.ts"

/**
 * The id of a server in the engine. The singleton that follows the server and the entity that answers for it have the same id.
 */
export const idOf = ({ server, site }: ServerRegistry.Registered): string => `${site ?? ""}/${server}`

/** The shard group of a site. Servers without a site are followed by runners of any site. */
export const groupOf = (site: string | undefined): string => site === undefined ? "default" : `site ${site}`

/** The server and the site in an id. The name of a server has no slash, but the name of a site may have some. */
export const fromId = (id: string): ServerRegistry.Registered => {
  const at = id.lastIndexOf("/")
  return { server: id.slice(at + 1), site: at > 0 ? id.slice(0, at) : undefined }
}
