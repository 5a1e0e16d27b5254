import { join } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["test/*.test.ts"],
    globalSetup: ["../test/fixtures/built.ts"],
    // Tests mostly wait.
    maxWorkers: 3,
    testTimeout: 40_000,
    hookTimeout: 40_000,
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(import.meta.dirname, ".vitest-report.json") }
  }
})
