/**
 * The reference of everything that can be imported: a page for each module.
 *
 * An undocumented export or a dead link makes the build fail.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  Application,
  DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions
} from "typedoc"
import { MarkdownPageEvent, type PluginOptions } from "typedoc-plugin-markdown"
import { simplifyClasses } from "./classes.ts"
import { checkComments } from "./comments.ts"
import { arrangeFamilies, partsOfFamilies } from "./families.ts"
import { arrangeModules, categoryOrder, entryPoints } from "./modules.ts"
import { nameTypes } from "./signatures.ts"
import { Router, Theme } from "./theme.ts"

const docs = join(import.meta.dirname, "..")
const root = join(docs, "..")

/** What stands for a piece of a type in its own module, and is nothing by itself. */
const parts: Readonly<Record<string, ReadonlyArray<string>>> = {
  "@effect-ownet/core": [
    "All",
    "BusRead",
    "BusWrite",
    "Byte",
    "Each",
    "Finding",
    "FirstLetters",
    "NumbersBelow",
    "PropertiesOf",
    "Read",
    "SettingsRead",
    "SettingsWrite",
    "StatisticsRead",
    "SystemRead",
    "Taken",
    "ValueOf",
    "src/monitor/Poll.ts:Element",
    ...partsOfFamilies
  ],
  "@effect-ownet/node": ["PropertiesOf"],
  "@effect-ownet/hub": [
    "Book",
    "Connections",
    "Given",
    "Known",
    "Made",
    "OutageRule",
    "Point",
    "Server",
    "Watched",
    "Whereabouts"
  ]
}

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
  tableColumnSettings: {
    hideSources: true,
    hideInherited: true,
    hideOverrides: true,
    hideModifiers: true,
    hideDefaults: true
  },
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: true,
  hideGroupHeadings: true,
  categorizeByGroup: false,
  categoryOrder,
  sort: ["source-order"],
  sortEntryPoints: false,

  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true, rewrittenLink: true },
  requiredToBeDocumented: ["Module", "Namespace", "Class", "Interface", "TypeAlias", "Function", "Variable", "Enum"],
  packagesRequiringDocumentation: Object.keys(parts)
}

/** A page of the reference. */
export interface Module {
  /** Its file below the folder of the reference, such as `core/Discovery.md`. */
  readonly file: string
  /** As it is imported: `Discovery`, or a package. */
  readonly name: string
  /** The package or the entry point that it is imported from. */
  readonly from: string
  /** In its package: its floor, if it has one. */
  readonly category: string | undefined
  readonly isNamespace: boolean
  readonly text: string
}

const moduleOf = (model: DeclarationReflection, file: string): Omit<Module, "text"> => {
  const isNamespace = model.kind === ReflectionKind.Namespace
  const { parent } = model
  const categories = parent?.isDeclaration() === true ? parent.categories : undefined
  return {
    file,
    name: model.name,
    from: isNamespace && parent !== undefined ? parent.name : model.name,
    category: categories?.find(({ children }) => children.includes(model))?.title,
    isNamespace
  }
}

const register = (app: Application): void => {
  app.renderer.defineRouter("modules", Router)
  app.renderer.defineTheme("modules", Theme)
}

/** The pages of the reference. Gives none if something is wrong with the comments, and says on the console what it is. */
export const reference = async (): Promise<ReadonlyArray<Module> | undefined> => {
  const app = await Application.bootstrapWithPlugins({
    ...options,
    plugin: [
      "typedoc-plugin-markdown",
      register,
      arrangeModules,
      arrangeFamilies,
      nameTypes,
      simplifyClasses,
      checkComments
    ]
  } as TypeDocOptions)
  const project: ProjectReflection | undefined = await app.convert()
  if (project === undefined) return undefined

  // The types that are mentioned and not exported are looked for in one package at a time.
  for (const [name, notExported] of Object.entries(parts)) {
    project.packageName = name
    app.options.setValue("intentionallyNotExported", [...notExported])
    app.validate(project)
  }

  const folder = mkdtempSync(join(tmpdir(), "reference-"))
  const modules: Array<Omit<Module, "text">> = []
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    if (page.model instanceof DeclarationReflection) modules.push(moduleOf(page.model, page.url))
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
  const pages = modules.map((module) => ({ ...module, text: readFileSync(join(folder, module.file), "utf8") }))
  rmSync(folder, { recursive: true })
  return pages
}
