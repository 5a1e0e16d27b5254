import { type Fleet, Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Board } from "../../src/internal/Board.ts"

const make = () =>
  new Board({
    title: "1-Wire",
    every: 10,
    notice: undefined,
    isAllowed: () => false,
    placeOf: Places.ofDevice
  }, { lastSeen: undefined, latest: [], places: [], series: [] })

const a = { runner: "10.0.0.1:34431", site: "barn", since: 1, seen: 100, waiting: 0, dropped: 0 }
const gone = { runner: "10.0.0.3:34431", site: undefined, since: 1, seen: 60, waiting: 0, dropped: 0 }
const b = { runner: "10.0.0.2:34431", site: undefined, since: 1, seen: 101, waiting: 3, dropped: 7 }

const server = (server: string, runner: string | undefined, site?: string): Fleet.Where["servers"][number] => ({
  server,
  site,
  runner,
  since: runner === undefined ? undefined : 1,
  seen: runner === undefined ? undefined : 100,
  before: undefined
})

const where: Fleet.Where = {
  runners: [a, b, gone],
  once: [{ name: "hub", runner: b.runner }],
  servers: [
    server("cellar", a.runner, "barn"),
    server("attic", b.runner),
    // Its runner has fallen silent.
    server("shed", gone.runner),
    server("mill", undefined, "mill")
  ]
}

describe("the fleet on the board", () => {
  it("is not there in one process", () => {
    const board = make()
    board.setFleet({ runners: [], once: [{ name: "hub", runner: "" }], servers: [server("pi", "")] })
    assert.isUndefined(board.change(1))
    assert.notProperty(board.state(1), "fleet")
  })

  it("says who follows what, who holds the hub, and what nobody follows", () => {
    const board = make()
    for (const server of ["cellar", "attic", "shed"]) board.take({ _tag: "ServerAdded", at: new Date(0), server })
    board.change(1)
    board.setFleet(where)
    const state = board.state(1)
    assert.deepStrictEqual(state.fleet, {
      runner: b.runner,
      runners: [
        { runner: a.runner, site: "barn", seen: 100, isThere: true, servers: 1, waiting: 0, dropped: 0 },
        { runner: b.runner, seen: 101, isThere: true, servers: 1, waiting: 3, dropped: 7 },
        { runner: gone.runner, seen: 60, isThere: false, servers: 0, waiting: 0, dropped: 0 }
      ],
      unfollowed: [{ server: "shed" }, { server: "mill", site: "mill" }]
    })
    assert.deepStrictEqual(state.servers, [
      { name: "cellar", runner: a.runner, site: "barn", buses: [] },
      { name: "attic", runner: b.runner, buses: [] },
      { name: "shed", buses: [] }
    ])
    const change = board.change(1)
    assert.deepStrictEqual([change?.fleet, change?.servers], [state.fleet, state.servers])
  })

  it("is told again only when something of it has changed, and the servers only when they move", () => {
    const board = make()
    board.take({ _tag: "ServerAdded", at: new Date(0), server: "attic" })
    board.setFleet(where)
    board.change(1)
    board.setFleet(structuredClone(where))
    assert.isUndefined(board.change(2))
    board.setFleet({ ...where, runners: [a, { ...b, seen: 103 }] })
    const heard = board.change(3)
    assert.deepInclude(heard?.fleet?.runners[1], { runner: b.runner, seen: 103 })
    assert.notProperty(heard, "servers")
    board.setFleet({
      ...where,
      servers: [server("attic", a.runner)],
      once: [{ name: "hub", runner: "10.0.0.3:34431" }]
    })
    const moved = board.change(4)
    assert.notProperty(moved?.fleet, "runner")
    assert.deepStrictEqual(moved?.servers, [{ name: "attic", runner: a.runner, buses: [] }])
  })
})
