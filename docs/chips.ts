/**
 * Writes `docs/chips`: a page for each chip that is supported, and their index.
 *
 *     node docs/chips.ts
 */
import type { Family } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { globSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type * as Api from "../packages/hub/src/Api.ts"
import * as HomeAssistant from "../packages/hub/src/HomeAssistant.ts"
import * as Followed from "../packages/hub/src/internal/Followed.ts"
import * as Parts from "../packages/hub/src/internal/Parts.ts"
import * as Places from "../packages/hub/src/Places.ts"
import { chips as descriptions } from "../test/fixtures/chips.ts"
import { kinds } from "./kinds.ts"
import { cells, commonNames, headings, own, tableOf } from "./properties.ts"

/** The folder of the pages. */
export const folder = join(import.meta.dirname, "chips")

/** What is worth knowing of a chip before its properties are read. */
const hints: Readonly<Record<string, string>> = {
  "05": "`PIO` is its transistor, which pulls the pin to ground if it is on. `sensed` is the level of the pin.",
  "10": "It measures in steps of half a degree; the server calculates finer ones from a counter of the chip.",
  "12":
    "`PIO` is a transistor, which pulls its pin to ground if it is on. `sensed` is the level of the pin, and `latch` keeps that "
    + "it has changed.",
  "1D":
    "It counts pulses on its inputs A and B, from 0 to 4,294,967,295 and on from 0. A program cannot set them to 0.",
  "1F": "Devices behind it are found and read as all others are. The server switches its branches.",
  "20":
    "`volt` measures up to 5.12 V, and `volt2` up to 2.56 V. An output shares its pin with the input of the same letter.",
  "21": "It logs by itself, with the server away, and remembers 2,048 temperatures.",
  "22": "It has the properties of a [DS18B20](DS18B20.md).",
  "26":
    "It has an input for a sensor of another kind: `humidity` is right if that is one of humidity. `VAD` is the voltage of the "
    + "input, and `VDD` that of the supply.",
  "28":
    "It is the sensor that most people have. A reading takes 750 ms at 12 bits. 85 °C says that it lost its power, and did not "
    + "measure.",
  "29":
    "`PIO` is a transistor, which pulls its pin to ground if it is on: a relay board may switch on or off by that. `sensed` is the "
    + "level of the pin, and `latch` keeps that it has changed.",
  "2C": "`wiper` is the position of the potentiometer, in 256 steps.",
  "3A": "`PIO` is a transistor, which pulls its pin to ground if it is on. `sensed` is the level of the pin.",
  "3B": "Of a MAX31850, `thermocouple` is the temperature at the far end of its wire.",
  "42": "`PIO` and `sensed` are its two pins.",
  "7E": "`device_type` says which of the sensors it is. It lists the properties of that one only.",
  "EF": "`type_number` says which of the sensors it is. It lists the properties of that one only.",
  "FC": "It lists the properties below `910` or below `911`, whichever it is."
}

/** For families of several kinds of device, whose properties are shown. */
const shown: Readonly<Record<string, string>> = { "7E": "EDS0068/", EF: "humidity/", FC: "910/" }

const pageOf = ({ chip }: Family.Family): string => `${chip}.md`

const codeOf = ({ codes: [code = "00"] }: Family.Family): string => code

const idOf = (family: Family.Family): string => `${codeOf(family)}.0000${codeOf(family)}A10100`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Values of properties in examples, by the last words of their names. */
const examples: ReadonlyArray<readonly [RegExp, number | boolean | string]> = [
  [/temperature|multitemp/, 21.5625],
  [/humidity/, 45.2],
  [/pressure/, 1013.2],
  [/UVI/, 3.2],
  [/light/, 320],
  [/VDD/, 4.98],
  [/VAD|volt/, 2.41],
  [/vis/, 0.0125],
  [/current/, 0.12],
  [/RPM/, 120],
  [/counter|count/, 81_462],
  [/sensed|switch_closed/, true],
  [/date/, "2026-03-29T01:00:00.000Z"]
]

const exampleOf = (family: Family.Family, name: string): number | boolean | string =>
  Parts.element(family, name)?.record.kind === "y"
    ? name.includes("sensed") || name.includes("switch_closed")
    : examples.find(([pattern]) => pattern.test(name))?.[1] ?? 128

/** The properties that the hub follows of one device. */
const followedOf = (family: Family.Family): ReadonlyArray<string> =>
  [...Followed.of(family)].filter((name) => name.startsWith(shown[codeOf(family)] ?? ""))

const placeOf = (family: Family.Family, isWritable: boolean): Api.PlaceState => ({
  ...Places.ofDevice(idOf(family)),
  title: idOf(family),
  chip: family.chip,
  properties: followedOf(family).map((name) => ({
    name,
    reading: { value: exampleOf(family, name), at: 0 },
    isKept: true,
    isWritable
  }))
})

/** Entities of a place, by the names of their properties. */
const entitiesOf = (family: Family.Family, isWritable: boolean) => {
  const [[, payload = ""] = []] = HomeAssistant.messages(placeOf(family, isWritable), {
    topic: "onewire/name",
    output: "attribute",
    version: "0.1.0"
  })
  const components: Readonly<Record<string, Readonly<Record<string, string>>>> = payload === ""
    ? {}
    : JSON.parse(payload).components
  return new Map(
    Object.values(components).flatMap(({ state_topic: topic, ...keys }) =>
      topic === undefined ? [] : [[topic.slice("onewire/name/".length), keys] as const]
    )
  )
}

const words = (text: string | undefined): string => (text ?? "").replaceAll("_", " ")

const entityRows = (family: Family.Family): ReadonlyArray<ReadonlyArray<string>> => {
  const written = entitiesOf(family, true)
  return [...entitiesOf(family, false)].map(([name, keys]) => {
    const other = written.get(name)?.platform
    return [
      `\`${name}\``,
      keys.name,
      other === undefined || other === keys.platform
        ? words(keys.platform)
        : `${words(keys.platform)}, or ${words(other)}`,
      words(keys.device_class),
      keys.unit_of_measurement ?? "",
      words(keys.state_class)
    ]
  })
}

const fence = (language: string, ...lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  "",
  `\`\`\`${language}`,
  ...lines,
  "```"
]

/** The property that a first program reads. */
const readFirst = (family: Family.Family): string => {
  const followed = followedOf(family)[0]
  if (followed !== undefined) return followed
  const found = own(family).find(({ access, isArray, kind }) => access.startsWith("r") && !isArray && kind === "b")
    ?? own(family).find(({ access, isArray }) => access.startsWith("r") && !isArray)
  return found?.name ?? "type"
}

/** A module that reads a property. */
const program = (family: Family.Family): ReadonlyArray<string> => [
  "import { Device } from \"@effect-ownet/core\"",
  `import { ${exportOf(family)} } from "@effect-ownet/core/families"`,
  "import { Effect } from \"effect\"",
  "",
  `const value = Device.make(${exportOf(family)}, "${idOf(family)}").pipe(`,
  `  Effect.flatMap((device) => device.read("${readFirst(family)}"))`,
  ")"
]

const names = new Map<Family.Family, string>(Object.entries(Families).map(([name, family]) => [family, name]))

const exportOf = (family: Family.Family): string => names.get(family) ?? family.chip

const ofHub = (family: Family.Family): ReadonlyArray<string> => {
  const followed = followedOf(family)
  if (followed.length === 0) {
    return [
      "",
      "## In the hub",
      "",
      "[The hub](../hub.md) lists it, and says when it goes and returns. It follows none of its properties; read them with the command "
      + "or a program. So there is nothing of it in Home Assistant."
    ]
  }
  const kind = shown[codeOf(family)]
  const payload = {
    ...Object.fromEntries(followed.map((name) => [name, exampleOf(family, name)])),
    last_seen: "2026-03-29T01:00:00Z"
  }
  const few = followed.length > 10 ? `\`${followed[0]}\` to \`${followed.at(-1)}\`` : undefined
  return [
    "",
    "## In the hub",
    "",
    `${kind === undefined ? "" : `Of a device with properties below \`${kind.slice(0, -1)}\`, `}[${
      kind === undefined ? "The" : "the"
    } hub](../hub.md) follows ${
      few ?? followed.map((name) => `\`${name}\``).join(", ")
    }. By MQTT it publishes to \`onewire/NAME\`:`,
    ...fence("json", ...JSON.stringify(payload, undefined, 2).split("\n")),
    "",
    "## In Home Assistant",
    "",
    ...tableOf(["property", "name", "entity", "class", "unit", "statistics"], entityRows(family)),
    "",
    "[Home Assistant](../hub-homeassistant.md) tells how to get these, and how to change them."
    + (entityRows(family).some(([, , entity = ""]) => entity.includes(", or "))
      ? " An entity is the second of two if the hub may write the property."
      : "")
  ]
}

