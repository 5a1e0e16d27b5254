import { join } from "node:path"
import { defineConfig } from "vitest/config"

const isCi = process.env["CI"] !== undefined

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/*.test.ts"],
    globalSetup: ["../test/fixtures/built.ts"],
    // Tests mostly wait.
    maxWorkers: 3,
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // A real fault fails twice. A delay on a busy machine does not.
    retry: isCi ? 1 : 0,
    reporters: isCi ? ["default", "json"] : ["default"],
    outputFile: { json: join(import.meta.dirname, ".vitest-report.json") }
  }
})
