/**
 * The families by what their chips are, each with a link to the page of its chip, which has its properties.
 */
import * as Families from "@effect-ownet/core/families"
import { type Application, type Comment, CommentTag, Converter, ReflectionKind } from "typedoc"
import { kindOf } from "../kinds.ts"

/** The names of the types that the pages of the chips show as tables. */
export const partsOfFamilies = Object.keys(Families).flatMap((name) => [`${name}Read`, `${name}Write`])

const known = new Map(Object.entries(Families))

const categorize = (comment: Comment | undefined, title: string): void => {
  comment?.removeTags("@category")
  comment?.blockTags.push(new CommentTag("@category", [{ kind: "text", text: title }]))
}

export const arrangeFamilies = (app: Application): void => {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const module = project.children?.find(({ name }) => name === "@effect-ownet/core/families")
    for (const one of module?.children ?? []) {
      const family = known.get(one.name)
      if (family === undefined) continue
      categorize(one.comment, one.kind === ReflectionKind.Variable ? kindOf(family) : "types")
      if (one.kind === ReflectionKind.Variable) {
        const text = `\n\nIts properties are on the page of [${family.chip}](../../docs/chips/${family.chip}.md).`
        one.comment?.summary.push({ kind: "text", text })
      }
    }
  }, -1)
}
