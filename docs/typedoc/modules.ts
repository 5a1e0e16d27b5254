/**
 * What can be imported, as the exports maps of the packages say, and how its modules are called and grouped.
 */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { type Application, Comment, CommentTag, Converter, MinimalSourceFile, ReflectionKind } from "typedoc"
import { kinds } from "../kinds.ts"

const root = join(import.meta.dirname, "../..")

const read = (folder: string): { readonly name: string; readonly exports: Readonly<Record<string, string | null>> } =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))

/** Modules that only the pattern of an exports map names. */
const byPattern: ReadonlyArray<readonly [name: string, file: string]> = ["device/Catalogue", "device/MainValues"].map((
  module
) => [`@effect-ownet/core/${module}`, join(root, `packages/core/src/${module}.ts`)])

/** Import path and file of each entry point. A pattern also names most of the modules. */
export const entryPoints: ReadonlyArray<readonly [name: string, file: string]> = [
  "packages/core",
  "packages/node",
  "packages/hub"
]
  .flatMap((folder) => {
    const { exports, name } = read(folder)
    return Object.entries(exports).flatMap(([key, file]): ReadonlyArray<readonly [string, string]> =>
      file === null || !file.endsWith(".ts") || file.includes("*") ? [] : [[join(name, key), join(root, folder, file)]]
    )
  })
  .flatMap((entry) => entry[0] === "@effect-ownet/core/families" ? [entry, ...byPattern] : [entry])

/** The floors of the library, from the top. */
const floors: Readonly<Record<string, string>> = {
  network: "networks",
  client: "client",
  device: "devices",
  monitor: "streams",
  onewire: "ids, paths and units",
  server: "servers",
  protocol: "protocol"
}

/** In which order categories stand on a page. */
export const categoryOrder = [
  ...Object.values(floors),
  ...kinds.map(([kind]) => kind),
  "services",
  "layers",
  "constructors",
  "*",
  "types"
]

/** TypeDoc takes the first comment of a file for that of the module only where a tag says so. */
const words = (file: string): string =>
  /^(?:\/\/\/[^\n]*\n)?\/\*\*\n(.*?)\n \*\//s.exec(readFileSync(file, "utf8"))?.[1].replaceAll(/^ \* ?/gm, "") ?? ""

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Modules get the names that they are imported by and their comments, and those of a package are grouped by its floors. */
export const arrangeModules = (app: Application): void => {
  const names = new Map(entryPoints.map(([name, file]) => [file, name]))
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.SomeModule)) {
      const file = module.isDeclaration() ? module.sources?.[0]?.fullFileName : undefined
      if (file === undefined) continue
      if (module.kind === ReflectionKind.Module) module.name = names.get(file) ?? module.name

      const [text, since] = words(file).split("@since")
      if (text.trim() === "") continue
      const { content } = app.converter.parseRawComment(new MinimalSourceFile(text, file), project.files)
      const floor = floors[relative(join(root, "packages/core/src"), file).split("/")[0]]
      module.comment = new Comment(content, [
        ...(since === undefined ? [] : [new CommentTag("@since", [{ kind: "text", text: since.trim() }])]),
        ...(module.kind === ReflectionKind.Namespace && floor !== undefined
          ? [new CommentTag("@category", [{ kind: "text", text: floor }])]
          : [])
      ])
    }
  })
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.SomeModule)) {
      if (!module.isDeclaration()) continue
      for (const category of module.categories ?? []) category.title = capital(category.title)
    }
  }, -1000)
}
