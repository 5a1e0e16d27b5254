/** The recorded output of `inside.ts`, for tests that need a bus like the kernel's. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

const path = fileURLToPath(new URL("../../packages/node/test/w1/recorded.txt", import.meta.url))

/** Lines, without the parts that differ from run to run. */
const comparable = (recording: string): ReadonlyArray<string> =>
  recording.replaceAll(/(-- \S+\/w1_master_(?:attempts|pointer)\n)(?:[0-9a-f]{8}.*\n)+/g, "$1").split("\n")

/** The first line that differs from the recording. Empty if there is none. */
export const difference = (recording: string): string => {
  if (!Fs.existsSync(path)) return `there is no ${path}`
  const [kept, made] = [comparable(Fs.readFileSync(path, "utf8")), comparable(recording)]
  const index = made.findIndex((line, index) => line !== kept[index])
  if (index === -1) return kept.length === made.length ? "" : `it ends before: ${kept[made.length]}`
  const file = made.slice(0, index + 1).findLast((line) => /^(--|@@) /.test(line))
  return `${file}: ${made[index]}, and was: ${kept[index]}`
}

export const keep = (recording: string): void => Fs.writeFileSync(path, recording)
