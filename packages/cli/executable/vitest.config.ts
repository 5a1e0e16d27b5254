import { join } from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    env: { TZ: "UTC", FORCE_COLOR: "0" },
    testTimeout: 120_000,
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(import.meta.dirname, ".vitest-report.json") }
  }
})
