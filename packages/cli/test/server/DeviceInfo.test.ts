/**
 * Everything that a server knows of a device.
 */
import { OwClient } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Addressed from "../../src/server/Addressed.ts"
import * as DeviceInfo from "../../src/server/DeviceInfo.ts"

const id = "55.000055AA0300"

describe("what is known of a device", () => {
  it.effect("is the chip as the server has it, if its family is not in the catalogue", () =>
    Effect.gen(function*() {
      const simulated = yield* OwClient.OwClient
      const ow: OwClient.Client = {
        ...simulated,
        readText: (path, options) =>
          path === `/${id}/type` ? Effect.succeed("DS9999") : simulated.readText(path, options)
      }
      const device = yield* Addressed.find(ow, id)
      const { chip } = yield* DeviceInfo.make(device, { all: false, values: false, onRead: () => Effect.void })
      assert.strictEqual(chip, "DS9999")
    }).pipe(Effect.provide(TestOwClient.layer({ [id]: {} }))))
})
