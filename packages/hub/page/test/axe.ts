/** Violations that axe finds in a page. */
import { assert } from "@effect/vitest"
import type { AxeResults } from "axe-core"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/** Checks a page with axe, light and dark. */
export const isClean = async (page: Page): Promise<void> => {
  await page.evaluate(axe)
  for (const colorScheme of ["light", "dark"] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { violations } = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })")
    assert.deepStrictEqual(
      violations.map(({ id, nodes }) =>
        `${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" ")}`
      ),
      []
    )
  }
}
