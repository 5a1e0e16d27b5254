/**
 * Signatures as they are written: what TypeScript has inferred or taken apart gets its name back.
 */
import {
  type Application,
  type Context,
  Converter,
  DeclarationReflection,
  makeRecursiveVisitor,
  ParameterReflection,
  type ProjectReflection,
  ReferenceType,
  ReflectionFlag,
  ReflectionKind,
  type SignatureReflection,
  type SomeType
} from "typedoc"
import type { TupleTypeReference, Type, TypeNode } from "typescript"

const find = (project: ProjectReflection, path: ReadonlyArray<string>): DeclarationReflection => {
  const found = project.getReflectionsByKind(ReflectionKind.TypeAlias).find((alias) =>
    alias.isDeclaration() && alias.getFullName() === path.join(".")
  )
  if (found instanceof DeclarationReflection) return found
  throw new Error(`There is no ${path.join(".")}`)
}

/** The union of all errors, and ROM ids, are expanded everywhere, because TypeScript does not keep their names. */
const namesOf = (project: ProjectReflection) => {
  const error = find(project, ["@effect-ownet/core", "OwError", "OwError"])
  const romId = find(project, ["@effect-ownet/core", "RomId", "RomId"])
  const errors = ["OwnetError", "OwnetTimeout", "ConnError", "ProtocolError", "ArgumentError"]
  const reference = (name: string, target: DeclarationReflection): SomeType =>
    ReferenceType.createResolvedReference(name, target, project)
  const isOneOf = (type: SomeType): boolean =>
    type.type === "reference" && errors.includes(type.name.replace(/.*\./, ""))
  // These names stand for what is taken apart elsewhere.
  const itself = new Set<unknown>([error.type, romId.type])
  return makeRecursiveVisitor({
    union: (union) => {
      if (itself.has(union) || union.types.filter(isOneOf).length !== errors.length) return
      union.types = [...union.types.filter((type) => !isOneOf(type)), reference("OwError.OwError", error)]
    },
    intersection: (intersection) => {
      if (itself.has(intersection) || !intersection.toString().includes("\"@effect-ownet/core/RomId\"")) return
      intersection.types = [reference("RomId.RomId", romId)]
    }
  })
}

/** The parameters of a signature, where they are the elements of a rest parameter, of which so many must be given. */
const unrolled = (signature: SignatureReflection, required: number): Array<ParameterReflection> =>
  (signature.parameters ?? []).flatMap((parameter) => {
    const { type } = parameter
    if (!parameter.flags.isRest || type?.type !== "tuple") return [parameter]
    return type.elements.flatMap((element, index) => {
      if (element.type !== "namedTupleMember") return []
      const one = new ParameterReflection(element.name, ReflectionKind.Parameter, signature)
      one.type = element.element
      one.setFlag(ReflectionFlag.Optional, index >= required)
      return [one]
    })
  })

/** What a parameter is called that is taken apart where it is declared: as its type is. */
const named = ({ type }: ParameterReflection): string => {
  const name = type?.type === "reference" && type.reflection !== undefined ? type.name.replace(/.*\./, "") : "Values"
  return name.charAt(0).toLowerCase() + name.slice(1)
}

/** How many elements a rest parameter must have: TypeDoc does not say which may be left out. */
const requiredOf = (context: Context, constant: DeclarationReflection): number => {
  const checker = context.programs[0].getTypeChecker()
  const symbol = context.getSymbolFromReflection(constant)
  const rest = symbol && checker.getTypeOfSymbol(symbol).getCallSignatures()[0]?.parameters[0]
  const type = rest && checker.getTypeOfSymbol(rest)
  return type !== undefined && checker.isTupleType(type) ? (type as TupleTypeReference).target.minLength : 0
}

/** A constant that holds a function is one. */
const toFunction = (context: Context, constant: DeclarationReflection): void => {
  if (constant.type?.type !== "reflection") return
  const { children, signatures } = constant.type.declaration
  if (signatures === undefined || children !== undefined) return
  const required = requiredOf(context, constant)
  for (const signature of signatures) {
    signature.name = constant.name
    signature.parent = constant
    signature.parameters = unrolled(signature, required)
    if (constant.comment !== undefined) signature.comment ??= constant.comment.clone()
    if (constant.sources !== undefined) signature.sources = constant.sources
  }
  constant.kind = ReflectionKind.Function
  constant.signatures = signatures
  delete constant.type
  delete constant.comment
  delete constant.defaultValue
  constant.setFlag(ReflectionFlag.Const, false)
}

type Convert = (context: Context, type: Type | TypeNode | undefined, node?: TypeNode) => SomeType

export const nameTypes = (app: Application): void => {
  // What is written is clearer than what TypeScript makes of it, which has lost the names of unions and brands.
  const { converter } = app
  // One signature for both of its overloads.
  const convertType = converter.convertType.bind(converter) as Convert
  const convertWritten: Convert = (context, type, node) =>
    convertType(context, node === undefined || node.getSourceFile().fileName.includes("node_modules") ? type : node)
  converter.convertType = convertWritten

  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const { project } = context
    for (const constant of project.getReflectionsByKind(ReflectionKind.Variable)) {
      if (constant instanceof DeclarationReflection) toFunction(context, constant)
    }
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === "__namedParameters" && parameter instanceof ParameterReflection) {
        parameter.name = named(parameter)
      }
    }
    const names = namesOf(project)
    for (const reflection of Object.values(project.reflections)) {
      if ("type" in reflection) (reflection as DeclarationReflection).type?.visit(names)
    }
  }, -1)
}
