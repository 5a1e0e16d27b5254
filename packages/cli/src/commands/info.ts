import * as RomId from "@effect-ownet/core/onewire/RomId"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "../Flags.ts"
import * as Addressed from "../server/Addressed.ts"
import * as DeviceInfo from "../server/DeviceInfo.ts"
import * as Server from "../server/Server.ts"
import * as Content from "../show/Content.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"

export const command = Command.make(
  "info",
  {
    device: Argument.String("device").pipe(
      Argument.withDescription("A ROM id in any format, an alias, or a path such as /bus.0/28.000028D70100")
    ),
    all: Flags.present("all", "Read memories, pages and logs, too").pipe(Flag.withAlias("a")),
    noValues: Flags.noValues,
    format: Flags.format,
    units: Flags.units,
    uncached: Flags.uncached
  },
  (options) =>
    Server.use(options, (at) =>
      Effect.gen(function*() {
        const format = Option.getOrUndefined(options.format)
        const isSeveral = (yield* Server.addresses).length > 1
        const { ow, path } = yield* at(Content.pathOf(options.device))
        const device = yield* Addressed.find(ow, path)
        const info = yield* Output.withProgress(
          `looking for ${options.device} …`,
          DeviceInfo.make(device, {
            values: !options.noValues,
            all: options.all,
            onRead: (count, of) =>
              Output.progressing(`reading ${RomId.format(device.id)} … ${count} of ${of} properties`)
          })
        )
        if (yield* Output.Json) return yield* Output.json(toJson(info, format))
        yield* Effect.forEach(
          [...isSeveral ? [["server", device.ow.server] as const] : [], ...head(info, format)],
          ([name, value]) => Output.line(`${name.padEnd(9)}${value ?? "-"}`)
        )
        yield* Output.line("")
        yield* Table.print(
          [...columns, ...options.noValues ? [] : ["VALUE"]],
          info.properties.map((row) => [...typeCells(row), ...options.noValues ? [] : [valueCell(row)]])
        )
      }))
).pipe(
  Command.withDescription(
    "Shows what a device is, where it is, and all of its properties: their types, whether they can be read and written, and their values. " +
      "If a value could not be read, it shows why."
  ),
  Command.withShortDescription("Show a device and its properties"),
  Command.withExamples([
    { command: "ow info kitchen", description: "The device with this alias" },
    { command: "ow info 28.000028D70100 --no-values", description: "Its properties, without reading any values" },
    { command: "ow info 2D.000028D70100 --all", description: "With the contents of its memory" },
    { command: "ow info kitchen --json | jq '.properties[].name'", description: "For scripts: one object" }
  ])
)

const columns: ReadonlyArray<string | Table.Column> = [
  "PROPERTY",
  { title: "TYPE", least: 9 },
  { title: "ACCESS", least: 6 },
  { title: "UNIT", least: 4 },
  { title: "RANGE", least: 8 }
]

const head = (
  { alias, bus, chip, device, locator }: DeviceInfo.DeviceInfo,
  format: ControlFlags.DeviceFormat | undefined
): ReadonlyArray<readonly [name: string, value: string | undefined]> => [
  ["ROM id", RomId.format(device.id, format)],
  ["CRC", device.id.slice(14)],
  ["family", RomId.familyCode(device.id)],
  ["chip", chip],
  ["alias", alias],
  ["bus", bus],
  ["path", device.path],
  ["locator", locator]
]

const typeCells = ({ name, type }: DeviceInfo.PropertyInfo): ReadonlyArray<Table.Cell> => {
  const { access = "", elements, kind = "", range, unit = "" } = type ?? {}
  return [name, `${kind}${elements === undefined ? "" : elementsOf(elements)}`, access, unit, range?.join("..") ?? ""]
}

const elementsOf = ({ byte, count, first, last }: DeviceInfo.Elements): string =>
  count === undefined ? " [any]" : ` [${count === 1 ? first : `${first}-${last}`}${byte ? ",BYTE" : ""}]`

const valueCell = ({ seen, type }: DeviceInfo.PropertyInfo): Table.Cell => {
  if (seen === undefined) return [{ text: type === undefined ? "" : unread(type), color: "dim" }]
  if (seen._tag === "Failed") return [{ text: ShowObservation.problemOf(seen.error), color: "red" }]
  return ShowObservation.withDoubt(ShowObservation.exact(seen.value), seen.verdict)
}

/** The reason why a property was not read. */
const unread = ({ access, elements, length }: DeviceInfo.PropertyType): string => {
  if (access === "write") return "write-only"
  return access === "none" || (elements !== undefined && elements.count === undefined)
    ? ""
    : `${length} bytes: see --all`
}

const toJson = (
  { alias, bus, chip, device, locator, properties }: DeviceInfo.DeviceInfo,
  format: ControlFlags.DeviceFormat | undefined
) => ({
  ...DeviceRow.toJson(device, format),
  crc: device.id.slice(14),
  chip: chip ?? null,
  alias: alias ?? null,
  bus: bus ?? null,
  locator: locator ?? null,
  properties: properties.map(propertyJson)
})

const propertyJson = ({ name, seen, type }: DeviceInfo.PropertyInfo) => {
  const { access = null, elements, kind = null, range = null, unit = null } = type ?? {}
  const { byte = false, count = null, first = null, last = null } = elements ?? {}
  return {
    name,
    type: kind,
    access,
    unit,
    range,
    elements: elements === undefined ? null : { count, first, last, byte },
    ...seen === undefined ? { value: null, verdict: null, error: null } : { ...ShowObservation.toJson(seen), unit }
  }
}
