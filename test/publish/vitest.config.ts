import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const isCi = process.env["CI"] !== undefined

/** A release, into a registry on this machine. It takes minutes, and downloads what the packages need. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.run.ts"],
    testTimeout: 600_000,
    hookTimeout: 900_000,
    // A real fault fails twice. A delay on a busy machine does not.
    retry: isCi ? 1 : 0,
    reporters: isCi ? ["default", "json"] : ["default"],
    outputFile: { json: fileURLToPath(new URL(".vitest-report.json", import.meta.url)) },
    allowOnly: !isCi
  }
})
