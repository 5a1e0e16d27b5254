import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const isCi = process.env["CI"] !== undefined

export default defineConfig({
  test: {
    env: {
      // The real server writes dates in its own local time.
      TZ: "UTC",
      // Text that the process of a test paints itself is compared without colors.
      FORCE_COLOR: "0",
      // What one process has compiled, the next one that runs the same program need not.
      NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node", import.meta.url))
    },
    // Most tests wait most of the time, for servers and for processes, and a busy machine has little time for each.
    maxWorkers: isCi ? 3 : 4,
    // Some start processes and wait for them, which a machine that is busy with others may not let happen in time. A fault fails twice.
    retry: isCi ? 1 : 0,
    maxConcurrency: 3,
    testTimeout: 60_000,
    // No test changes what it shares with others, and each file would load Effect anew.
    isolate: false,
    globalSetup: [
      "test/fixtures/installed.ts",
      "packages/cli/test/fixtures/bundle.ts",
      "packages/hub/test/fixtures/built.ts"
    ],
    exclude: ["**/node_modules/**", "**/*.slow.test.ts"],
    include: [
      "packages/*/test/**/*.test.ts",
      "test/**/*.test.ts",
      "bench/test/**/*.test.ts",
      "examples/src/**/*.test.ts"
    ],
    reporters: isCi ? ["default", "json"] : ["default"],
    outputFile: { json: ".vitest-report.json" },
    allowOnly: !isCi
  }
})
