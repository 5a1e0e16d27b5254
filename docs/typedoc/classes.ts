/**
 * Classes without what Effect's constructors of classes give them, which is of no use to a reader.
 */
import {
  type Application,
  Converter,
  DeclarationReflection,
  ReferenceType,
  ReflectionKind,
  type SourceReference
} from "typedoc"

const classesOf = (
  app: Application,
  event: string,
  priority: number,
  each: (one: DeclarationReflection) => void
): void =>
  app.converter.on(event as typeof Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const one of project.getReflectionsByKind(ReflectionKind.Class)) {
      if (one instanceof DeclarationReflection) each(one)
    }
  }, priority)

const isElsewhere = ({ fullFileName }: SourceReference): boolean => fullFileName.includes("node_modules")

/** A field whose schema has a name has a type of the same name. */
const nameType = (field: DeclarationReflection): void => {
  const module = field.parent?.parent
  if (module?.isDeclaration() !== true) return
  const alias = module.children?.find(({ kind, name }) =>
    kind === ReflectionKind.TypeAlias && name === field.defaultValue
  )
  if (alias !== undefined) field.type = ReferenceType.createResolvedReference(alias.name, alias, alias.project)
}

export const simplifyClasses = (app: Application): void => {
  classesOf(app, Converter.EVENT_RESOLVE_BEGIN, -1, (one) => {
    const constructor = one.children?.find(({ kind }) => kind === ReflectionKind.Constructor)
    if (constructor?.signatures?.[0].sources?.some(isElsewhere) === true) one.project.removeReflection(constructor)
    for (const member of one.children ?? []) {
      if (member.sources !== undefined) member.sources = member.sources.filter((source) => !isElsewhere(source))
      nameType(member)
      delete member.defaultValue
    }
  })
  classesOf(app, Converter.EVENT_RESOLVE_END, -1000, (one) => {
    delete one.typeHierarchy
    for (const member of one.children ?? []) {
      for (const part of [member, member.getSignature, ...member.signatures ?? []]) {
        delete part?.inheritedFrom
        delete part?.overwrites
      }
    }
  })
}
