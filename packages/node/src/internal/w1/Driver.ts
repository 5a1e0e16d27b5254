/**
 * Maps the files of a kernel driver to the properties of owserver.
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"

/** The files of one device. Each call is one file operation, during which its bus master does nothing else. Failures are return codes. */
export interface Files {
  /** Whether the driver has a file. */
  readonly has: (file: string) => boolean
  /** Text of a file without surrounding white space. Empty text is a failure. */
  readonly text: (file: string) => Effect.Effect<string, number>
  /** Bytes of a file, up to a number of them. */
  readonly bytes: (file: string, size: number) => Effect.Effect<Uint8Array, number>
  /** Writes to a file, starting at a byte offset. */
  readonly write: (file: string, data: string | Uint8Array, offset?: number) => Effect.Effect<void, number>
  /** Degrees Celsius. `now` makes the chip measure; `latest` is its last measurement. */
  readonly temperature: (which: "now" | "latest") => Effect.Effect<number, number>
  /** Whether writes are allowed at all. */
  readonly isWritable: boolean
}

/** The properties that a driver offers for a family. */
export interface Driver {
  /** Whether a property can be read or written with the existing files. */
  readonly has: (property: string, hasFile: (file: string) => boolean) => boolean
  /** The values of an element, or of each element of `TypeRecord.all`. */
  readonly read: (files: Files, element: Bus.Element) => Effect.Effect<ReadonlyArray<Bus.Value>, number>
  readonly write: (files: Files, written: Bus.Written) => Effect.Effect<void, number>
}

/** Read and write access to one property. */
export interface Access {
  /** The files that it needs. */
  readonly files: ReadonlyArray<string>
  readonly read?: ((files: Files, element: Bus.Element) => Effect.Effect<ReadonlyArray<Bus.Value>, number>) | undefined
  readonly write?: ((files: Files, written: Bus.Written) => Effect.Effect<void, number>) | undefined
}

/** Makes a driver from properties by their names. */
export const make = (properties: Readonly<Record<string, Access>>): Driver => {
  const byName = new Map(Object.entries(properties))
  return {
    has: (property, hasFile) => byName.get(property)?.files.every(hasFile) ?? false,
    read: (files, element) =>
      byName.get(element.property.name)?.read?.(files, element) ?? Effect.fail(Code.unsupported),
    write: (files, written) => {
      const write = byName.get(written.property.name)?.write
      if (!files.isWritable) return Effect.fail(Code.readOnly)
      return write === undefined ? Effect.fail(Code.unsupported) : write(files, written)
    }
  }
}
