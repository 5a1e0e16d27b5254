/**
 * Builds the site: the guides, and the reference of everything that can be imported.
 *
 *     node docs/build.ts
 *
 * Whatever is undocumented, or linked to and not there, fails it.
 */
import { join } from "node:path"
import { Application, type TypeDocOptions } from "typedoc"
import { simplifyClasses } from "./typedoc/classes.ts"
import { checkComments } from "./typedoc/comments.ts"
import { shownAsTables, showProperties } from "./typedoc/families.ts"
import { guides, nameHeadings, placeGuides } from "./typedoc/guides.ts"
import { arrangeModules, categoryOrder, entryPoints } from "./typedoc/modules.ts"
import { findByQualifiedName } from "./typedoc/search.ts"
import { nameTypes } from "./typedoc/signatures.ts"

const here = import.meta.dirname
const root = join(here, "..")

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
    ...shownAsTables
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

const options: TypeDocOptions = {
  name: "effect-ownet",
  entryPoints: entryPoints.map(([, file]) => file),
  tsconfig: join(here, "tsconfig.site.json"),
  basePath: root,
  displayBasePath: root,
  out: join(here, "site"),
  cleanOutputDir: true,

  readme: join(root, "README.md"),
  projectDocuments: [...guides],
  // What Effect's classes have is in the documentation of Effect.
  excludeExternals: true,
  excludeInternal: true,
  blockTags: ["@category", "@module", "@since"],
  disableGit: true,
  sourceLinkTemplate: "https://github.com/effect-ownet/effect-ownet/blob/main/{path}#L{line}",

  customCss: join(here, "site.css"),
  favicon: join(here, "favicon.svg"),
  highlightLanguages: [
    "bash",
    "c",
    "console",
    "dockerfile",
    "http",
    "ini",
    "js",
    "json",
    "python",
    "sh",
    "sql",
    "toml",
    "ts",
    "yaml"
  ],
  ignoredHighlightLanguages: ["promql"],

  hideGenerator: true,
  includeHierarchySummary: false,
  navigationLinks: { GitHub: "https://github.com/effect-ownet/effect-ownet" },
  navigation: { includeCategories: false, includeGroups: false, includeFolders: false },
  // Its page has them.
  navigationLeaves: ["@effect-ownet/core/families"],
  markdownItLoader: nameHeadings,
  useFirstParagraphOfCommentAsSummary: true,
  categorizeByGroup: false,
  categoryOrder,
  sort: ["documents-first", "source-order"],
  sortEntryPoints: false,
  searchInDocuments: true,

  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true, rewrittenLink: true },
  requiredToBeDocumented: ["Module", "Namespace", "Class", "Interface", "TypeAlias", "Function", "Variable", "Enum"],
  packagesRequiringDocumentation: Object.keys(parts)
}

const app = await Application.bootstrapWithPlugins({
  ...options,
  plugin: [arrangeModules, placeGuides, showProperties, nameTypes, simplifyClasses, findByQualifiedName, checkComments]
})

const project = await app.convert()
if (project !== undefined) {
  // The types that are mentioned and not exported are looked for in one package at a time.
  for (const [name, notExported] of Object.entries(parts)) {
    project.packageName = name
    app.options.setValue("intentionallyNotExported", [...notExported])
    app.validate(project)
  }
  await app.generateOutputs(project)
}
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1
