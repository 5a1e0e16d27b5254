/**
 * The line in the configuration of a Raspberry Pi's firmware that makes its kernel show a 1-Wire bus.
 */
import * as Effect from "effect/Effect"
import * as SmallFile from "./SmallFile.ts"

/** Possible paths of the file, the current one first. */
const paths = ["/boot/firmware/config.txt", "/boot/config.txt"] as const

const line = "dtoverlay=w1-gpio"

export interface Config {
  readonly path: string
  /** Lines for a bus on a pin, unchanged. */
  readonly lines: ReadonlyArray<string>
  /** Whether the file has such a line with a `#` before it. */
  readonly isCommented: boolean
}

const isMeant = (line: string): boolean => /^dtoverlay\s*=\s*w1-gpio(?:-pullup)?(?:-pi5)?(?:,.*)?$/.test(line)

/** Parses the lines about buses in the text of a file. */
const parse = (path: string, text: string): Config => {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  return {
    path,
    lines: lines.filter(isMeant).slice(0, 8),
    isCommented: lines.some((line) => line.startsWith("#") && isMeant(line.replace(/^#+\s*/, "")))
  }
}

/** The file of this machine, or `undefined` if no such file is readable. */
export const read = (from: ReadonlyArray<string> = paths): Effect.Effect<Config | undefined> =>
  Effect.gen(function*() {
    for (const path of from) {
      const text = yield* Effect.option(SmallFile.text(path, 1 << 18))
      if (text._tag === "Some") return parse(path, text.value)
    }
    return undefined
  })

/** Advice on how to make the kernel show a bus. */
export const advice = (config: Config | undefined): string => {
  if (config === undefined) {
    return `On a Raspberry Pi, write the line ${line} into ${paths[0]} (${
      paths[1]
    } on older systems) and restart it. Elsewhere, load the driver of the bus master, such as that of a DS9490R: sudo modprobe ds2490`
  }
  const { isCommented, lines, path } = config
  if (lines.length > 0) {
    return `${path} has the line ${
      lines.join(" and ")
    }: restart the Raspberry Pi if that is new; if not, look at the ` +
      "system's messages about it: sudo dmesg | grep -i w1"
  }
  return isCommented
    ? `Remove the # before ${line} in ${path}, and restart the Raspberry Pi`
    : `Write the line ${line} at the end of ${path}, and restart the Raspberry Pi`
}
