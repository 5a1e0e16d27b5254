import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    env: { TZ: "UTC" },
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"]
  }
})
