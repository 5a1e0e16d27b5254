import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const isCi = process.env["CI"] !== undefined

/** Every command of the guides. A run takes minutes, and root's rights: so it is none of the plain tests. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    // Plain tests in this folder would belong to `pnpm test`.
    include: ["*.run.ts"],
    env: { TZ: "UTC", FORCE_COLOR: "0" },
    globalSetup: [fileURLToPath(new URL("../../packages/cli/test/fixtures/bundle.ts", import.meta.url))],
    maxConcurrency: 3,
    testTimeout: 900_000,
    // A real fault fails twice. A delay on a busy machine does not.
    retry: isCi ? 1 : 0,
    reporters: isCi ? ["default", "json"] : ["default"],
    outputFile: { json: fileURLToPath(new URL(".vitest-report.json", import.meta.url)) },
    allowOnly: !isCi
  }
})
