/** The houses of a group of tests. */
import { afterAll, beforeAll } from "vitest"
import { type Held, hold } from "../../test/fixtures/viewed.ts"
import { type Browser, launch } from "./browser.ts"

interface Houses {
  readonly browser: Browser
  /** A house below a path, with hostile names, and read-only. */
  readonly plain: Held
  /** A house that can be edited and switched. */
  readonly open: Held
}

/** Starts a browser and two houses before the tests of a group, and ends them afterwards. */
export const houses = (): Houses => {
  let browser: Browser
  let plain: Held
  let open: Held
  beforeAll(async () => {
    browser = await launch()
    plain = await hold({ isHostile: true, prefix: "/ow", notice: "These sensors are simulated." })
    open = await hold({ permits: "switching" })
  })
  afterAll(async () => {
    await browser?.close()
    await plain?.end()
    await open?.end()
  })
  return {
    get browser() {
      return browser
    },
    get plain() {
      return plain
    },
    get open() {
      return open
    }
  }
}
