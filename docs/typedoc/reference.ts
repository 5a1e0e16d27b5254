/**
 * The reference of everything that can be imported: a page for each module.
 *
 * An undocumented export or a dead link makes the build fail.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Application, DeclarationReflection, ReflectionKind, type TypeDocOptions } from "typedoc"
import { MarkdownPageEvent, type PluginOptions } from "typedoc-plugin-markdown"
import { checkComments } from "./comments.ts"
import { arrangeFamilies } from "./families.ts"
import { arrangeModules, categoryOrder, entryPoints, packages } from "./modules.ts"
import { writeSignatures } from "./signatures.ts"
import { Router, Theme } from "./theme.ts"

const docs = join(import.meta.dirname, "..")
const root = join(docs, "..")

const options: TypeDocOptions & PluginOptions = {
  name: "effect-ownet",
  entryPoints: entryPoints.map(([, file]) => file),
  tsconfig: join(docs, "tsconfig.site.json"),
  basePath: root,
  displayBasePath: root,
  readme: "none",

  // What Effect's classes have is in the documentation of Effect.
  excludeExternals: true,
  excludeInternal: true,
  blockTags: ["@category", "@module", "@since"],
  notRenderedTags: ["@since", "@category"],
  disableGit: true,
  sourceLinkTemplate: "https://github.com/effect-ownet/effect-ownet/blob/main/{path}#L{line}",

  router: "modules",
  theme: "modules",
  useCodeBlocks: true,
  expandParameters: true,
  expandObjects: true,
  parametersFormat: "none",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true, hideModifiers: true },
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: true,
  hideGroupHeadings: true,
  categorizeByGroup: false,
  categoryOrder,
  sort: ["source-order"],
  sortEntryPoints: false,

  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: false, rewrittenLink: true },
  requiredToBeDocumented: ["Module", "Namespace", "Class", "Interface", "TypeAlias", "Function", "Variable", "Enum"],
  packagesRequiringDocumentation: packages.map((name) => `@effect-ownet/${name}`)
}

/** A page of the reference. */
export interface Module {
  /** Its file below the folder of the reference, such as `core/Discovery.md`. */
  readonly file: string
  /** As it is imported: `Discovery`, or a package. */
  readonly name: string
  /** The package or the entry point that it is imported from. */
  readonly from: string
  readonly text: string
}

/** The pages of the reference. Gives none if something is wrong with the comments, and says on the console what it is. */
export const reference = async (): Promise<ReadonlyArray<Module> | undefined> => {
  const app = await Application.bootstrapWithPlugins({
    ...options,
    plugin: ["typedoc-plugin-markdown", arrangeModules, arrangeFamilies, writeSignatures, checkComments]
  } as TypeDocOptions)
  app.renderer.defineRouter("modules", Router)
  app.renderer.defineTheme("modules", Theme)
  const project = await app.convert()
  if (project === undefined) return undefined
  app.validate(project)

  const folder = mkdtempSync(join(tmpdir(), "reference-"))
  const modules: Array<Omit<Module, "text">> = []
  app.renderer.on(MarkdownPageEvent.END, ({ model, url }) => {
    if (!(model instanceof DeclarationReflection)) return
    const { kind, name, parent } = model
    modules.push({ file: url, name, from: kind === ReflectionKind.Namespace ? parent?.name ?? name : name })
  })
  app.options.setValue("outputs", [{ name: "markdown", path: folder }])
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) return undefined
  // Long signatures get lines.
  execFileSync(join(root, "node_modules/.bin/dprint"), [
    "fmt",
    "--config",
    join(docs, "typedoc/lines.json"),
    `${folder}/**/*.md`
  ])
  const pages = modules.map((module) => ({
    ...module,
    text: readFileSync(join(folder, module.file), "utf8")
      .replaceAll(/^---\n\n/gm, "")
      .replaceAll(/^## [a-z]/gm, (heading) => heading.toUpperCase())
  }))
  rmSync(folder, { recursive: true })
  return pages
}
