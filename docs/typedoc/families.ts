/**
 * The families by what their chips are, each with a link to the page of its chip, which has its properties.
 */
import * as Families from "@effect-ownet/core/families"
import { type Application, CommentTag, Converter, ReflectionKind } from "typedoc"
import { kindOf } from "../kinds.ts"

export const arrangeFamilies = (app: Application): void =>
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const known = new Map(Object.entries(Families))
    const module = project.children?.find(({ name }) => name === "@effect-ownet/core/families")
    for (const { comment, kind, name } of module?.children ?? []) {
      const family = known.get(name)
      if (family === undefined || comment === undefined) continue
      const isFamily = kind === ReflectionKind.Variable
      comment.removeTags("@category")
      comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: isFamily ? kindOf(family) : "types" }]))
      const text = `\n\nIts properties are on the page of [${family.chip}](../../docs/chips/${family.chip}.md).`
      if (isFamily) comment.summary.push({ kind: "text", text })
    }
  }, -1)
