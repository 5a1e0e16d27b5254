import { describe, expect, it } from "vitest"
import { clients } from "../src/clients.ts"
import { programOf } from "../src/rounds.ts"
import { type Workload, workloads } from "../src/workloads.ts"

const tools = {
  clients: new Map([["perl", ["perl", "calls"]]]),
  starts: new Map([["perl", ["perl", "start"]], ["owread", ["owread"]], ["floor", ["floor.mjs"]]])
}

const all = workloads({ rounds: 1, seconds: 1, isWarmed: false })

const programs = (isOne: (workload: Workload) => boolean) => {
  const workload = all.find(isOne)
  return new Map(clients.flatMap((client) => {
    const program = workload && programOf(client, workload, tools)
    return program === undefined ? [] : [[client.id, program]]
  }))
}

describe("the programs of the clients", () => {
  it("are others where a process is started for each call", () => {
    expect(programs(({ id }) => id === "W6")).toEqual(tools.starts)
  })

  it("are the host in Node, or what is there, where the calls follow each other", () => {
    const found = programs(({ id }) => id === "W1")
    expect(found.get("perl")).toEqual(["perl", "calls"])
    expect(found.get("floor")?.at(-1)).toBe("floor")
    expect(found.has("owread")).toBe(false)
  })

  it("belong to clients that are known, wherever a workload names them", () => {
    const known = new Set(clients.map(({ id }) => id))
    expect(all.flatMap(({ clients = [] }) => clients).filter((id) => !known.has(id))).toEqual([])
  })
})
