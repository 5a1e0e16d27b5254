/**
 * The container of the hub, without Docker: a linter reads its file, and what the file runs in the end is run, as the user it names,
 * from the directories it makes.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Linter from "dockerfile-utils"
import { Effect, Schedule } from "effect"
import { execFile, spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parse } from "yaml"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const file = readFileSync(join(root, "Dockerfile"), "utf8")

/** The arguments of an instruction, the last one of its kind. */
const last = (keyword: string): string => [...file.matchAll(new RegExp(`^${keyword} (.*)$`, "gm"))].at(-1)?.[1] ?? ""

const words = (keyword: string): ReadonlyArray<string> => JSON.parse(/\[.*\]$/.exec(last(keyword))?.[0] ?? "[]")

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

describe("the container", () => {
  it("is described without a fault that a linter knows", () => {
    assert.deepStrictEqual(Linter.validate(file).map(({ message, range }) => `${range.start.line + 1}: ${message}`), [])
  })

  it("has no user but one without privileges, and a compose file with the same port and directory", () => {
    assert.strictEqual(last("USER"), "node")
    const { services: { hub } } = parse(readFileSync(join(root, "examples/compose.yaml"), "utf8"))
    assert.deepStrictEqual(hub.ports, [`${last("EXPOSE")}:${last("EXPOSE")}`])
    assert.deepStrictEqual(hub.volumes, [`history:${last("VOLUME")}`])
    assert.include(last("ENV"), `STATE_DIRECTORY=${last("VOLUME")}`)
  })

  it.live(
    "takes arguments of the hub, keeps the history in its volume, and tells how it is",
    () =>
      Effect.gen(function*() {
        const port = yield* freePort
        const directory = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-container-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true }))
        )
        for (const name of ["bin", "data"]) mkdirSync(join(directory, name))
        cpSync(join(root, "packages/cli/dist"), join(directory, "opt/ow"), { recursive: true })
        symlinkSync("../opt/ow/ow.cjs", join(directory, "bin/ow"))
        const env = {
          PATH: `${join(directory, "bin")}:${dirname(process.execPath)}:${process.env["PATH"]}`,
          STATE_DIRECTORY: join(directory, "data")
        }
        const moved = (text: string) => text.replace(last("EXPOSE"), String(port)).replace("0.0.0.0", "127.0.0.1")
        const [command = "", ...args] = words("ENTRYPOINT").map(moved)
        const hub = yield* Effect.acquireRelease(
          Effect.sync(() => spawn(command, [...args, "-s", "localhost:1"], { env, stdio: "ignore" })),
          (hub) => Effect.sync(() => hub.kill("SIGKILL"))
        )
        const ended = new Promise<number | null>((resolve) => hub.once("exit", (status) => resolve(status)))
        const [checker = "", ...checkArgs] = words("HEALTHCHECK").map(moved)
        const health = Effect.callback<number>((resume) => {
          execFile(
            checker,
            checkArgs,
            { env },
            (error) => resume(Effect.succeed(error === null ? 0 : Number(error.code)))
          )
        })
        yield* Effect.repeat(health, { until: (status) => status === 0, schedule: Schedule.spaced("100 millis") })
        assert.isAbove(readFileSync(join(directory, "data/hub.sqlite")).length, 0)
        hub.kill("SIGTERM")
        assert.strictEqual(yield* Effect.promise(() => ended), 0)
        assert.strictEqual(yield* health, 1)
      }),
    60_000
  )
})
