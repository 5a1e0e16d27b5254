/** What a guide has its reader do, in order: commands of a shell, and files to write. */
import { spawnSync } from "node:child_process"

/** A command that a reader types. */
export interface Command {
  readonly _tag: "Command"
  readonly line: number
  /** As it stands, with its continuation lines. */
  readonly text: string
  /** What it prints, as the guide shows it. */
  readonly shown: string | undefined
}

/** A file whose contents the guide shows. */
export interface File {
  readonly _tag: "File"
  readonly line: number
  readonly language: string
  /** As the paragraph before it names it, or where `systemctl edit` keeps it. */
  readonly path: string
  readonly content: string
  /** The guide adds to the file that is there. */
  readonly adds: boolean
}

export type Step = Command | File

interface Fence {
  readonly line: number
  readonly language: string
  readonly lines: ReadonlyArray<string>
  /** The paragraph before it. */
  readonly lead: string
  /** Nothing stands between it and the fence before. */
  readonly followsFence: boolean
}

const fencesOf = (text: string): ReadonlyArray<Fence> => {
  const fences: Array<Fence> = []
  let paragraph: Array<string> = []
  let followsFence = false
  let open: { line: number; language: string; indent: number; mark: string; lines: Array<string> } | undefined
  for (const [index, line] of text.split("\n").entries()) {
    const mark = /^( *)(`{3,}|~{3,})(\w*)/.exec(line)
    if (open !== undefined) {
      if (line.trim() === open.mark) {
        fences.push({ ...open, lead: paragraph.join(" "), followsFence })
        open = undefined
        paragraph = []
        followsFence = true
      } else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
    } else if (mark !== null) {
      const [, indent = "", fence = "", language = ""] = mark
      open = { line: index + 1, language, indent: indent.length, mark: fence, lines: [] }
    } else if (line.trim() !== "") {
      // A blank line before the fence does not end the paragraph that leads to it, and one within the text does.
      if (index > 0 && text.split("\n")[index - 1]?.trim() === "") paragraph = []
      paragraph.push(line.trim())
      followsFence = false
    }
  }
  return fences
}

/** Whether a shell would wait for more lines. */
const isUnfinished = (text: string): boolean => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })
  return text.endsWith("\\") || status !== 0 && /unexpected end of file|unexpected EOF/.test(stderr) ||
    stderr.includes("here-document")
}

const commandsOf = ({ line, lines }: Fence): ReadonlyArray<Command> => {
  const commands: Array<Command> = []
  let pending = ""
  for (const [index, each] of lines.entries()) {
    if (pending === "" && /^\s*(#|$)/.test(each)) continue
    pending += each
    if (index + 1 < lines.length && isUnfinished(pending)) pending += "\n"
    else {
      const first = line + 1 + index - (pending.split("\n").length - 1)
      commands.push({ _tag: "Command", line: first, text: pending, shown: undefined })
      pending = ""
    }
  }
  return commands
}

const sessionOf = ({ line, lines }: Fence): ReadonlyArray<Command> => {
  const commands: Array<Command> = []
  for (let at = 0; at < lines.length;) {
    const first = at
    const typed = [(lines[at++] ?? "").replace(/^\$ /, "")]
    while (at < lines.length && isUnfinished(typed.join("\n"))) typed.push((lines[at++] ?? "").replace(/^> /, ""))
    const shown: Array<string> = []
    while (at < lines.length && !lines[at]?.startsWith("$ ")) shown.push(lines[at++] ?? "")
    commands.push({ _tag: "Command", line: line + 1 + first, text: typed.join("\n"), shown: shown.join("\n") })
  }
  return commands
}

/** Languages of files that a reader writes. */
const written = new Set(["", "conf", "dockerfile", "ini", "js", "json", "sql", "text", "toml", "ts", "xml", "yaml"])

const isFile = (name: string): boolean =>
  /^[~\w./-]+\.(?:conf|csv|env|ini|js|json|md|rules|service|socket|sql|timer|toml|ts|txt|xml|ya?ml|aliases)$/.test(name)

/** The file that a paragraph is about: the last one that it names. */
const fileOf = (fence: Fence): Omit<File, "_tag" | "line"> | undefined => {
  if (!written.has(fence.language) || fence.followsFence) return undefined
  const { language, lead } = fence
  const edited = /systemctl edit (\S+?)`/.exec(lead)?.[1]
  const path = edited !== undefined
    ? `/etc/systemd/system/${edited.includes(".") ? edited : `${edited}.service`}.d/override.conf`
    : Array.from(lead.matchAll(/`([^`]+)`/g), ([, name = ""]) => name).findLast(isFile)
  if (path === undefined) return undefined
  const isUnit = /^[\w@-]+\.(?:service|socket|timer)$/.test(path)
  return {
    language,
    path: isUnit ? `/etc/systemd/system/${path}` : path,
    content: `${fence.lines.join("\n")}\n`,
    adds: /\b(?:goes on|adds?|append|too)\b/i.test(lead)
  }
}

/** The steps of a guide. A fence of text right after commands is what the last of them prints. */
export const stepsOf = (text: string): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  for (const fence of fencesOf(text)) {
    if (fence.language === "sh" || fence.language === "bash") steps.push(...commandsOf(fence))
    else if (fence.language === "console") steps.push(...sessionOf(fence))
    else if ((fence.language === "text" || fence.language === "") && fence.followsFence) {
      const last = steps.at(-1)
      // What begins with a prompt is a session of somebody else.
      if (last?._tag === "Command" && last.shown === undefined && !fence.lines[0]?.startsWith("$ ")) {
        steps.splice(-1, 1, { ...last, shown: fence.lines.join("\n") })
      }
    } else {
      const file = fileOf(fence)
      if (file !== undefined) steps.push({ _tag: "File", line: fence.line, ...file })
    }
  }
  return steps
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

/** Whether output is as a guide shows it: `…` stands for anything; times, spans of time, free ports and trailing blanks vary. */
export const isAsShown = (shown: string, output: string): boolean => {
  const pattern = shown.trim().split("\n").map((line) =>
    escaped(line.trimEnd())
      .replaceAll(
        /\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|\\\+\d\d:\d\d)?)?/g,
        "\\d{4}-\\d\\d-\\d\\d(?:T[\\d:.]+(?:Z|[+-]\\d\\d:\\d\\d)?)?"
      )
      .replaceAll(/\b\d\d:\d\d:\d\d\b/g, "\\d\\d:\\d\\d:\\d\\d")
      .replaceAll(/\b\d+(?:\\\.\d+)?(?= (?:ms|s|seconds|kB|MB)\b)/g, "\\d+(?:\\.\\d+)?")
      .replaceAll(/ *…/g, "[\\s\\S]*?")
  ).join("[ \\t]*\n")
  return new RegExp(`^\\s*${pattern}\\s*$`).test(output)
}
