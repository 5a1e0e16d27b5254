/**
 * What can be imported, as the exports maps of the packages say, and how its modules are called and grouped.
 */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { type Application, Comment, CommentTag, Converter, MinimalSourceFile, ReflectionKind } from "typedoc"
import { kinds } from "../kinds.ts"

const root = join(import.meta.dirname, "../..")

const byPattern = ["device/Catalogue", "device/MainValues"].map((name) => [name, `src/${name}.ts`] as const)

/** Packages that programs import, in the order of the navigation. */
export const packages = ["core", "node", "hub"]

/** Import path and file of each entry point: those that the exports maps name, and two that only a pattern there names. */
export const entryPoints: ReadonlyArray<readonly [name: string, file: string]> = packages.flatMap((name) => {
  const folder = join(root, "packages", name)
  const { exports }: { readonly exports: Readonly<Record<string, string | null>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8")
  )
  const named = Object.entries(exports).flatMap(([key, file]) =>
    file?.endsWith(".ts") === true ? [[key, file] as const] : []
  )
  return [...named, ...(name === "core" ? byPattern : [])]
    .filter(([key]) => !key.includes("*"))
    .map(([key, file]) => [join("@effect-ownet", name, key), join(folder, file)] as const)
})

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

/** TypeDoc takes the first comment of a file as that of the module only if it has a tag that says so. */
const wordsOf = (file: string): string =>
  /^(?:\/\/\/[^\n]*\n)?\/\*\*\n(.*?)\n \*(?: @|\/)/s.exec(readFileSync(file, "utf8"))?.[1].replaceAll(/^ \* ?/gm, "") ??
    ""

/** Gives each module the name that it is imported by, its comment, and its floor as its category. */
export const arrangeModules = (app: Application): void => {
  const names = new Map(entryPoints.map(([name, file]) => [file, name]))
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.SomeModule)) {
      const file = module.isDeclaration() ? module.sources?.[0]?.fullFileName : undefined
      if (file === undefined) continue
      if (module.kind === ReflectionKind.Module) module.name = names.get(file) ?? module.name
      const { content } = app.converter.parseRawComment(new MinimalSourceFile(wordsOf(file), file), project.files)
      const floor = floors[relative(join(root, "packages/core/src"), file).split("/")[0]]
      const category = floor === undefined ? [] : [new CommentTag("@category", [{ kind: "text", text: floor }])]
      if (content.length > 0) module.comment = new Comment(content, category)
    }
  })
}
