/**
 * The layers of core, the folders of the command line and the order of the packages. The linter refuses an import that goes up.
 */
import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"

const root = join(import.meta.dirname, "..")

const folder = mkdtempSync(join(tmpdir(), "floors-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Lints modules with these imports at the paths where they would be, and returns those that are refused. */
const refused = (imports: ReadonlyArray<readonly [module: string, imported: string]>): ReadonlyArray<string> => {
  copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"))
  for (const [module, imported] of imports) {
    mkdirSync(dirname(join(folder, module)), { recursive: true })
    writeFileSync(join(folder, module), `import type * as X from "${imported}"\n\nexport type Y = typeof X\n`)
  }
  const { stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "unix"], {
    cwd: folder,
    encoding: "utf8"
  })
  return imports.map(([module]) => module).filter((module) =>
    stdout.split("\n").some((line) => line.includes(`${module}:`) && line.includes("no-restricted-imports"))
  )
}

const up: ReadonlyArray<readonly [module: string, imported: string]> = [
  ["packages/core/src/internal/A.ts", "../protocol/Header.ts"],
  ["packages/core/src/protocol/B.ts", "../onewire/RomId.ts"],
  ["packages/core/src/onewire/C.ts", "../client/OwError.ts"],
  ["packages/core/src/client/internal/connections/D.ts", "../../../device/Device.ts"],
  ["packages/core/src/device/E.ts", "../monitor/Poll.ts"],
  ["packages/core/src/monitor/internal/F.ts", "../../testing/TestOwClient.ts"],
  ["packages/core/src/server/internal/W.ts", "../../testing/Fault.ts"],
  ["packages/core/src/device/G.ts", "@effect-ownet/node"],
  ["packages/core/src/device/H.ts", "node:fs"],
  ["packages/node/src/I.ts", "@effect-ownet/cli"],
  ["packages/cli/src/terminal/J.ts", "../show/Failure.ts"],
  ["packages/cli/src/show/K.ts", "../server/Server.ts"],
  ["packages/cli/src/server/L.ts", "../watch/Watch.ts"],
  ["packages/cli/src/server/M.ts", "../main.ts"],
  ["packages/cli/src/watch/O.ts", "../log/LogFile.ts"],
  ["packages/cli/src/snoop/V.ts", "../watch/Watch.ts"],
  ["packages/cli/src/commands/n.ts", "./cat.ts"]
]

const down: ReadonlyArray<readonly [module: string, imported: string]> = [
  ["packages/core/src/monitor/internal/P.ts", "../../client/OwError.ts"],
  ["packages/core/src/monitor/Q.ts", "./internal/Following.ts"],
  ["packages/core/src/server/X.ts", "../client/Connector.ts"],
  ["packages/core/src/testing/R.ts", "../server/Bus.ts"],
  ["packages/node/src/S.ts", "@effect-ownet/core/client/Connector"],
  ["packages/cli/src/commands/t.ts", "../watch/Watch.ts"],
  ["packages/cli/src/show/U.ts", "../terminal/Text.ts"]
]

it("imports go down, and none up", () => {
  assert.deepStrictEqual(refused([...up, ...down]), up.map(([module]) => module))
})
