/**
 * The Linux kernel's own 1-Wire buses, by the files under `/sys/bus/w1`.
 *
 * The kernel has drivers of its own for bus masters (a pin of a Raspberry Pi, DS2482, DS2490 and others) and for the common chips.
 * This gives what they show as a `Bus`, which `BusServer` serves. Reading needs no rights; writing needs those of root, or a rule of
 * udev.
 *
 * **Example** (An owserver for a Raspberry Pi without one)
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
  /** The folder in which the kernel shows its buses. Default `/sys/bus/w1`. */
  readonly folder?: string | undefined
  /** Whether devices may be written to. Default `false`. The kernel lets only root write, unless a udev rule says otherwise. */
  readonly writable?: boolean | undefined
  /**
   * A file of aliases, in the format of owserver: `28.000028D70100 = kitchen`. It is read again if it changes. By default aliases are
   * kept in memory.
   */
  readonly aliases?: string | undefined
}

/**
 * The kernel's buses as they are now and will be: a bus master or a device that is not there yet may come later. `bus.0` is the bus
 * master with the least number of those that are found first, and each keeps its bus as long as the process lives.
 *
 * A bus master works for one request at a time, and no more than three of them at the same time. A request that it cannot do within 30
 * seconds fails with -16, and so do all others until the kernel lets go of it.
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
