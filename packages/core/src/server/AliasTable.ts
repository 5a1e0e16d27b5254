/**
 * The aliases on a server: each device has at most one, and each alias leads to one device.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as RomId from "../onewire/RomId.ts"
import { encodeText } from "../protocol/Payload.ts"

const reserved = /^(?:alarm|interface|settings|simultaneous|statistics|structure|text|unaliased|uncached|bus\..*)$/

/**
 * Whether a server accepts a name as an alias: it must not be one of its own directories or contain a slash.
 *
 * **Example** (Names that would not work in a path)
 *
 * ```ts
 * import { AliasTable } from "@effect-ownet/core"
 *
 * AliasTable.isAlias("kitchen") // => true
 * AliasTable.isAlias("alarm") // => false
 * AliasTable.isAlias("house/kitchen") // => false
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isAlias = (alias: string): boolean => !alias.includes("/") && !reserved.test(alias)

/**
 * A table of aliases.
 *
 * **Example** (Moving an alias to another device)
 *
 * ```ts
 * import { AliasTable, RomId } from "@effect-ownet/core"
 *
 * const first = RomId.fromStringUnsafe("28.000028D70100")
 * const second = RomId.fromStringUnsafe("28.000028D70200")
 * const table = new AliasTable.AliasTable()
 * table.set(first, "kitchen")
 * table.set(second, "kitchen")
 *
 * table.aliasOf(first) // => undefined
 * table.ownerOf("kitchen") === second // => true
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export class AliasTable {
  private readonly given = new Map<RomId.RomId, string>()
  private readonly owners = new Map<string, RomId.RomId>()

  /** The alias of a device, if it has one. */
  aliasOf(id: RomId.RomId): string | undefined {
    return this.given.get(id)
  }

  /** The device that has an alias. */
  ownerOf(alias: string): RomId.RomId | undefined {
    return this.owners.get(alias)
  }

  /**
   * Finds the device that a name leads to. A server treats a name that looks like a ROM id as one, and any other name as an
   * alias.
   */
  resolve(name: string): Option.Option<RomId.RomId> {
    return RomId.inspect(name)._tag === "NoRomId"
      ? Option.fromUndefinedOr(this.owners.get(name))
      : RomId.fromString(name)
  }

  /** Gives a device an alias, and removes that alias from any other device. An empty alias removes the device's own. */
  set(id: RomId.RomId, alias: string): void {
    const before = this.given.get(id)
    if (before !== undefined) this.owners.delete(before)
    const owner = this.owners.get(alias)
    if (owner !== undefined) this.given.delete(owner)
    this.given.delete(id)
    if (alias === "") return
    this.given.set(id, alias)
    this.owners.set(alias, id)
  }

  /** All aliases, in the order of the ROM ids. */
  get entries(): ReadonlyArray<readonly [id: RomId.RomId, alias: string]> {
    return [...this.given].toSorted(([a], [b]) => a < b ? -1 : 1)
  }

  /** The list of aliases as a server writes it. */
  get list(): Uint8Array {
    return encodeText(this.entries.map(([id, alias]) => `${id}=${alias}\r\n`).join(""))
  }
}
