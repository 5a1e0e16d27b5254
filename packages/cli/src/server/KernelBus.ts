/**
 * The 1-Wire buses of this machine's own kernel.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as W1Bus from "@effect-ownet/node/W1Bus"
import * as Fs from "node:fs"
import { join } from "node:path"
import * as AliasPath from "./AliasPath.ts"

/** Address of these buses. */
export const address: ServerAddress.W1Address = { w1: ServerAddress.defaultW1 }

/** Whether the kernel has a bus master. On a machine without one, this is a single system call. */
export const isThere = (): boolean => {
  if (process.platform !== "linux") return false
  try {
    return Fs.readdirSync(join(address.w1, "devices")).some((name) => /^w1_bus_master\d+$/.test(name))
  } catch {
    return false
  }
}

/** Options for a user's own commands: they may write everything that the kernel lets the user write. */
export const options = (): Omit<W1Bus.Options, "folder"> => ({ writable: true, aliases: AliasPath.path(process.env) })
