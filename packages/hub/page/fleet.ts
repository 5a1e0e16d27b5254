/** The runners of a fleet, and the servers that each of them follows. */
import { h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Store from "./store.ts"

interface Table {
  readonly element: HTMLElement
  readonly show: (rows: ReadonlyArray<ReadonlyArray<string>>) => void
}

/** Columns of words. All others contain figures, which are aligned at the right. */
const words = new Set(["Runner", "Site", "Server", "Followed by"])

/** A table whose cells change in place, so that a selection in it stays. A column without content is left out. */
const table = (caption: string, titles: ReadonlyArray<string>): Table => {
  const kinds = titles.map((title) => words.has(title) ? { class: "words" } : {})
  const heads = titles.map((title, column) => h("th", { scope: "col", ...kinds[column] }, title))
  const body = h("tbody", {})
  return {
    element: h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h("thead", {}, h("tr", {}, ...heads)),
      body
    ),
    show: (rows) => {
      while (body.children.length > rows.length) body.lastElementChild?.remove()
      while (body.children.length < rows.length) {
        body.append(
          h(
            "tr",
            {},
            ...titles.map((_, column) => column === 0 ? h("th", { scope: "row" }) : h("td", { ...kinds[column] }))
          )
        )
      }
      for (const [index, cells] of rows.entries()) {
        for (const [column, text] of cells.entries()) say(body.children[index].children[column], text)
      }
      for (const [column, head] of heads.entries()) {
        const isEmpty = rows.every((cells) => cells[column] === "")
        for (const cell of [head, ...Array.from(body.children, (row) => row.children[column])]) {
          put(cell, "hidden", isEmpty)
        }
      }
    }
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

export interface Fleet {
  readonly element: HTMLElement
  readonly update: (known: Store.Known) => void
}

/** Makes a section that is folded until you open it. Its summary names the problems. */
export const make = (): Fleet => {
  const summary = h("summary", {})
  const runners = table("Runners", ["Runner", "Site", "Servers", "Last heard", "Dropped"])
  const servers = table("Servers", ["Server", "Site", "Followed by"])
  const element = h(
    "section",
    { class: "panel fleet", "aria-label": "Fleet" },
    h("details", {}, summary, runners.element, servers.element)
  )
  return {
    element,
    update: ({ fleet, servers: known }) => {
      if (fleet === undefined) return
      const dropped = fleet.runners.reduce((sum, { dropped }) => sum + dropped, 0)
      const followed = known.filter(({ runner }) => runner !== undefined)
      const gone = fleet.runners.filter(({ isThere }) => !isThere)
      const problems = [
        ...gone.length === 0 ? [] : [`${counted(gone.length, "runner")} not heard`],
        ...fleet.unfollowed.length === 0 ? [] : [`${counted(fleet.unfollowed.length, "server")} not followed`],
        ...fleet.runner === undefined ? ["the hub moves to another runner"] : [],
        ...dropped === 0 ? [] : [`${counted(dropped, "event")} dropped`]
      ]
      put(element, "data-bad", problems.length > 0)
      say(
        summary,
        [
          `Fleet: ${counted(fleet.runners.length - gone.length, "runner")}, ${counted(followed.length, "server")}`,
          ...problems
        ].join(
          "; "
        )
      )
      const now = Store.now()
      runners.show(fleet.runners.map(({ dropped, runner, seen, servers, site, waiting }) => [
        runner === fleet.runner ? `${runner}, holds the hub` : runner,
        site ?? "",
        String(servers),
        `${Format.length(now - seen)} ago`,
        waiting === 0 ? String(dropped) : `${dropped}, ${waiting} waiting`
      ]))
      servers.show([
        ...fleet.unfollowed.map(({ server, site }) => [server, site ?? "", "no runner"]),
        ...followed.map(({ name, runner = "", site }) => [name, site ?? "", runner])
      ])
    }
  }
}
