import { assert, describe, it } from "@effect/vitest"
import * as Placement from "../../../src/hub/service/Placement.ts"

describe("a program of a service", () => {
  const modes = new Map([
    ["/", 0o755],
    ["/usr", 0o755],
    ["/usr/bin", 0o755],
    ["/usr/bin/node", 0o755],
    ["/usr/bin/mine", 0o700],
    ["/opt", 0o755],
    ["/opt/closed", 0o750],
    ["/opt/closed/ow.cjs", 0o644],
    ["/homes", 0o755],
    ["/homes/ow.cjs", 0o644]
  ])
  const problemOf = (path: string) => Placement.problemOf(path, "/srv/anna", (path) => modes.get(path))

  it("can be read by all users", () => {
    assert.isUndefined(problemOf("/usr/bin/node"))
    assert.isUndefined(problemOf("/homes/ow.cjs"))
    assert.match(problemOf("/usr/bin/mine") ?? "", /not every user may read it/)
    assert.match(problemOf("/opt/closed/ow.cjs") ?? "", /enter \/opt\/closed/)
    assert.match(problemOf("/usr/bin/none") ?? "", /no such file/)
  })

  it("is in no user's directory, nor in one that is emptied", () => {
    for (const path of ["/home/pi/ow.cjs", "/root/.nvm/node", "/srv/anna/ow.cjs", "/tmp/ow.cjs"]) {
      assert.match(problemOf(path) ?? "", /cannot see/)
    }
    assert.match(problemOf("/home/pi/.npm/_npx/1f/node_modules/ow.cjs") ?? "", /npx/)
  })
})
