/**
 * What the comment of an export must have: words, a category, and the version that it is there since.
 */
import { type Application, type Comment, Converter, ReflectionKind } from "typedoc"

const missing = (comment: Comment | undefined): ReadonlyArray<string> => [
  ...(comment?.summary.some(({ text }) => text.trim() !== "") === true ? [] : ["words"]),
  ...(["@since", "@category"] as const).filter((tag) => comment?.getTag(tag) === undefined)
]

export const checkComments = (app: Application): void =>
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const modules = project.getReflectionsByKind(ReflectionKind.SomeModule)
    for (const one of modules.flatMap((module) => (module.isDeclaration() ? module.children ?? [] : []))) {
      // A re-export has its comment at its declaration.
      if (one.isReference() || one.kindOf(ReflectionKind.SomeModule)) continue
      for (const what of (one.signatures ?? [one]).flatMap(({ comment }) => missing(comment))) {
        app.logger.validationWarning(`${one.getFriendlyFullName()} has no ${what}`)
      }
    }
  }, -2)
