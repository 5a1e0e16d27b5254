/**
 * Third-party clients on the server over the kernel's bus: their output and exit status are the same as on the real server.
 */
import { assert, describe as plainDescribe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Process from "../packages/cli/test/fixtures/process.ts"
import { isCClientInstalled, isPerlClientInstalled, isRequired, isShellInstalled } from "./fixtures/installed.ts"
import * as owserver from "./fixtures/owserver.ts"

const sensor = "/28.000028D70500"
const octuple = "/29.000029D60200"
const eeprom = "/2D.00002DD20300"
const tester = "--tester=10,3A,29,2D,05,28,26,1D"

type Command = readonly [program: string, ...args: ReadonlyArray<string>]

/**
 * Two differences are allowed: the order of listed devices, and that the kernel's thermometers cannot convert together next to
 * other chips.
 */
const sorted = (text: string): string =>
  text.split(/[\n,]/).filter((line) => !/\/simultaneous\/?$/.test(line)).toSorted().join("\n")

/** Runs commands one after another, and returns the result of each, without addresses. */
const runs = Effect.fnUntraced(function*(
  { start }: owserver.Backend,
  args: ReadonlyArray<string>,
  commands: (address: string) => ReadonlyArray<Command>
) {
  const { host, port } = yield* start(args)
  const address = `${host}:${port}`
  return yield* Effect.forEach(
    commands(address),
    ([program, ...args]) =>
      Effect.map(Process.run(program, args), ({ status, stderr, stdout, stdoutBytes }) => ({
        command: [program, ...args].join(" ").replaceAll(address, "server"),
        status,
        stderr: stderr.replaceAll(address, "server"),
        stdout: program === "owread" || program === "owget" ? stdout : sorted(stdout),
        bytes: Buffer.from(program === "owread" ? stdoutBytes : []).toString("hex")
      }))
  )
})

const same = Effect.fnUntraced(function*(
  commands: (address: string) => ReadonlyArray<Command>,
  args: ReadonlyArray<string> = [tester]
) {
  const [expected, actual] = yield* Effect.all([
    runs(owserver.real, args, commands),
    runs(owserver.kernel, args, commands)
  ])
  assert.deepStrictEqual(actual, expected)
  return actual
})

const timeout = 60_000

const shell = isShellInstalled || isRequired ? owserver.describe : plainDescribe.skip

shell(`ow-shell${isShellInstalled ? "" : " (skipped: on Debian: apt-get install ow-shell)"}`, () => {
  it.live("reads, lists and looks as at the real server", () =>
    Effect.gen(function*() {
      const results = yield* same((address) =>
        ([
          ["owread", `${sensor}/temperature`],
          ["owread", "-F", `${sensor}/temperature`],
          ["owread", "-K", `/uncached${sensor}/temperature`],
          ["owread", `${sensor}/type`],
          ["owread", `${octuple}/sensed.ALL`],
          ["owread", "--hex", `${eeprom}/pages/page.1`],
          ["owread", `${eeprom}/memory`],
          ["owread", "/26.000026D90600/VAD"],
          ["owread", "/1D.00001DE20700/counter.ALL"],
          ["owread", "/nosuch"],
          ["owread", sensor],
          ["owread", "/28.FFFFFFFFFFFF/temperature"],
          ["owget", `${sensor}/temperature`],
          ["owget", "/nosuch"],
          ["owdir", "/bus.0"],
          ["owdir", "/nosuch"],
          ["owdir", "--dir", "-f", "f.i.c", "/bus.0"],
          ["owpresent", sensor],
          ["owpresent", `${sensor}/temperature`],
          ["owpresent", "/28.FFFFFFFFFFFF"]
        ] as const).map(([program, ...args]): Command => [program, "-s", address, ...args])
      )
      assert.strictEqual(results[0]?.stdout, "         4.5")
      assert.includeMembers(results.map(({ status }) => status), [0, 1])
    }), timeout)

  it.live("writes as at the real server, and is refused as there", () =>
    Effect.gen(function*() {
      const commands = (address: string): ReadonlyArray<Command> =>
        ([
          ["owwrite", `${sensor}/temphigh`, "44"],
          ["owwrite", `${octuple}/PIO.3`, "1"],
          ["owwrite", `${octuple}/PIO.ALL`, "1,0,1,0,1,0,1,0"],
          ["owwrite", "--hex", `${eeprom}/memory`, "00ff10"],
          ["owwrite", `${sensor}/temperature`, "1"],
          ["owwrite", `${sensor}/temphigh`, "warm"],
          ["owwrite", "/nosuch", "1"],
          ["owwrite", `${sensor}/alias`, "kitchen"],
          ["owread", "/kitchen/type"],
          ["owpresent", "/kitchen"]
        ] as const).map(([program, ...args]): Command => [program, "-s", address, ...args])
      yield* same(commands)
      yield* same(commands, [tester, "--readonly"])
    }), timeout)
})

const perl = isPerlClientInstalled || isRequired ? owserver.describe : plainDescribe.skip

const script = `
use OWNet;
my $server = OWNet->new($ARGV[0]);
print $server->dir('/'), "\\n";
print $server->dir('/nosuch') // 'nothing', "\\n";
for my $path ('${sensor}/temperature', '/uncached${sensor}/temperature', '${octuple}/PIO.ALL', '/nosuch', '${sensor}') {
  print $path, '=', $server->read($path) // 'nothing', ' ', $server->present($path) // 'nothing', "\\n";
}
print $server->write('${sensor}/templow', '-5') // 'nothing', "\\n";
print $server->write('${sensor}/temperature', '5') // 'nothing', "\\n";
`

perl(
  `OWFS's module for Perl${isPerlClientInstalled ? "" : " (skipped: on Debian: apt-get install libownet-perl)"}`,
  () => {
    it.live("reads, lists, looks and writes as at the real server", () =>
      Effect.gen(function*() {
        const [one] = yield* same((address) => [["perl", "-e", script, address]])
        assert.include(one?.stdout, `${sensor}/temperature=         4.5 1`)
      }), timeout)
  }
)

const c = isCClientInstalled || isRequired ? owserver.describe : plainDescribe.skip

/** A program with the library, compiled until the scope closes. */
const compiled = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-libownet-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const program = join(folder, "libownet")
  const source = fileURLToPath(new URL("fixtures/libownet.c", import.meta.url))
  const { status, stderr } = yield* Process.run("cc", ["-o", program, source, "-lownet"])
  assert.strictEqual(status, 0, stderr)
  return program
})

c(`OWFS's library for C${isCClientInstalled ? "" : " (skipped: on Debian: apt-get install gcc libownet-dev)"}`, () => {
  it.live("reads, lists, looks and writes as at the real server", () =>
    Effect.gen(function*() {
      const program = yield* compiled
      const paths = [
        "/",
        `${sensor}/temperature`,
        `${octuple}/PIO.3`,
        `${octuple}/sensed.ALL`,
        `${sensor}/type`,
        "/nosuch",
        "/28.FFFFFFFFFFFF"
      ]
      const [one] = yield* same((address) => [[program, address, ...paths]])
      assert.include(one?.stdout, "         4.5")
    }), timeout)
})
