/**
 * Draws the pictures of the guides again: the output of `ow` on a terminal, for a simulated house. Draws all of them, or the
 * named ones.
 *
 *     node packages/cli/scripts/record-terminal.ts [NAME…]
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Console, Data, Effect, FileSystem, Stdio } from "effect"
import { fileURLToPath } from "node:url"
import * as Terminal from "../test/fixtures/terminal.ts"
import * as Picture from "./Picture.ts"

interface Scene {
  readonly name: string
  /** Arguments after `ow`. */
  readonly args: ReadonlyArray<string>
  readonly columns: number
  /** Seconds until Ctrl-C ends a moving picture. Without it, the picture shows the final screen. */
  readonly seconds?: number
}

const scenes: ReadonlyArray<Scene> = [
  { name: "scan", args: ["scan"], columns: 84 },
  { name: "watch", args: ["watch"], columns: 84, seconds: 12 },
  { name: "doctor", args: ["doctor"], columns: 84 }
]

/** Enough rows for the output of any command. Pictures are only as high as their content. */
const rows = 40

const { script } = SimulatedNetwork

const house: SimulatedNetwork.Description = {
  "28.6F9AC9070000": {
    alias: "kitchen",
    temperature: script([["0 seconds", 21.4375], ["4 seconds", 21.5], ["8 seconds", 21.625]])
  },
  "28.4C21D3070000": { alias: "cellar", temperature: script([["0 seconds", 11.0625], ["6 seconds", 11]]) },
  "10.9E3B72020800": {
    alias: "boiler",
    temperature: script([["0 seconds", 63.5], ["3 seconds", 64.5], ["7 seconds", 65.5]]),
    temphigh: 65
  },
  "26.5D1D8A010000": { alias: "bathroom", temperature: 23.28125, humidity: 48.5, VAD: 1.23, VDD: 4.98 },
  "29.A4210C000000": { alias: "relays", "PIO.BYTE": 0b1001_0110 },
  "/1F.8A7703000000/main/1D.77A20D000000": { alias: "gas", "counter.A": 30_514 },
  "/bus.1/28.E30BD4070000": { alias: "attic", temperature: script([["0 seconds", 17.25], ["5 seconds", 17.3125]]) }
}

class RecordingError extends Data.TaggedError("RecordingError")<{ readonly message: string }> {}

const root = fileURLToPath(new URL("../../..", import.meta.url))
const ow = `${root}packages/cli/dist/ow.cjs`
const pictures = `${root}docs/pictures`

type Frames = Picture.Picture["frames"]

/** The final screen. */
const still = Effect.fnUntraced(function*({ cells, exit }: Terminal.Terminal): Effect.fn.Return<
  Frames,
  Terminal.TerminalError
> {
  yield* exit
  return [{ at: 0, cells: yield* cells }]
})

/** The screen each time that it stops changing. */
const film = Effect.fnUntraced(function*({ cells }: Terminal.Terminal, seconds: number) {
  const begin = yield* Clock.currentTimeMillis
  const frames: [Picture.Frame, ...Array<Picture.Frame>] = [{ at: 0, cells: yield* cells }]
  let before = frames[0]
  while (before.at < seconds) {
    yield* Effect.sleep("50 millis")
    const now = { at: ((yield* Clock.currentTimeMillis) - begin) / 1000, cells: yield* cells }
    const isSame = (other: Picture.Frame) => JSON.stringify(other.cells) === JSON.stringify(now.cells)
    if (isSame(before) && !isSame(frames[frames.length - 1])) frames.push(before)
    before = now
  }
  return frames
})

const record = Effect.fnUntraced(function*({ args, columns, name, seconds }: Scene) {
  // The default address of a server, so that the commands need not name it.
  yield* NodeSimulatedServer.start(house, { port: 4304, conversions: "real" })
  const title = ["ow", ...args].join(" ")
  const prompt = `printf '\\033[32m$\\033[0m \\033[1m%s\\033[0m\\n' "$0"; exec "$@"`
  const terminal = yield* Terminal.run("sh", ["-c", prompt, title, process.execPath, ow, ...args], { columns, rows })
  yield* terminal.awaitScreen(([line]) => line.startsWith("$ ow"))

  // A moving picture begins with values, not with places.
  if (seconds !== undefined) {
    yield* terminal.awaitScreen((lines) =>
      lines.filter((line) => line !== "").length > 2 && !lines.join().includes("–")
    )
  }
  const frames: Frames = seconds === undefined ? yield* still(terminal) : yield* film(terminal, seconds)
  const lines = yield* terminal.screen
  const failed = (problem: string) =>
    new RecordingError({ message: [`${name}: ${problem}`, ...lines].join("\n").trimEnd() })
  if (lines.every((line, row) => row === 0 || line === "")) return yield* failed("it shows nothing")
  if (seconds !== undefined) {
    if (frames.length === 1) return yield* failed("nothing moves")
    yield* terminal.send("\u0003")
  }
  const status = yield* terminal.exit
  if (status !== (seconds === undefined ? 0 : 130)) return yield* failed(`it ended with status ${status}`)
  return Picture.render({ title, frames, seconds })
}, Effect.scoped)

const program = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const names = yield* (yield* Stdio.Stdio).args
  const unknown = names.find((name) => scenes.every((scene) => scene.name !== name))
  if (unknown !== undefined) {
    const known = scenes.map(({ name }) => name).join(", ")
    return yield* new RecordingError({ message: `no picture is called ${unknown}; there are ${known}` })
  }
  if (!(yield* files.exists(ow))) return yield* new RecordingError({ message: `${ow} is not built` })
  yield* files.makeDirectory(pictures, { recursive: true })
  for (const scene of scenes.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const picture = yield* record(scene)
    yield* files.writeFileString(`${pictures}/${scene.name}.svg`, picture)
    yield* Console.log(`docs/pictures/${scene.name}.svg: ${Math.ceil(picture.length / 1000)} kB`)
  }
})

program.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
