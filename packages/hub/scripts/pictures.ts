/**
 * Draws the pictures of the page anew, for the README and the guide: `ow hub --demo` in Chromium, once something is amiss in the
 * house. That takes a minute.
 *
 *     node packages/cli/scripts/build.ts && node packages/hub/scripts/pictures.ts
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Console, Effect, FileSystem, Schedule, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"
import { type BrowserContextOptions, chromium } from "playwright-core"
import type * as Api from "../src/Api.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

interface Scene {
  readonly name: string
  readonly options: BrowserContextOptions
}

const scenes: ReadonlyArray<Scene> = [
  { name: "hub", options: { viewport: { width: 1360, height: 900 }, colorScheme: "light" } },
  {
    name: "hub-phone",
    options: {
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      colorScheme: "dark",
      isMobile: true,
      hasTouch: true
    }
  }
]

/** Starts the hub, and gives the address of its page. */
const hub = Effect.gen(function*() {
  const ow = `${root}packages/cli/dist/ow.cjs`
  const args = [ow, "hub", "--demo", "--listen", "0", "--title", "At home"]
  const running = yield* ChildProcess.make(process.execPath, args, { stdin: "ignore", stderr: "inherit" })
  const line = yield* running.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runHead)
  return yield* Effect.fromOption(line)
})

const isAmiss = Effect.fnUntraced(function*(url: string) {
  const now = (yield* Clock.currentTimeMillis) / 1000
  const events: ReadonlyArray<Api.Event> = yield* Effect.promise(() =>
    fetch(`${url}api/v1/events?limit=10`).then((response) => response.json())
  )
  return events.some(({ at, kind }) => kind === "LimitExceeded" && now - at < 60)
})

const draw = Effect.fnUntraced(function*(url: string, { name, options }: Scene) {
  const profile = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const context = yield* Effect.acquireRelease(
    Effect.promise(() =>
      chromium.launchPersistentContext(profile, {
        executablePath: "/usr/bin/chromium",
        args: ["--no-sandbox", "--disable-gpu"],
        locale: "en-GB",
        timezoneId: "Europe/Berlin",
        ...options
      })
    ),
    (context) => Effect.promise(() => context.close())
  )
  const path = `${root}docs/pictures/${name}.png`
  const page = yield* Effect.promise(() => context.newPage())
  yield* Effect.promise(() => page.goto(url))
  yield* Effect.promise(() => page.waitForSelector("canvas"))
  // Charts are drawn as they come into view.
  yield* Effect.sleep("2 seconds")
  yield* Effect.promise(() => page.screenshot({ path }))
  yield* Console.log(path)
}, Effect.scoped)

const main = Effect.gen(function*() {
  const url = yield* hub
  yield* Effect.repeat(isAmiss(url), { until: (isSo) => isSo, schedule: Schedule.spaced("1 second") })
  yield* Effect.sleep("5 seconds")
  yield* Effect.forEach(scenes, (scene) => draw(url, scene))
}).pipe(Effect.scoped, Effect.timeout("3 minutes"))

NodeRuntime.runMain(Effect.provide(main, NodeServices.layer))