const page = (family: Family.Family): string => {
  const { codes } = family
  const hint = codes.flatMap((code) => hints[code] ?? []).join(" ")
  const followed = new Set([...Followed.of(family)].map((name) => name.replace(/\.[^./]*$/, "")))
  const rows = own(family).map((property) => [...cells(property), followed.has(property.name) ? "yes" : ""])
  return [
    `# ${family.chip}`,
    "",
    `${capital(descriptions[codeOf(family)] ?? "a device")}. Its family code is ${
      codes.map((code) => `\`${code}\``).join(" or ")
    }.`
    + (hint === "" ? "" : ` ${hint}`),
    ...fence("sh", `ow cat ${idOf(family)}/${readFirst(family)}`),
    ...fence("ts", ...program(family)),
    ...ofHub(family),
    "",
    "## Properties",
    "",
    ...(rows.length === 0
      ? [`It has what every device has: ${commonNames}.`]
      : [...tableOf([...headings, "hub"], rows), "", `It also has what every device has: ${commonNames}.`]),
    "",
    "How to read and write them is in [Devices and their values](../devices.md).",
    ""
  ].join("\n")
}

/** The unit of a property, if it has one. */
const unitOf = (family: Family.Family, name: string): string | undefined => {
  const property = own(family).find((one) => one.name === name)
  return property === undefined ? undefined : cells(property)[4]?.split(" ").at(-1)?.replace(/^[\d.-]+$/, "")
}

/** The properties that people use first. */
const usedFirst = (family: Family.Family): ReadonlyArray<string> => {
  const followed = followedOf(family)
  const names = followed.length === 0 ? [readFirst(family)] : followed
  return [...new Set(names.map((name) => name.replace(/\.[^./]*$/, "")))].map((name) => {
    const unit = unitOf(family, name) ?? ""
    return unit === "" ? `\`${name}\`` : `\`${name}\` (${unit})`
  })
}

