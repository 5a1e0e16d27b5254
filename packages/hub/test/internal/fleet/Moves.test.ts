import type { Fleet } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Moves from "../../../src/internal/fleet/Moves.ts"

const runnerAt = (runner: string, seen: number): Fleet.Where["runners"][number] => ({
  runner,
  site: undefined,
  since: 0,
  seen,
  waiting: 0,
  dropped: 0
})

const server = (server: string, runner: string, since: number, before?: readonly [string, number]) => ({
  server,
  site: undefined,
  runner,
  since,
  seen: since,
  before: before && { runner: before[0], seen: before[1] }
})

const where = (now: number, ...servers: Fleet.Where["servers"]): Fleet.Where => ({
  runners: [runnerAt("a:1", now), runnerAt("b:1", now - 1)],
  once: [],
  servers
})

describe("moves of servers", () => {
  it("are told together, once nothing has moved for a while, and each once", () => {
    const moves = new Moves.Moves(100)
    const first = server("pi", "b:1", 110, ["a:1", 101.5])
    const others = ["p1", "p2", "p3", "p4"].map((name) => server(name, "b:1", 112, ["a:1", 100]))
    assert.deepStrictEqual(moves.take(where(112, first)), [])
    assert.deepStrictEqual(moves.take(where(114, first, ...others)), [])
    const told = moves.take(where(116, first, ...others))
    assert.deepStrictEqual(told, [{ from: "a:1", to: "b:1", servers: ["pi", "p1", "p2", "p3", "p4"], gap: 12 }])
    assert.deepStrictEqual(moves.take(where(120, first, ...others)), [])
    assert.deepStrictEqual(
      told.map(Moves.textOf),
      ["b:1 follows pi, p1, p2 and 2 more servers in place of a:1; nothing was read for up to 12 s"]
    )
  })

  it("are none of servers that are new, that the same runner follows again, or that moved before", () => {
    const moves = new Moves.Moves(100)
    const servers = [
      server("new", "a:1", 110),
      server("again", "a:1", 110, ["a:1", 105]),
      server("before", "b:1", 90, ["a:1", 80]),
      { ...server("never", "", 0), runner: undefined, since: undefined, seen: undefined }
    ]
    assert.deepStrictEqual(moves.take(where(120, ...servers)), [])
  })
})
