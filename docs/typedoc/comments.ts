/**
 * What TypeDoc does not ask of the comment of an export: words, a category, and since when it is there.
 */
import { Application, type DeclarationReflection, type ProjectReflection, ReflectionKind } from "typedoc"

const isModule = ({ kind }: DeclarationReflection): boolean =>
  kind === ReflectionKind.Module || kind === ReflectionKind.Namespace

const problems = (one: DeclarationReflection): ReadonlyArray<string> => {
  const comments = one.signatures === undefined ? [one.comment] : one.signatures.map(({ comment }) => comment)
  const found: Array<string> = []
  for (const comment of comments) {
    if (comment?.summary.some(({ text }) => text.trim() !== "") !== true) found.push("words")
    if (comment?.getTag("@since") === undefined) found.push("@since")
  }
  // A module without any category has no list of them. Otherwise, exports without one are in this category.
  const categories = one.parent?.isDeclaration() === true ? one.parent.categories : undefined
  const others = categories?.find(({ title }) => title === "Other")
  if (!isModule(one) && (categories === undefined || others?.children.includes(one) === true)) found.push("@category")
  return found
}

export const checkComments = (app: Application): void => {
  const check = (one: DeclarationReflection): void => {
    // A re-export has its comment at its declaration.
    if (one.isReference()) return
    for (const problem of problems(one)) app.logger.validationWarning(`${one.getFriendlyFullName()} has no ${problem}`)
    if (isModule(one)) one.children?.forEach(check)
  }
  app.on(Application.EVENT_VALIDATE_PROJECT, (project: ProjectReflection) => project.children?.forEach(check))
}
