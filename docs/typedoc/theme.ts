/**
 * What the page of a module has besides what typedoc-plugin-markdown writes: a line below each signature, with links to the types in it.
 */
import {
  type DeclarationHierarchy,
  type DeclarationReflection,
  makeRecursiveVisitor,
  type PageEvent,
  type Reflection,
  ReflectionKind,
  type SignatureReflection
} from "typedoc"
import { MarkdownTheme, MarkdownThemeContext, ModuleRouter } from "typedoc-plugin-markdown"

/** `core/Discovery.md` is the page of `Discovery` of `@effect-ownet/core`. */
export class Router extends ModuleRouter {
  override getIdealBaseName(reflection: Reflection): string {
    return reflection.getFullName("/").replace("@effect-ownet/", "")
  }
}

type Model = DeclarationReflection | SignatureReflection

/** Exports that a signature mentions. */
const mentioned = (model: Model): ReadonlySet<Reflection> => {
  const found = new Set<Reflection>()
  const visitor = makeRecursiveVisitor({
    reference: ({ reflection }) => {
      if (reflection?.isDeclaration() === true && reflection.kindOf(ReflectionKind.SomeExport)) found.add(reflection)
    }
  })
  const parameters = model.isSignature() ? model.parameters ?? [] : []
  for (const { type } of [...model.typeParameters ?? [], ...parameters, model]) type?.visit(visitor)
  return found
}

/** `Discovery.devices`, as programs call it. */
const qualified = ({ name, parent }: Reflection): string =>
  parent?.kind === ReflectionKind.Namespace ? `${parent.name}.${name}` : name

const nothing = (): string => ""

class Context extends MarkdownThemeContext {
  constructor(...options: ConstructorParameters<typeof MarkdownThemeContext>) {
    super(...options)
    Object.assign(this.partials, {
      sources: (model: Model) => this.below(model),
      // The signature has it.
      signatureReturns: nothing,
      // What Effect's classes have is documented by Effect.
      inheritance: nothing,
      hierarchy: ({ isTarget = false, types }: DeclarationHierarchy) => {
        const own = isTarget ? [] : types.filter((type) => type.type === "reference" && type.reflection !== undefined)
        return own.length === 0 ? "" : `Extends ${own.map((type) => this.partials.someType(type)).join(", ")}.`
      }
    })
  }

  below(model: Model): string {
    const owner = model.isSignature() ? model.parent : model
    if (owner.parent?.kindOf(ReflectionKind.SomeModule) !== true) return ""
    const since = (model.comment ?? owner.comment)?.getTag("@since")?.content.map(({ text }) => text).join("").trim()
    const source = (model.sources ?? owner.sources)?.[0]?.url
    const types = [...mentioned(model)]
      .filter((one) => one !== owner && this.router.hasUrl(one))
      .map((one) => `[\`${qualified(one)}\`](${this.urlTo(one)})`)
    return [
      "<div class=\"meta\">",
      `\`${qualified(owner)}\` · since ${since} · [source](${source})`,
      ...(types.length === 0 ? [] : [`Types: ${types.join(" · ")}`]),
      "</div>"
    ].join("\n\n")
  }
}

export class Theme extends MarkdownTheme {
  override getRenderContext(page: PageEvent<Reflection>): MarkdownThemeContext {
    return new Context(this, page as ConstructorParameters<typeof Context>[1], this.application.options)
  }
}
