/**
 * Messages in the sources: the texts of a module that are long enough to be read by a person.
 */
import ts from "typescript"

/** Minimum number of words of a message. Shorter texts are names and keys. */
const least = 4

/** Stands for a value in a template. */
const value = "X"

const isPlus = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken

/** The text of a literal, a template, or a sum of these. */
const textOf = (node: ts.Expression): string | undefined => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression)
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => value + literal.text).join("")
  }
  if (!isPlus(node)) return undefined
  const [left, right] = [textOf(node.left), textOf(node.right)]
  return left === undefined && right === undefined ? undefined : `${left ?? value}${right ?? value}`
}

const isMessage = (text: string): boolean =>
  (text.match(/(?<!\S)[("']?[a-z][a-z'-]*[.,;:)"'?]*(?!\S)/gi) ?? []).length >= least

/** The messages as Markdown, with a paragraph for each; and for each line of it, the line of the source. */
export const of = (
  path: string,
  source: string
): { readonly document: string; readonly lines: ReadonlyArray<number> } => {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true)
  const written: Array<string> = []
  const lines: Array<number> = []
  const visit = (node: ts.Node): void => {
    // Statements of SQL.
    if (ts.isTaggedTemplateExpression(node)) return
    const text = ts.isExpression(node) ? textOf(node) : undefined
    if (text !== undefined && isMessage(text)) {
      const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
      for (const part of text.split("\n").flatMap((part) => [part.trim(), ""])) {
        written.push(part)
        lines.push(line)
      }
    }
    // The values in a template may be messages, too, but the parts of a sum are in the sum.
    if (text === undefined || !isPlus(node)) ts.forEachChild(node, visit)
    else forValues(node, visit)
  }
  visit(file)
  return { document: written.join("\n"), lines }
}

/** Visits the values of the templates in a sum, and its parts that are not texts. */
const forValues = (node: ts.Expression, visit: (node: ts.Node) => void): void => {
  if (isPlus(node)) {
    forValues(node.left, visit)
    forValues(node.right, visit)
  } else if (textOf(node) === undefined) visit(node)
  else ts.forEachChild(node, visit)
}
