import { HubConfig, HubFile, Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Result, Schema, Stream } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const folder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "ow-config-"))),
  (path) =>
    Effect.sync(() => {
      Fs.chmodSync(path, 0o700)
      Fs.rmSync(path, { recursive: true })
    })
)

const mistakes = (text: string, secret?: HubFile.ParseOptions["secret"]): ReadonlyArray<string> =>
  Result.match(HubFile.parse(text, { secret }), {
    onSuccess: () => [],
    onFailure: (all) => all.map((mistake) => HubFile.told("hub.yaml", mistake))
  })

const ok = (text: string) => Result.getOrThrow(HubFile.parse(text)).config

const freezer = "28.000028D70100"

const place = (change: Partial<Places.Place>): Places.Place => ({ ...Places.ofDevice(freezer), ...change })

const edit = (text: string, change: Partial<Places.Place>) => Result.getOrThrow(HubFile.withPlace(text, place(change)))

const house = `# yaml-language-server: $schema=hub.schema.json
version: 1   # the first
servers: [raspberrypi, "barn:4305"]

# How often?
every: 1m
mqtt:
    server: 'mqtt://localhost'   # the broker
    retain: no_matter   # is wrong
`.replace("    retain: no_matter   # is wrong\n", "") + `
places:
    # The freezer in the cellar
    28.000028D70100:   # top
        name: freezer   # its name
        limits: { temperature: { above: -15, for: 10m } }   # thaws
        homeassistant: { temperature: { icon: "mdi:fridge" } }
    "10.000010EF0000":
        name: 'Outside'
# the end
`

