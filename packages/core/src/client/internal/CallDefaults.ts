/**
 * The flags, the limit and the retries of a client's calls, unless a call has its own options.
 */
import type * as Schedule from "effect/Schedule"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type * as OwClient from "../OwClient.ts"
import type * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"
import { changesNothing, defaultFlags } from "./exchange/Exchange.ts"

export class CallDefaults {
  readonly flags: number
  /** First problem of the options themselves, except the timeout. */
  readonly problem: Argument.Problem | undefined
  readonly options: OwClient.DefaultOptions
  private readonly textFlags: number
  private readonly limit: number

  constructor(options: OwClient.DefaultOptions) {
    this.options = options
    const flags = options.flags ?? {}
    this.flags = ControlFlags.override(defaultFlags, flags)
    this.textFlags = ControlFlags.override(ControlFlags.override(defaultFlags, { trim: true }), flags)
    this.limit = Argument.limit(options.timeout)
    this.problem = Argument.call(options)
  }

  flagsOf(options: OwClient.CallOptions | undefined): number {
    return options?.flags === undefined ? this.flags : ControlFlags.override(this.flags, options.flags)
  }

  /** Flags of a text, which comes without padding by default. */
  textFlagsOf(options: OwClient.CallOptions | undefined): number {
    return options?.flags === undefined ? this.textFlags : ControlFlags.override(this.textFlags, options.flags)
  }

  listingFlagsOf(options: OwClient.DirStreamOptions | undefined): number {
    const flags = this.flagsOf(options)
    return options?.bus === undefined ? flags : ControlFlags.override(flags, { busReturn: options.bus })
  }

  /** Limit in milliseconds: `Infinity` without a timeout, and `NaN` if the timeout is invalid. */
  limitOf(options: OwClient.CallOptions | undefined): number {
    return options?.timeout === undefined ? this.limit : Argument.limit(options.timeout)
  }

  /** The problem with a message of this type, if the client is read-only. */
  refusalOf(type: number): Argument.Problem | undefined {
    return this.options.readOnly === true && !changesNothing(type) ? Argument.readOnly : undefined
  }

  /** Whether there is a schedule that may apply. */
  mayRepeat(options: OwClient.CallOptions | undefined): boolean {
    return options?.retry !== undefined || this.options.retry !== undefined
  }

  /** A schedule of the client does not repeat a call that may write. */
  scheduleOf(
    options: OwClient.CallOptions | undefined,
    mayWrite: boolean
  ): Schedule.Schedule<unknown, OwError.OwError> | undefined {
    const schedule = options?.retry ?? (mayWrite ? undefined : this.options.retry)
    return schedule === false ? undefined : schedule
  }

  with(changes: OwClient.DefaultOptions): CallDefaults {
    const { flags, readOnly, retry, timeout } = this.options
    return new CallDefaults({
      flags: ControlFlags.merge(flags, changes.flags),
      timeout: changes.timeout ?? timeout,
      retry: changes.retry ?? retry,
      // A read-only client stays read-only in all derived clients.
      readOnly: readOnly === true || changes.readOnly
    })
  }
}
