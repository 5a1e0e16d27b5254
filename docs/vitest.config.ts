import { join } from "node:path"
import { defineConfig } from "vitest/config"

const isCi = process.env["CI"] !== undefined

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A real fault fails twice. A delay on a busy machine does not.
    retry: isCi ? 1 : 0,
    reporters: isCi ? ["default", "json"] : ["default"],
    outputFile: { json: join(import.meta.dirname, ".vitest-report.json") }
  }
})