describe("HubFile", () => {
  describe("parse", () => {
    it("tells a mistake with its line, its column, its key and what that takes", () => {
      const text = (lines: string) => `version: 1\n${lines}`
      const cases: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
        ["", ["hub.yaml:1:1: version is missing: write version: 1 in the first line"]],
        ["[]", ["hub.yaml:1:1: the file takes keys with values, such as version: 1"]],
        ["version: 2\nx: y", [
          "hub.yaml:1:10: version 2 is newer than this program, which knows version 1: update the program"
        ]],
        ["version: one", ["hub.yaml:1:10: version takes 1"]],
        [text(`places:\n  ${freezer}:\n    limits:\n      temperature: { above: warm }`), [
          `hub.yaml:5:29: places.${freezer}.limits.temperature.above takes a number, such as -15`
        ]],
        [text("titel: x"), ["hub.yaml:2:1: unknown key titel; did you mean title?"]],
        [text("mqtt:\n  passwrd: hunter2\n  server: mqtt://x"), [
          "hub.yaml:3:3: unknown key mqtt.passwrd; did you mean password?"
        ]],
        [text("history:\n  quux: 1"), [
          "hub.yaml:3:3: unknown key history.quux; the keys here are database, keep, flush, dead_band"
        ]],
        [text("mqtt:"), ["hub.yaml:2:1: mqtt.server is missing: it takes an address, such as mqtt://localhost:1883"]],
        // None of these can be a topic, and what is below them would be dropped in silence.
        ...["base_topic: house/", "base_topic: a//b", "base_topic: a/$x"].map((line) =>
          [text(`mqtt: { ${line}, server: mqtt://x }`), [
            "hub.yaml:2:21: mqtt.base_topic takes a topic without +, #, $ and empty levels, such as onewire"
          ]] as const
        ),
        [text("title: a\ntitle: b"), ["hub.yaml:3:1: title appears twice: merge the two"]],
        [text("page:\n\tlisten: 80"), ["hub.yaml:3:1: YAML does not allow tabs for indentation: use spaces"]],
        [text("title: a\0"), ["hub.yaml:2:9: there is a NUL here: this is not a text file"]],
        [text("page: &p {}\nhistory: *p"), [
          "hub.yaml:2:10: page: anchors (&) and aliases (*) are not supported: write the value out, or put quotes around the text",
          "hub.yaml:3:10: history: anchors (&) and aliases (*) are not supported: write the value out, or put quotes around the text"
        ]],
        ["version: 1\n---\nversion: 1", [
          "hub.yaml:2:1: there is a second document: leave out --- and all after it"
        ]],
        [text("servers: [ok, a b]"), [
          "hub.yaml:2:15: servers[2] takes a server, such as raspberrypi or 192.168.1.5:4304, or auto, or w1:"
        ]],
        [text("history: { keep: 1h }"), [
          "hub.yaml:2:18: history.keep takes a duration of at least 1 day, such as 90d, 26w or 2y"
        ]],
        [text("page: { auth_token: short }"), [
          "hub.yaml:2:21: page.auth_token takes 8 to 200 ASCII characters without spaces"
        ]],
        ...["runner: 34431", "runner: \"0.0.0.0:34431\"", "runner: a:0", "runner: a:99999"].map((line) =>
          [text(`fleet: { ${line} }`), [
            "hub.yaml:2:18: fleet.runner takes host:port, such as 10.8.0.2:34431"
          ]] as const
        ),
        [text("fleet: { site: a/b }"), [
          "hub.yaml:2:16: fleet.site takes a name of letters, digits, - and _, such as barn"
        ]],
        [text("places: { Cellar: { name: x } }"), [
          "hub.yaml:2:19: unknown key places.Cellar: places takes settings by ROM id, such as 28.000028D70100, or by the name of a derived value, such as dew-point"
        ]],
        [text(`places: { ${freezer}: {}, 28000028D70100: {} }`), [
          `hub.yaml:2:32: places.28000028D70100 is the same place as places.${freezer}: merge the two`
        ]],
        [text("notices: { to: { me: { command: [] } } }"), [
          "hub.yaml:2:33: notices.to.me.command takes a program and its arguments, such as [notify-send, \"{text}\"]"
        ]]
      ]
      for (const [text, expected] of cases) assert.deepStrictEqual(mistakes(text), expected, text)
    })

    it("warns of a block that does nothing as it is", () => {
      const warnings = (lines: string) =>
        Result.map(
          HubFile.parse(`version: 1\n${lines}\n`),
          ({ warnings }) => warnings.map((one) => HubFile.told("hub.yaml", one))
        )
      assert.deepStrictEqual(
        warnings("homeassistant: {}"),
        Result.succeed(["hub.yaml:2:16: homeassistant does nothing without mqtt: set mqtt.server to your broker"])
      )
      assert.deepStrictEqual(warnings("homeassistant: {}\nmqtt: { server: mqtt://x }"), Result.succeed([]))
    })

    it("tells several at once, at most ten, in their order", () => {
      const many = Array.from({ length: 30 }, (_, index) => `k${index}: 1`).join("\n")
      assert.deepStrictEqual(
        mistakes(`version: 1\n${many}`).map((line) => line.slice(0, 13)),
        Array.from({ length: 10 }, (_, index) => `hub.yaml:${index + 2}:1:`.padEnd(13, " k").slice(0, 13))
      )
      assert.deepStrictEqual(
        mistakes("version: 1\nevery: soon\ntitel: x\ntimeout: -1").map((line) => line.slice(0, 12)),
        [
          "hub.yaml:2:8",
          "hub.yaml:3:1",
          "hub.yaml:4:1"
        ]
      )
    })

    it("is told by no text whatever", () => {
      const hostile = [
        "[".repeat(5000),
        "{".repeat(5000),
        "- ".repeat(5000),
        "a: {".repeat(2000),
        "version: 1\n__proto__: { x: 1 }\nconstructor: 1",
        "version: 1\nplaces: { __proto__: { name: x } }",
        "version: 1\ntitle: \"\u001b[31m\\e[2J\"\n\u001b[2Jx: 1",
        "version: 1\n<<: { title: x }",
        "version: !!binary aGk=",
        "? [a]\n: 1",
        "x".repeat(300_000),
        "\ud800",
        "version: 1e400",
        "version: 1\ntitle: |\n  a\n b",
        "version: 1\nmqtt: { server: \"javascript:alert(1)\" }"
      ]
      for (const text of hostile) {
        const found = mistakes(text)
        assert.isAbove(found.length, 0, text.slice(0, 40))
        for (const line of found) assert.match(line, /^hub\.yaml:\d+:\d+: [\x20-\x7e]+$/)
      }
      assert.isUndefined(({} as Record<string, unknown>)["name"])
    })

    it("takes the address of the kernel's own bus with or without quotes", () => {
      const all = ["[w1:, pi]", "[\"w1:\", pi]", "\n  - w1:\n  - pi", "\n  - w1: # here\n  - pi"]
      for (const servers of all) {
        assert.deepStrictEqual(ok(`version: 1\nservers: ${servers}\n`).servers, ["w1:", "pi"], servers)
      }
      assert.deepStrictEqual(ok("version: 1\nservers: [w1:/srv/w1]\n").servers, ["w1:/srv/w1"])
      for (const servers of ["[w1: null]", "[{ w1: /srv }]", "[pi:]", "w1:"]) {
        assert.isTrue(Result.isFailure(HubFile.parse(`version: 1\nservers: ${servers}\n`)), servers)
      }
    })

    it("takes JSON, and a text that looks like a number where a text is meant", () => {
      assert.strictEqual(ok("{ \"version\": 1, \"every\": 30 }").every, 30)
      const config = ok("version: 1\ntitle: 2024\nplaces: { 28.000000701001: { name: 007, device: 28.000028070100 } }")
      assert.strictEqual(config.title, "2024")
      assert.deepStrictEqual(config.places, { "28.000000701001": { name: "007", device: "28.000028070100" } })
      assert.deepStrictEqual(ok("version: 1\nhistory:\nplaces:\nhomeassistant:"), {
        version: 1,
        history: {},
        places: {},
        homeassistant: {}
      })
    })

    it("puts secrets in place, and nowhere that the page could tell them", () => {
      const secret = (file: string, key: string) =>
        file === "secret.yaml" && key === "password" ? Result.succeed("hunter2") : Result.fail("there is none")
      for (const written of ["\"!secret.yaml password\"", "'!secret password'", "!secret password"]) {
        const read = Result.getOrThrow(
          HubFile.parse(`version: 1\nmqtt: { server: mqtt://x, password: ${written} }`, { secret })
        )
        assert.strictEqual(read.config.mqtt?.password, "hunter2")
        assert.deepStrictEqual(read.secrets, ["hunter2"])
      }
      assert.deepStrictEqual(mistakes("version: 1\npage:\n  auth_token: \"!secret none\"", secret), [
        "hub.yaml:3:15: page.auth_token: there is none"
      ])
      const name = "version: 1\nplaces: { a: { name: \"!secret password\" } }"
      assert.strictEqual(
        Result.getOrThrow(HubFile.parse(name, { secret })).config.places?.["a"]?.name,
        "!secret password"
      )
      // Nothing leads out of the directory.
      assert.strictEqual(ok("version: 1\ntitle: \"!../../etc/x.yaml root\"").title, "!../../etc/x.yaml root")
    })
  })

  describe("withPlace", () => {
    it("changes what was edited, and nothing else", () => {
      const after = edit(house, {
        name: "Freezer: top",
        group: "Cellar",
        limits: { temperature: { above: -18, for: 600 } }
      })
      assert.deepStrictEqual(
        after.split("\n").filter((line) => !house.split("\n").includes(line)),
        [
          "        name: \"Freezer: top\" # its name",
          "        limits: { temperature: { above: -18, for: 10m } } # thaws",
          "        group: Cellar"
        ]
      )
    })

    it("keeps empty lines and the end of the file", () => {
      const text = `version: 1\n\n\nplaces:\n  ${freezer}:\n    name: a\n\n\n# the end\n\nevery:   1m\n`
      assert.strictEqual(edit(text, { name: "b" }), text.replace("name: a", "name: b"))
      assert.strictEqual(edit(text, { name: "a", order: 1 }), text.replace("name: a", "name: a\n    order: 1"))
    })

    it("makes a place that is not there, in a file of any form", () => {
      for (const text of ["version: 1\n", "version: 1\nplaces:\n", "{ \"version\": 1 }", "version: 1\r\n# x\r\n"]) {
        const after = edit(text, { name: "x" })
        assert.deepStrictEqual(ok(after).places, { [freezer]: { name: "x" } })
        assert.strictEqual(after.includes("\r\n"), text.includes("\r\n"))
        if (text.endsWith("\n")) assert.match(after, /\S\r?\n$/)
      }
    })

    const Word = Schema.String.check(Schema.isMaxLength(20))
    const Some = Schema.Struct({
      name: Schema.optionalKey(Word),
      group: Schema.optionalKey(Word),
      order: Schema.optionalKey(Schema.Int),
      isHidden: Schema.Boolean,
      above: Schema.optionalKey(Schema.Finite),
      isNew: Schema.Boolean
    })

    it.effect.prop(
      "keeps all comments and all other keys, whatever is edited",
      [Some],
      ([{ above, isNew, ...change }]) =>
        Effect.sync(() => {
          const isText = (text: string | undefined) =>
            text === undefined || (text.trim() !== "" && !text.includes("\0"))
          if (!isText(change.name) || !isText(change.group)) return
          const key = isNew ? "28.000028D70900" : freezer
          const edited: Places.Place = {
            ...change,
            key,
            device: key,
            limits: above === undefined ? {} : { temperature: { above } }
          }
          const after = Result.getOrThrow(HubFile.withPlace(house, edited))
          const [before, now] = [ok(house), ok(after)]
          const { homeassistant, ...settings } = now.places![key]!
          assert.deepStrictEqual(settings, HubConfig.ofPlace(edited))
          assert.deepStrictEqual(homeassistant, isNew ? undefined : before.places![freezer]!.homeassistant)
          assert.deepStrictEqual({ ...now, places: { ...now.places, [key]: 0 } }, {
            ...before,
            places: { ...before.places, [key]: 0 }
          })
          const comments = (text: string) =>
            [...text.matchAll(/# ?(?:yaml-language-server|the |How|The |top|its name|thaws)[^\n]*/g)].map(([one]) =>
              one
            )
          const gone = new Set([
            ...(edited.name === undefined && !isNew ? ["# its name"] : []),
            ...(above === undefined && !isNew ? ["# thaws"] : [])
          ])
          assert.includeMembers(comments(after), comments(house).filter((one) => !gone.has(one)))
          // Once is enough.
          assert.strictEqual(Result.getOrThrow(HubFile.withPlace(after, edited)), after)
        }),
      { arbitrary: { runs: 60, seed: "edits of a place" } }
    )
  })

  describe("make", () => {
    const start = Effect.fnUntraced(function*(text: string) {
      const directory = yield* folder
      const path = Path.join(directory, "hub.yaml")
      Fs.writeFileSync(path, text, { mode: 0o640 })
      const file = yield* HubFile.make(path, { name: "hub.yaml", every: "50 millis" })
      const changes = yield* Queue.unbounded<HubFile.Change>()
      yield* Effect.forkScoped(Stream.runForEach(file.changes, (change) => Queue.offer(changes, change)))
      yield* Effect.yieldNow
      const next = Effect.map(
        Queue.take(changes),
        (change) => change._tag === "Changed" ? change.contents.config : change.error.message
      )
      return { directory, path, file, next, write: (text: string) => Effect.sync(() => Fs.writeFileSync(path, text)) }
    })

    it.live("sees what an editor writes, tells a mistake once, and goes on with what it said before", () =>
      Effect.gen(function*() {
        const { directory, file, next, path, write } = yield* start("version: 1\ntitle: a\n")
        assert.strictEqual((yield* file.contents).config.title, "a")
        yield* write("version: 1\ntitle: b\n")
        assert.deepStrictEqual(yield* next, { version: 1, title: "b" })
        yield* write("version: 1\ntitle: [")
        assert.match(String(yield* next), /^hub\.yaml:2:/)
        assert.strictEqual((yield* file.contents).config.title, "b")
        // Another file in its place, as editors do it.
        Fs.writeFileSync(Path.join(directory, "new"), "version: 1\ntitle: c\n")
        Fs.renameSync(Path.join(directory, "new"), path)
        assert.deepStrictEqual(yield* next, { version: 1, title: "c" })
        Fs.rmSync(path)
        assert.strictEqual(yield* next, "hub.yaml: cannot be read: there is no such file")
        yield* write("version: 1\ntitle: c\n")
        assert.deepStrictEqual(yield* next, { version: 1, title: "c" })
      }))

    it.live("takes secrets from their file, and sees when that changes", () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const path = Path.join(directory, "hub.yaml")
        const secrets = Path.join(directory, "secret.yaml")
        Fs.writeFileSync(path, "version: 1\npage:\n  auth_token: \"!secret.yaml token\"\n")
        const failed = yield* Effect.flip(HubFile.read(path, { name: "hub.yaml" }))
        assert.strictEqual(
          failed.message,
          "hub.yaml:3:15: page.auth_token: the secret \"token\" should be in secret.yaml, which cannot be read (there is no such file)"
        )
        Fs.writeFileSync(secrets, "token: open-sesame\n")
        Fs.chmodSync(secrets, 0o644)
        const { config, secrets: known, warnings } = yield* HubFile.read(path)
        assert.strictEqual(config.page?.auth_token, "open-sesame")
        assert.deepStrictEqual(known, ["open-sesame"])
        assert.match(warnings[0]?.problem ?? "", /all users of this machine can read secret\.yaml: chmod o-r/)
        Fs.chmodSync(secrets, 0o600)
        assert.deepStrictEqual((yield* HubFile.read(path)).warnings, [])
        const file = yield* HubFile.make(path, { every: "50 millis" })
        const changed = yield* Effect.forkScoped(Stream.runHead(file.changes))
        yield* Effect.yieldNow
        Fs.writeFileSync(secrets, "token: another-one\n")
        yield* Effect.repeat(file.contents, { until: ({ config }) => config.page?.auth_token === "another-one" })
        changed.interruptUnsafe()
      }))

    it.live("writes an edit in one step, with the mode of the file, and is no news to itself", () =>
      Effect.gen(function*() {
        const { directory, file, next, path, write } = yield* start(house)
        yield* file.edit(place({ name: "thaw" }))
        assert.include(Fs.readFileSync(path, "utf8"), "name: thaw # its name")
        assert.strictEqual(Fs.statSync(path).mode & 0o777, 0o640)
        assert.deepStrictEqual(Fs.readdirSync(directory), ["hub.yaml"])
        assert.strictEqual((yield* file.contents).config.places?.[freezer]?.name, "thaw")
        // What was written by hand just before is merged, and that is news.
        yield* write(Fs.readFileSync(path, "utf8").replace("every: 1m", "every: 2m"))
        yield* file.edit(place({ name: "ice" }))
        const merged = yield* next
        assert.deepInclude(merged, { every: 120 })
        assert.include(Fs.readFileSync(path, "utf8"), "every: 2m")
        assert.include(Fs.readFileSync(path, "utf8"), "name: ice")
        yield* write("version: 1\ntitle: [")
        const failed = yield* Effect.flip(file.edit(place({ name: "lost" })))
        assert.match(failed.message, /nothing is written to it while it has a mistake: hub\.yaml:2:/)
        assert.strictEqual(Fs.readFileSync(path, "utf8"), "version: 1\ntitle: [")
      }))

    it.live("keeps a link, and says that it may not write", () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const [path, real] = [Path.join(directory, "hub.yaml"), Path.join(directory, "real.yaml")]
        Fs.writeFileSync(real, "version: 1\n")
        Fs.symlinkSync(real, path)
        const file = yield* HubFile.make(path, { name: "hub.yaml" })
        yield* file.edit(place({ name: "x" }))
        assert.isTrue(Fs.lstatSync(path).isSymbolicLink())
        assert.include(Fs.readFileSync(real, "utf8"), "name: x")
        Fs.rmSync(path)
        Fs.symlinkSync("/proc/version", path)
        assert.strictEqual((yield* Effect.flip(file.edit(place({ name: "y" })))).reason, "Unwritable")
      }))

    it.live("reads no directory, no pipe and no large file", () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const large = Path.join(directory, "large.yaml")
        Fs.writeFileSync(large, "#".repeat(10_000_000))
        for (
          const [path, message] of [
            [directory, /cannot be read: it is a directory$/],
            [large, /cannot be read: it has 10000000 bytes, but may have at most 262144$/],
            ["/dev/zero", /cannot be read: it is not a regular file$/],
            [Path.join(directory, "none"), /cannot be read: there is no such file$/]
          ] as const
        ) assert.match((yield* Effect.flip(HubFile.read(path))).message, message)
      }))
  })
})
