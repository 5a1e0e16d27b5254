/**
 * A module's page: what is exported, each with its signature, its words, and links to the types that it mentions.
 */
import {
  type Comment,
  type DeclarationReflection,
  makeRecursiveVisitor,
  type PageEvent,
  type Reflection,
  ReflectionKind,
  type SignatureReflection,
  type SomeType
} from "typedoc"
import { MarkdownTheme, MarkdownThemeContext, ModuleRouter } from "typedoc-plugin-markdown"

/** Where the pages of the reference are: `core/Discovery.md` for `Discovery` of `@effect-ownet/core`. */
export class Router extends ModuleRouter {
  override getIdealBaseName(reflection: Reflection): string {
    if (reflection.kind === ReflectionKind.Module) {
      const name = reflection.name.replace(/^@[^/]*\//, "")
      return reflection.isDeclaration() && reflection.children?.some(isNamespace) === true ? `${name}/index` : name
    }
    const { parent } = reflection
    if (reflection.kind === ReflectionKind.Namespace && parent !== undefined) {
      return `${this.getIdealBaseName(parent).replace(/\/index$/, "")}/${reflection.name}`
    }
    // They have no page.
    return `members/${reflection.id}`
  }
}

const isNamespace = ({ kind }: Reflection): boolean => kind === ReflectionKind.Namespace

/** The types that stand in a signature or behind a name. */
const typesOf = (model: DeclarationReflection | SignatureReflection): ReadonlyArray<SomeType> => {
  const { type, typeParameters = [] } = model
  const parameters = model.isSignature() ? model.parameters ?? [] : []
  return [...typeParameters, ...parameters, { type }].flatMap(({ type }) => type ?? [])
}

/** What is mentioned there and has a page or an anchor. */
const mentioned = (model: DeclarationReflection | SignatureReflection): ReadonlyArray<Reflection> => {
  const found = new Set<Reflection>()
  const visitor = makeRecursiveVisitor({
    reference: ({ reflection }) => {
      if (reflection?.isDeclaration() === true && reflection.kindOf(ReflectionKind.SomeExport)) found.add(reflection)
    }
  })
  for (const type of typesOf(model)) type.visit(visitor)
  return [...found]
}

const isOfModule = (one: Reflection | undefined): boolean =>
  one !== undefined && (isNamespace(one) || one.kind === ReflectionKind.Module)

/** `Discovery.devices`, as programs call it. */
const qualified = (one: Reflection): string =>
  one.parent !== undefined && isNamespace(one.parent) ? `${one.parent.name}.${one.name}` : one.name

const since = (comment: Comment | undefined): string | undefined =>
  comment?.getTag("@since")?.content.map(({ text }) => text).join("").trim()

class Context extends MarkdownThemeContext {
  constructor(...options: ConstructorParameters<typeof MarkdownThemeContext>) {
    super(...options)
    const { partials } = this
    const link = (one: Reflection): string => `[\`${qualified(one)}\`](${this.urlTo(one)})`
    this.partials = {
      ...partials,
      /** The line below a signature. */
      sources: (model) => {
        const owner = model.isSignature() ? model.parent : model
        if (!isOfModule(owner.parent)) return ""
        const source = (model.sources ?? owner.sources)?.[0]?.url
        const version = since(model.comment) ?? since(owner.comment)
        const parts = [
          `\`${qualified(owner)}\``,
          ...(version === undefined ? [] : [`since ${version}`]),
          ...(source === undefined ? [] : [`[source](${source})`])
        ]
        const types = mentioned(model).filter((one) => one !== owner && this.router.hasUrl(one)).map(link)
        const lines = [parts.join(" · "), ...(types.length === 0 ? [] : [`Types: ${types.join(" · ")}`])]
        return `<div class="meta">\n\n${lines.join("\n\n")}\n\n</div>`
      },
      declarationTitle: (model) => {
        const title = partials.declarationTitle(model)
        return model.kind === ReflectionKind.Variable && !model.flags.isConst
          ? title.replace("```ts\n", "```ts\nconst ")
          : title
      },
      members: (model, options) =>
        model
          .filter((one) => !this.router.hasOwnDocument(one))
          .map((one) => this.partials.memberContainer(one, { headingLevel: options.headingLevel }))
          .join("\n\n"),
      // The signature has it, and its types are linked to below it. What is made only for it is spelled out.
      signatureReturns: (model, options) =>
        model.type?.type === "reflection" && model.type.declaration.children !== undefined
          ? partials.signatureReturns(model, options)
          : "",
      hierarchy: (model) => {
        const types = model.isTarget === true ? [] : model.types
        const extended = types.map((type) => this.partials.someType(type))
        return extended.length === 0 ? "" : `Extends ${extended.join(", ")}.`
      }
    }
  }
}

export class Theme extends MarkdownTheme {
  override getRenderContext(page: PageEvent<Reflection>): MarkdownThemeContext {
    return new Context(this, page as ConstructorParameters<typeof Context>[1], this.application.options)
  }
}
