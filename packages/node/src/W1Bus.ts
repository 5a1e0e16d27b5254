/**
 * The Linux kernel's own 1-Wire buses, through the files under `/sys/bus/w1`.
 *
 * The kernel has its own drivers for bus masters (a pin of a Raspberry Pi, DS2482, DS2490 and others) and for the common chips.
 * This module offers them as a `Bus`, which `BusServer` serves. Reading needs no special rights. Writing needs root, or a udev
 * rule.
 *
 * **Example** (Running an owserver on a Raspberry Pi without one)
 *
 * ```ts
 * import { BusServer } from "@effect-ownet/core"
 * import { W1Bus } from "@effect-ownet/node"
 * import { Effect } from "effect"
 *
 * const server = Effect.map(W1Bus.make(), (bus) => BusServer.make("w1:", bus, { cache: true, readOnly: true }))
 * ```
 *
 * @since 0.1.0
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import { defaultTimes, KernelBus } from "./internal/w1/KernelBus.ts"

/**
 * Options of the kernel's buses.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Folder in which the kernel shows its buses. Default `/sys/bus/w1`. */
  readonly folder?: string | undefined
  /**
   * Whether writing to devices is allowed. Default `false`. The kernel lets only root write, unless a udev rule allows others.
   */
  readonly writable?: boolean | undefined
  /**
   * File of aliases, in the format of owserver: `28.000028D70100 = kitchen`. It is read again when it changes. By default aliases
   * are kept in memory.
   */
  readonly aliases?: string | undefined
}

/**
 * The kernel's buses, now and later: a bus master or a device may also come after this call. `bus.0` is the bus master with the
 * lowest number among those found first. Each bus master keeps its bus as long as the process lives.
 *
 * A bus master handles one request at a time, and at most three bus masters work at the same time. A request that takes longer
 * than 30 seconds fails with -16. All further requests fail too, until the kernel has finished the first one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options = {}): Effect.Effect<Bus.Bus> =>
  Effect.sync(() =>
    new KernelBus({
      folder: options.folder ?? "/sys/bus/w1",
      isWritable: options.writable ?? false,
      aliases: options.aliases,
      times: defaultTimes
    })
  )