/** The index. On the site, a link leads from each chip to its family in the reference. */
export const index = (reference?: (name: string) => string): string => {
  const byCode = new Map(Catalogue.families.flatMap((family) => family.codes.map((code) => [code, family] as const)))
  const sections = kinds.flatMap(([heading, codes]) => [
    "",
    `## ${heading}`,
    "",
    ...tableOf(
      ["chip", "code", "is", "properties to use first", "hub", ...(reference === undefined ? [] : ["reference"])],
      codes.flatMap((code) => {
        const family = byCode.get(code)
        if (family === undefined) return []
        return [[
          `[${family.chip}](${pageOf(family)})`,
          family.codes.join(", "),
          descriptions[code] ?? "",
          usedFirst(family).join(", "),
          followedOf(family).length === 0 ? "" : "yes",
          ...(reference === undefined ? [] : [`[${exportOf(family)}](${reference(exportOf(family))})`])
        ]]
      })
    )
  ])
  return [
    "# Supported devices",
    "",
    `A page for each of the ${
      Catalogue.families.flatMap(({ codes }) => codes).length
    } families of chips that owserver knows: its properties with their units, a line to read it, what the hub `
    + "follows of it, and its entities in Home Assistant. `ow scan` shows which chips you have. If the column `hub` says yes, "
    + "[the hub](../hub.md) follows these properties.",
    ...sections,
    "",
    "The hub lists a chip that is not here, too, and follows nothing of it. "
    + "[A program asks the server](../devices.md#unknown-chips) for its properties.",
    ""
  ].join("\n")
}

/** The text of each page, by the name of its file. */
export const pages = (): ReadonlyMap<string, string> =>
  new Map([["README.md", index()], ...Catalogue.families.map((family) => [pageOf(family), page(family)] as const)])

if (import.meta.main) {
  const all = pages()
  for (const name of globSync("*.md", { cwd: folder })) if (!all.has(name)) rmSync(join(folder, name))
  for (const [name, text] of all) writeFileSync(join(folder, name), text)
}
