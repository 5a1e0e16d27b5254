/**
 * A device as a row of a list.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as Output from "../terminal/Output.ts"
import type * as Table from "../terminal/Table.ts"
import * as Text from "../terminal/Text.ts"
import type { ServerNames } from "./ServerNames.ts"

/** The column of places, wide enough for the name of each server. */
export const whereOf = ({ labels }: ServerNames): Table.Column => ({
  title: "WHERE",
  least: Math.max(12, ...labels.map((label) => Text.columnsOf(printable(`${label} bus.0`))))
})

/** Columns of a list of devices. A device may have a long name. */
export const titlesOf = (names: ServerNames): ReadonlyArray<string | Table.Column> => [
  "ROM ID",
  { title: "ALIAS", least: 8 },
  { title: "CHIP", least: 7 },
  whereOf(names)
]

/** The alias of a device, if it has one. */
export const aliasOf = ({ id, name }: Device.AnyDevice): string | undefined =>
  name === RomId.format(id) ? undefined : name

/** A device for programs. */
export const toJson = (device: Device.AnyDevice, format?: ControlFlags.DeviceFormat) => ({
  server: device.ow.server,
  id: RomId.format(device.id, format),
  alias: aliasOf(device) ?? null,
  family: RomId.familyCode(device.id),
  chip: device.family?.chip ?? null,
  bus: device.bus ?? null,
  path: device.path
})

/** The cells of a table with these titles. A label precedes the place. */
export const toCells = (
  device: Device.AnyDevice,
  format: ControlFlags.DeviceFormat | undefined,
  label: string | undefined
): ReadonlyArray<string> => [
  RomId.format(device.id, format),
  aliasOf(device) ?? "",
  device.family?.chip ?? "",
  placeOf(device, label)
]

/** The place of a device, with a label before it. */
export const placeOf = ({ place }: Device.AnyDevice, label: string | undefined): string =>
  [label ?? "", Place.format(place)].filter((part) => part !== "").join(" ")

/** A single line, such as for an event. Its columns have fixed widths, because the names that follow are not known yet. */
export const toLine = (
  before: ReadonlyArray<Text.Span>,
  device: Device.AnyDevice,
  after: ReadonlyArray<Text.Span>,
  format: ControlFlags.DeviceFormat | undefined,
  label: string | undefined
): string => {
  const widths = [15, 16, 8, 0]
  const cells = toCells(device, format, label).map((cell, at) => {
    const whole = cell === "" ? "-" : printable(cell)
    // A long name must leave room for the event.
    const text = Output.isTerminal() && widths[at] > 0 ? Text.cut(whole, widths[at]) : whole
    return { text: text + " ".repeat(Math.max(0, widths[at] - Text.columnsOf(text))) }
  })
  const spans: ReadonlyArray<Text.Span> = [...before, ...cells, ...after]
  return Text.line(
    spans.flatMap((span, at) => at === 0 ? [span] : [{ text: "  " }, span]),
    Output.isTerminal() ? Output.columns() : Infinity
  )
}
