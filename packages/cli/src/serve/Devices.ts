/**
 * Devices of a simulated server, in the form of `--devices`: from the command line, or from a file.
 */
import * as FamilyCode from "@effect-ownet/core/onewire/FamilyCode"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as SimulatedNetwork from "@effect-ownet/core/testing/SimulatedNetwork"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Failure from "../show/Failure.ts"

/** A description in the form of a file, because JSON has no functions. */
type Description = Schema.Schema.Type<typeof Description>

const Value = Schema.Union([Schema.Finite, Schema.Boolean, Schema.String])
const Property = Schema.Union([
  Value,
  Schema.Array(Value),
  Schema.TaggedStruct("Refusal", { code: Schema.Int })
])
const Device = Schema.Record(Schema.String, Property)
const Description = Schema.Record(Schema.String, Schema.Union([Property, Device]))

/** Reads a list such as `28,10,28.000028D70100=21.5`, or a file such as `house.json`. */
export const parse = (text: string): Effect.Effect<Description, Failure.UsageError | Failure.LocalError> =>
  text.endsWith(".json") ? readFile(text) : parseList(text)

const parseList = (text: string): Effect.Effect<Description, Failure.UsageError> => {
  const items = text.split(",")
  const codes = items.map((item) => /^[0-9A-F]{2}$/i.test(item) ? item.toUpperCase() : undefined)
  // The ROM id of each device includes its position in the list, as with `owserver --tester`.
  const simulated = Object.keys(SimulatedNetwork.tester(codes.map((code) => code ?? "00")))
  const description: Record<string, Description[string]> = {}
  for (const [index, item] of items.entries()) {
    const [path, temperature] = item.split("=")
    if (codes[index] !== undefined) description[simulated[index]] = {}
    else if (Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))) {
      if (temperature !== undefined && !Number.isFinite(Number(temperature || Number.NaN))) {
        return usage(`${item}: a temperature is a number, as in ${path}=21.5`)
      }
      description[path] = temperature === undefined ? {} : { temperature: Number(temperature) }
    } else {
      return usage(
        `${JSON.stringify(item)} is not a device: write a family code such as 28, a ROM id such as 28.000028D70100, ` +
          "or the name of a file that ends in .json"
      )
    }
  }
  return Effect.succeed(description)
}

const usage = (message: string) => Effect.fail(new Failure.UsageError({ message }))

const readFile = (path: string): Effect.Effect<Description, Failure.LocalError> => {
  const failed = (problem: string) => new Failure.LocalError({ message: `${path}: ${problem}` })
  return Effect.try({
    try: () => Fs.readFileSync(path, "utf8").replace(/^\ufeff/, ""),
    catch: (cause) => failed(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`)
  }).pipe(
    Effect.flatMap((text) =>
      Effect.mapError(
        Schema.decodeEffect(Schema.fromJsonString(Description))(text),
        ({ message }) => failed(`describes no devices: ${message.replace(/\s+/g, " ")}`)
      )
    )
  )
}

/** Family codes of devices that measure a temperature. */
const thermometers: ReadonlySet<string> = new Set(["10", "22", "26", "28", "3B", "42"])

/** Makes each temperature vary around its given value, or around a comfortable one. */
export const enliven = (description: Description): SimulatedNetwork.Description =>
  Object.fromEntries(
    Object.entries(description).map(([path, given], index) => {
      const id = Option.getOrUndefined(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      const device = deviceOf(given)
      if (
        id === undefined || device === undefined || !thermometers.has(FamilyCode.driver(RomId.familyCode(id)))
      ) return [path, given]
      const { temperature = 20 + index % 5 } = device
      return [path, typeof temperature === "number" ? { ...device, temperature: wander(temperature, index) } : device]
    })
  )

const deviceOf = (given: Description[string]): Schema.Schema.Type<typeof Device> | undefined =>
  typeof given !== "object" || isList(given) || "code" in given ? undefined : given

const isList = (value: object): value is ReadonlyArray<unknown> => Array.isArray(value)

/** Varies by half a degree within a minute and by two within an hour, in the steps of a chip. */
const wander = (center: number, phase: number) => (seconds: number): number => {
  const turn = (period: number) => Math.sin(2 * Math.PI * (seconds / period + phase / 7))
  return Math.round((center + 2 * turn(3600) + 0.5 * turn(60)) * 16) / 16
}
