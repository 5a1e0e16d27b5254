/**
 * The Linux kernel's own 1-Wire buses, by the files under `/sys/bus/w1`.
 *
 * @since 0.1.0
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"

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
  /** A file of aliases, in the format of owserver. By default they are kept in memory. */
  readonly aliases?: string | undefined
}

/**
 * The kernel's buses as they are now and will be: a bus master or a device that is not there yet may come later.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (_options: Options = {}): Effect.Effect<Bus.Bus> => Effect.die("not built")
