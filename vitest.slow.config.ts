import { defineConfig } from "vitest/config"
import fast from "./vitest.config.ts"

/** Tests that start many processes, or try thousands of stories. */
export default defineConfig({
  test: {
    ...fast.test,
    include: ["packages/*/test/**/*.slow.test.ts", "test/*.slow.test.ts", "examples/src/**/*.slow.test.ts"],
    exclude: ["**/node_modules/**"],
    outputFile: { json: ".vitest-slow-report.json" }
  }
})
