/**
 * The difference of two texts, line by line.
 */

/** Lengths of the longest common subsequences of lines, by the number of lines that follow in each text. */
const common = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<number>> => {
  const lengths = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] = a[i] === b[j]
        ? lengths[i + 1]![j + 1]! + 1
        : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  return lengths
}

/** Maximum lines to compare. No unit is that long. */
const mostLines = 1000

/** Removed lines with a leading `-`, and added lines with a leading `+`. Empty if there are none. */
export const of = (before: string, after: string): ReadonlyArray<string> => {
  const a = before.split("\n").slice(0, mostLines)
  const b = after.split("\n").slice(0, mostLines)
  const lengths = common(a, b)
  const lines: Array<string> = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (j === b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) lines.push(`- ${a[i++]}`)
    else lines.push(`+ ${b[j++]}`)
  }
  return lines
}
