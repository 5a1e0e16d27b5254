/**
 * Writes that are checked by the type of the property, because a server cuts off a value that does not fit, and reports success.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwError from "@effect-ownet/core/client/OwError"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as DeviceError from "@effect-ownet/core/device/DeviceError"
import type * as Family from "@effect-ownet/core/device/Family"
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Failure from "../show/Failure.ts"
import * as WrittenValue from "./WrittenValue.ts"

/** Writes data to a path. */
export type Write = (
  ow: OwClient.Client,
  path: string,
  data: string | Uint8Array,
  options: OwClient.WriteOptions
) => Effect.Effect<void, Failure.Failure>

/** Writes text as a value of its property, and bytes unchanged. */
export const write = (verify: boolean): Write => (ow, path, data, options) =>
  Effect.gen(function*() {
    const typed = typeof data === "string" ? yield* propertyOf(ow, path, data) : undefined
    if (typed !== undefined) return yield* typed.device.write(typed.name, typed.value, { ...options, verify })
    yield* ow.write(path, data, options)
    if (verify) yield* readBack(ow, path, data, options.offset)
  })

/** A value of a property whose type is known. */
interface Typed {
  readonly device: Device.Device
  readonly name: string
  readonly value: Family.Value
}

/** The property of a device at a path, with the value for it. `undefined` if its type does not determine the value. */
const propertyOf = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  path: string,
  text: string
): Effect.fn.Return<Typed | undefined, Failure.Failure> {
  const parsed = OwPath.parse(path)
  if (Result.isFailure(parsed)) return undefined
  const { device: addressed, property: name, ...place } = parsed.success
  if (addressed === undefined || name === undefined) return undefined
  const address = OwPath.format({ ...place, device: addressed, property: undefined })
  // If the path does not exist, the server refuses the write, and the refusal gets a hint.
  const found = yield* Device.at(Catalogue.of, address).pipe(
    Effect.provideService(OwClient.OwClient, ow),
    Effect.flatMap((device) => Effect.map(device.describe(name), ({ record }) => ({ device, record }))),
    Effect.catchTags({
      OwnetError: () => Effect.undefined,
      DeviceError: () => Effect.undefined,
      ArgumentError: () => Effect.undefined
    })
  )
  if (found === undefined || !TypeRecord.isWritable(found.record)) return undefined
  const value = WrittenValue.fromText(found.record, text)
  if (value === undefined) return undefined
  if (Result.isSuccess(value)) return { device: found.device, name, value: value.success }
  return yield* new OwError.ArgumentError({ operation: "write", path, argument: "value", problem: value.failure })
})

/** Reads back bytes that were written unchanged. If that fails, the error says that they were written anyway. */
const readBack = (
  ow: OwClient.Client,
  path: string,
  data: string | Uint8Array,
  offset: number | undefined
): Effect.Effect<void, DeviceError.DeviceError> => {
  const written = typeof data === "string" ? new TextEncoder().encode(data) : data
  const failed = (problem: string) =>
    Effect.fail(
      new DeviceError.DeviceError({
        reason: { _tag: "NotVerified" },
        operation: "write",
        path,
        server: ow.server,
        problem: `wrote ${written.length} bytes, and ${problem}`
      })
    )
  if (written.length === 0) return Effect.void
  return Effect.matchEffect(ow.read(path, { offset, size: written.length, flags: { uncached: true, trim: false } }), {
    onFailure: ({ message }) => failed(`could not read them back: ${message}`),
    onSuccess: (read) => {
      const at = written.findIndex((byte, at) => byte !== read[at])
      return at < 0 ? Effect.void : failed(`read back different ones from byte ${at} on`)
    }
  })
}
