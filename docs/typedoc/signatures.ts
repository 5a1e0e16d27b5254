/**
 * Signatures as they are written, instead of what TypeScript infers: it loses the names of unions and brands.
 */
import {
  type Application,
  type Context,
  Converter,
  DeclarationReflection,
  ParameterReflection,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
  type SignatureReflection,
  type SomeType
} from "typedoc"
import type { TupleTypeReference, Type, TypeNode } from "typescript"

/** Names a parameter that is destructured after its type. */
const nameOf = (type: SomeType | undefined): string => {
  const name = type?.type === "reference" ? type.name.replace(/.*\./, "") : "options"
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** `Effect.fnUntraced` gives a function one rest parameter, a tuple: its elements are the parameters. */
const unroll = (context: Context, constant: DeclarationReflection, signature: SignatureReflection): void => {
  const [rest] = signature.parameters ?? []
  if (rest?.flags.isRest !== true || rest.type?.type !== "tuple") return
  // TypeDoc does not know which of them are optional.
  const checker = context.programs[0].getTypeChecker()
  const symbol = context.getSymbolFromReflection(constant)
  const tuple = symbol && checker.getTypeOfSymbol(symbol).getCallSignatures()[0]?.parameters[0]
  const required = tuple && (checker.getTypeOfSymbol(tuple) as TupleTypeReference).target.minLength
  signature.parameters = rest.type.elements.map((element, index) => {
    const isNamed = element.type === "namedTupleMember"
    const type = isNamed ? element.element : element.type === "optional" ? element.elementType : element
    const parameter = new ParameterReflection(
      isNamed ? element.name : nameOf(type),
      ReflectionKind.Parameter,
      signature
    )
    parameter.type = type
    parameter.setFlag(ReflectionFlag.Optional, required !== undefined && index >= required)
    return parameter
  })
}

/** A constant that holds a function is shown as a function. */
const toFunction = (context: Context, constant: DeclarationReflection): void => {
  const { children, signatures } = constant.type?.type === "reflection" ? constant.type.declaration : {}
  constant.setFlag(ReflectionFlag.Const, signatures === undefined)
  if (signatures === undefined || children !== undefined) return
  for (const signature of signatures) {
    unroll(context, constant, signature)
    Object.assign(signature, { name: constant.name, parent: constant, sources: constant.sources })
    if (constant.comment !== undefined) signature.comment ??= constant.comment.clone()
  }
  Object.assign(constant, { kind: ReflectionKind.Function, signatures, type: undefined, comment: undefined })
}

/** A field of a class whose schema has a name has a type of the same name. */
const nameField = (field: DeclarationReflection): void => {
  const module = field.parent?.kind === ReflectionKind.Class ? field.parent.parent : undefined
  const alias = module?.isDeclaration() === true
    ? module.children?.find(({ kind, name }) => kind === ReflectionKind.TypeAlias && name === field.defaultValue)
    : undefined
  if (alias !== undefined) field.type = ReferenceType.createResolvedReference(alias.name, alias, alias.project)
}

type Convert = (context: Context, type: Type | TypeNode | undefined, node?: TypeNode) => SomeType

export const writeSignatures = ({ converter }: Application): void => {
  const convertType = converter.convertType.bind(converter) as Convert
  const convertWritten: Convert = (context, type, node) =>
    convertType(context, node === undefined || node.getSourceFile().fileName.includes("node_modules") ? type : node)
  converter.convertType = convertWritten

  converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const { project } = context
    for (const one of project.getReflectionsByKind(ReflectionKind.All)) {
      if (one instanceof ParameterReflection && one.name === "__namedParameters") one.name = nameOf(one.type)
      if (!(one instanceof DeclarationReflection)) continue
      if (one.kind === ReflectionKind.Variable) toFunction(context, one)
      if (one.kind === ReflectionKind.Property) nameField(one)
      delete one.defaultValue
      // The constructors that Effect's classes inherit are not documented here.
      const [{ sources = [] } = {}] = one.kind === ReflectionKind.Constructor ? one.signatures ?? [] : []
      if (sources.some(({ fullFileName }) => fullFileName.includes("node_modules"))) project.removeReflection(one)
    }
  }, -1)
}
