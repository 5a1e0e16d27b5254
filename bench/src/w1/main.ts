/**
 * The cost of the kernel's bus instead of an owserver: a hundred DS18B20 on two bus masters, followed every 10 seconds, with
 * masters that make all their chips convert at the same time, and with masters that cannot. Plain files replace the kernel's, and
 * `native/w1.c` gives them the delays of real chips. Meanwhile another client waits for its answers, and keepalives.
 *
 *     pnpm bench:w1
 */
import { Header, MessageType, Request, RomId } from "@effect-ownet/core"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, type Scope } from "effect"
import { execFileSync, fork } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import * as FakeW1 from "../../../packages/node/test/fixtures/FakeW1.ts"
import { markdown } from "../table.ts"
import type { Figures, FromHouse } from "./house.ts"

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

interface Built {
  /** The library that gives files their delays. */
  readonly library: string
  /** The measured process, bundled like `ow`, because Node uses memory to strip types. */
  readonly house: string
}

/** Built files, until the scope closes. */
const built = Effect.flatMap(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-bench-w1-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) =>
    Effect.promise(async (): Promise<Built> => {
      const library = join(folder, "w1.so")
      execFileSync("cc", ["-O2", "-shared", "-fPIC", "-o", library, at("../native/w1.c"), "-ldl", "-lpthread"])
      const made = await rolldown({ input: { house: at("house.ts") }, platform: "node", onLog: () => {} })
      await made.write({ dir: folder, entryFileNames: "[name].mjs", chunkFileNames: "chunk-[name].mjs" })
      return { library, house: join(folder, "house.mjs") }
    })
)

const masters = [1, 2]
const chipsEach = 50

const idOf = (master: number, chip: number): string => {
  const digits = (1000 * master + chip).toString(16).toUpperCase().padStart(12, "0")
  return RomId.format(RomId.fromStringUnsafe(`28.${digits}`))
}

/** A folder of two bus masters with their chips. */
const tree = Effect.fnUntraced(function*(canConvertAll: boolean) {
  const tree = yield* FakeW1.make()
  for (const master of masters) {
    if (master > 1) tree.addMaster(master)
    for (let chip = 0; chip < chipsEach; chip++) {
      tree.add(idOf(master, chip), FakeW1.thermometer(10 + chip / 4, { low: -55, high: 125 }), master)
    }
    if (!canConvertAll) tree.setMaster(master, "therm_bulk_read", null)
  }
  return tree.folder
})

const keepaliveEvery = 1000

/** Milliseconds for which a client leaves a chip alone after a read, which takes time from the others. */
const rest = 3000

/** Observations of a client that sometimes reads a chip. */
const witness = (port: number): Effect.Effect<{ readonly gaps: () => ReadonlyArray<number> }, never, Scope.Scope> =>
  Effect.gen(function*() {
    const gaps: Array<number> = []
    const request = Request.encode({
      type: MessageType.Read,
      flags: 0x124,
      size: 8192,
      offset: 0,
      path: `/uncached/${idOf(1, 0)}/temperature`
    })
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => Net.connect({ host: "127.0.0.1", port, noDelay: true })),
      (socket) => Effect.sync(() => socket.destroy())
    )
    let heard = performance.now()
    socket.on("data", (chunk: Buffer) => {
      const now = performance.now()
      const { payload } = Header.decodeReply(chunk)
      if (payload < 0) gaps.push(now - heard)
      heard = now
      if (payload >= 0) setTimeout(ask, rest).unref()
    })
    const ask = (): void => {
      heard = performance.now()
      socket.write(request)
    }
    ask()
    return { gaps: () => gaps }
  })

interface Measured {
  readonly figures: Figures
  readonly gaps: ReadonlyArray<number>
}

const measure = Effect.fnUntraced(function*({ house, library }: Built, canConvertAll: boolean, seconds: number) {
  const folder = yield* tree(canConvertAll)
  const started = Deferred.makeUnsafe<number>()
  const measured = Deferred.makeUnsafe<Figures>()
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const child = fork(house, [folder, "30", String(seconds)], {
        execArgv: ["--no-warnings"],
        env: { ...process.env, LD_PRELOAD: library }
      })
      // The message comes from house.ts.
      child.on("message", (message) => {
        const told = message as FromHouse
        if (told._tag === "Started") Deferred.doneUnsafe(started, Effect.succeed(told.port))
        else Deferred.doneUnsafe(measured, Effect.succeed(told.figures))
      })
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const { gaps } = yield* witness(yield* Deferred.await(started))
  const figures = yield* Effect.timeout(Deferred.await(measured), `${seconds + 60} seconds`)
  return { figures, gaps: gaps() } satisfies Measured
}, Effect.scoped)

const seconds = (times: ReadonlyArray<number>): string => times.map((time) => time.toFixed(1)).join(", ")

const program = Effect.gen(function*() {
  const programs = yield* built
  const columns: Array<readonly [string, Measured]> = []
  for (
    const [title, canConvertAll, seconds] of [
      ["all at once", true, 60],
      ["one after another", false, 80]
    ] as const
  ) columns.push([title, yield* measure(programs, canConvertAll, seconds)])
  const row = (title: string, of: (measured: Measured) => string) => [title, ...columns.map(([, one]) => of(one))]
  const late = ({ gaps }: Measured, of: (...gaps: ReadonlyArray<number>) => number) =>
    gaps.length === 0 ? "-" : (of(...gaps) - keepaliveEvery).toFixed(0)
  yield* Console.log(`${masters.length * chipsEach} DS18B20 on ${masters.length} bus masters, which convert`)
  yield* Console.log(markdown([
    ["", ...columns.map(([title]) => title)],
    row("CPU, % of a core", ({ figures }) => (100 * figures.cpu).toFixed(2)),
    row("memory, MB", ({ figures }) => figures.resident.toFixed(0)),
    row("of it before anything was read, MB", ({ figures }) => figures.residentBefore.toFixed(0)),
    row("the heap, MB", ({ figures }) => figures.heap.toFixed(0)),
    row("values a minute", ({ figures }) => figures.values.toFixed(0)),
    row("first to last value of a round, s", ({ figures }) => seconds(figures.rounds)),
    row("failures", ({ figures }) => `${figures.failures}`),
    row("keepalives to another client", ({ gaps }) => `${gaps.length}`),
    row("latest of them, ms late", (one) => late(one, Math.max)),
    row("earliest of them, ms late", (one) => late(one, Math.min))
  ]))
})

NodeRuntime.runMain(Effect.scoped(program))
