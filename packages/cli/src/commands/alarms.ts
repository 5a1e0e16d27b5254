import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"

export const command = Command.make("alarms", {}, () => Effect.void)
