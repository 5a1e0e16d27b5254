/**
 * Writes `Families.ts` again from the installed owserver, with its data about each family of devices.
 *
 *     node test/record-families.ts
 */
import { type OwClient, RomId } from "@effect-ownet/core"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Option } from "effect"
import { serve } from "./fixtures/owserver.ts"
import { type Recorded, renderCatalogue } from "./fixtures/renderCatalogue.ts"

const catalogue = new URL("../packages/core/src/device/Families.ts", import.meta.url).pathname
const simulated = new URL("../packages/core/src/server/internal/recorded.ts", import.meta.url).pathname

/** The paths of all properties below a directory, relative to it. */
const walk = (ow: OwClient.Client, directory: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.orDie(Effect.gen(function*() {
    const names: Array<string> = []
    for (const path of yield* ow.dir(directory)) {
      // The branches of a coupler are directories in listings, and properties in the server's type records.
      if (path.endsWith("/main/") || path.endsWith("/aux/")) names.push(path.slice(directory.length + 1, -1))
      else if (!path.endsWith("/")) names.push(path.slice(directory.length + 1))
      else {
        const inner = path.slice(0, -1)
        for (const name of yield* walk(ow, inner)) names.push(`${inner.slice(directory.length + 1)}/${name}`)
      }
    }
    return names
  }))

interface Entry {
  readonly first: string
  readonly record: ReadonlyArray<string>
  readonly isBitField: boolean
}

/** One entry for each property, with any number of elements. */
const entries = Effect.fnUntraced(function*(ow: OwClient.Client, directory: string) {
  const found = new Map<string, Entry>()
  const names = yield* walk(ow, directory)
  for (const name of names) {
    const base = name.replace(/\.[^./]*$/, "")
    const extension = name.slice(base.length + 1)
    if (extension === "ALL" || extension === "BYTE") continue
    const record = (yield* ow.readText(`${directory}/${name}`)).split(",")
    found.set(base, { first: name, record, isBitField: names.includes(`${base}.BYTE`) })
  }
  return found
})

const line = (name: string, { first, isBitField, record }: Entry, mark: string): string => {
  const [kind, , elements, access, length, change] = record
  const count = Number(elements)
  const shape = first === name ? "" : count === -1 ? "x" : count === 0 ? "n" : String(count)
  const keys = `${isBitField ? "B" : ""}${first.endsWith(".A") ? "L" : ""}`
  return `${name.replaceAll(" ", "%20")} ${kind}${shape}${keys} ${access} ${Number(length)} ${change}${mark}`
}

/** Data of a simulated server about a family, in addition to its properties. */
interface Simulated extends Recorded {
  readonly classes: number
}

const program = Effect.gen(function*() {
  const { ow } = yield* serve(["--tester=01"])
  const directories = yield* ow.dir("/structure", { slash: false })
  const families: Array<Simulated> = []
  const others: Array<string> = []
  for (const directory of directories) {
    const code = directory.slice("/structure/".length)
    const records = yield* entries(ow, directory)
    if (code.length > 2) {
      const lines = [...records].map(([name, entry]) => line(name, entry, ""))
      others.push(`export const ${code} = \`\n${lines.join("\n")}\n\`\n`)
      continue
    }
    yield* Effect.scoped(Effect.gen(function*() {
      const { ow } = yield* serve([`--tester=${code}`])
      const { offset } = yield* ow.sendMessage(7, "/", { flags: { busReturn: false } })
      const device = (yield* ow.dir("/", { slash: false }))[0] ?? (yield* Effect.die(`no device of family ${code}`))
      const type = yield* ow.readText(`${device}/type`)
      const listed = new Set(yield* listing(ow, device))
      families.push({
        code,
        chip: type.startsWith(RomId.fromString(device.slice(1)).pipe(Option.getOrThrow)) ? "" : type,
        classes: offset,
        lines: [...records].map(([name, entry]) =>
          // A device with an unknown chip lists fewer of the properties that every device has.
          line(name, entry, listed.has(name) ? "" : listed.has(`${name.split("/")[0]}/`) ? " =" : " -")
        )
      })
    }))
  }
  const file = yield* FileSystem.FileSystem
  yield* file.writeFileString(catalogue, renderCatalogue(families))
  yield* file.writeFileString(
    simulated,
    [
      "/**",
      " * What the simulated server knows beside the families of devices. Written by `test/record-families.ts`; do not edit.",
      " */",
      "",
      ...others,
      "/** By family code, what its devices add to the classes that a listing tells of. */",
      "export const classes: Readonly<Record<string, number>> = {",
      families.filter(({ classes }) => classes !== 0).map(({ classes, code }) => `  "${code}": ${classes}`).join(",\n"),
      "}",
      ""
    ].join("\n")
  )
})

/** The properties that a device lists, without their extensions. */
const listing = (ow: OwClient.Client, device: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.orDie(Effect.gen(function*() {
    const names: Array<string> = []
    const visit = Effect.fnUntraced(function*(directory: string): Effect.fn.Return<void> {
      for (const path of yield* Effect.orDie(ow.dir(directory))) {
        const name = path.slice(device.length + 1)
        if (name === "main/" || name === "aux/") names.push(name.slice(0, -1))
        else if (name.endsWith("/")) {
          names.push(name)
          yield* visit(path.slice(0, -1))
        } else names.push(name.replace(/\.[^./]*$/, ""))
      }
    })
    yield* visit(device)
    return names
  }))

program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
