import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { resolve } from "node:path"
import * as Arguments from "../../../src/hub/service/Arguments.ts"

const given: Arguments.Given = {
  servers: ["pi:4304"],
  local: "localhost:4304",
  timeout: undefined,
  retries: 0,
  single: {},
  plural: {},
  config: undefined
}

const make = (some: Partial<Arguments.Given>) => Arguments.make({ ...given, ...some }, "/var/lib/effect-ownet")

const made = (some: Partial<Arguments.Given>) => Result.getOrThrow(make(some))

const refused = (single: Readonly<Record<string, string>>) => Result.getOrThrow(Result.flip(make({ single })))

describe("arguments of a service", () => {
  it("are the flags that were given, with paths that do not depend on a directory", () => {
    const { args, files, port, tokenFile } = made({
      servers: ["pi:4304", "auto"],
      timeout: 1500,
      retries: 2,
      single: { listen: "0.0.0.0:80", title: "At home", "token-file": "token" },
      plural: { "allow-write": ["PIO.*", "sensed.*"], host: [] },
      config: "hub.yaml"
    })
    assert.deepStrictEqual(
      args.map((arg) => typeof arg === "string" ? arg : arg.specified).join(" "),
      [
        "-s pi:4304 -s auto --timeout 1500ms --retries 2 --listen 0.0.0.0:80 --title At home",
        "--allow-write PIO.* --allow-write sensed.* --config",
        resolve("hub.yaml"),
        "--token-file %d/token"
      ].join(" ")
    )
    assert.strictEqual(tokenFile, resolve("token"))
    assert.strictEqual(port, 80)
    assert.deepStrictEqual(files, [{ flag: "--config", path: resolve("hub.yaml") }])
  })

  it("name the server on this machine if they name none, so that it is waited for", () => {
    assert.deepInclude(made({ servers: [] }), { isLocal: true, args: ["-s", "localhost:4304"] })
    assert.deepInclude(made({ servers: [], local: "w1:" }), { isLocal: true, args: ["-s", "w1:"] })
    assert.deepInclude(made({ servers: [], config: "/etc/hub.yaml" }), { isLocal: false })
  })

  it("go by what the file says where no flag does", () => {
    const file = { listen: "0.0.0.0:80", database: "hub.sqlite" }
    assert.strictEqual(made({ file }).port, 80)
    assert.strictEqual(made({ file, single: { listen: "8080" } }).port, 8080)
    const elsewhere = make({ file: { ...file, database: "/home/pi/hub.sqlite" }, config: "/etc/hub.yaml" })
    assert.match(Result.getOrThrow(Result.flip(elsewhere)), /leave out history\.database in \/etc\/hub\.yaml/)
  })

  it("keep a value that begins with a hyphen with its flag", () => {
    const { args } = made({ single: { title: "-x" }, plural: { "allow-write": ["-PIO"] } })
    assert.deepStrictEqual(args, ["-s", "pi:4304", "--title=-x", "--allow-write=-PIO"])
  })

  it("have no name of a file that a unit would read otherwise", () => {
    for (const name of ["/etc/token\\", "/etc/token ", "/etc/to\nken"]) {
      assert.match(refused({ "token-file": name }), /the name of the --token-file/)
    }
  })

  it("have no secrets, and no file that the service may not write", () => {
    assert.match(refused({ token: "12345678" }), /--token-file/)
    assert.match(refused({ influx: "http://pi/write?db=house&u=ow&p=hunter2" }), /the password in it/)
    assert.match(refused({ influx: "-" }), /nobody reads/)
    assert.match(refused({ database: "postgres://ow:secret@pi/history" }), /--config/)
    assert.match(refused({ database: "postgres://pi/history?password=secret" }), /--config/)
    assert.match(refused({ database: "/home/pi/hub.sqlite" }), /\/var\/lib\/effect-ownet only/)
    assert.match(refused({ database: "/var/lib/effect-ownet/../hub.sqlite" }), /\/var\/lib\/effect-ownet only/)
    assert.deepInclude(made({ single: { database: "postgres://ow@pi/history" } }).args, "postgres://ow@pi/history")
    assert.include(
      made({ single: { database: "/var/lib/effect-ownet/b.sqlite" } }).args,
      "/var/lib/effect-ownet/b.sqlite"
    )
  })

  it("runs a runner of a fleet only with its PostgreSQL, and with no server of its own", () => {
    const runner = "10.8.0.2:34431"
    assert.match(refused({ runner }), /--runner needs the PostgreSQL/)
    const { args } = made({ servers: [], single: { runner, site: "barn", database: "postgres://ow@db/ow" } })
    const kernel = make({ servers: ["pi", "w1:/srv"], single: { runner, database: "postgres://ow@db/ow" } })
    assert.match(Result.getOrThrow(Result.flip(kernel)), /the bus of one machine/)
    assert.notInclude(args, "-s")
    assert.deepStrictEqual(args.slice(args.indexOf("--runner")), ["--runner", runner, "--site", "barn"])
  })
})
