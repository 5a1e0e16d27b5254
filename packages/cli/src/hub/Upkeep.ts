/**
 * Tasks around a hub: its installation as a service, and the upkeep of its history. This bundle contains a separate copy of
 * Effect, so only plain data goes in and out.
 */
import { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Asking from "./Asking.ts"
import * as HistoryKeeping from "./HistoryKeeping.ts"
import * as Installation from "./service/Installation.ts"
import * as Systemd from "./service/Systemd.ts"
import { UpkeepError } from "./UpkeepError.ts"

export type Task =
  | { readonly _tag: "Install"; readonly task: Installation.Install }
  | { readonly _tag: "Uninstall"; readonly task: Installation.Uninstall }
  | { readonly _tag: "Backup"; readonly task: HistoryKeeping.Backup }
  | { readonly _tag: "Restore"; readonly task: HistoryKeeping.Restore }
  | { readonly _tag: "Downgrade"; readonly task: HistoryKeeping.Downgrade }
  | { readonly _tag: "Export"; readonly task: HistoryKeeping.Export }

/** The ROM id of the device that has an alias, or the reason why the servers could not be asked. */
export interface Aliased {
  readonly id?: string | undefined
  readonly problem?: string | undefined
}

/** Callbacks for output during a task. */
export interface Tell {
  /** Lines of the result. */
  readonly text: (text: string) => void
  /** A line that is not part of the result. */
  readonly note: (text: string) => void
  /** The result: as data for programs, and as lines. */
  readonly result: (value: object, lines: ReadonlyArray<string>) => void
  /** Bytes of the result. Resolves when they are written. */
  readonly bytes: (data: Uint8Array) => Promise<void>
  /** Asks the servers for an alias. */
  readonly deviceOf: (alias: string) => Promise<Aliased>
}

/** Callbacks, and questions to the person at the terminal. */
export interface Asker extends Pick<Tell, "note" | "result" | "text"> {
  /** Whether the answer to a question is yes. `--yes` answers yes. Fails if nobody can answer. */
  readonly ask: (question: string) => Effect.Effect<boolean, UpkeepError>
  /** The same for a step that is left out if nobody can answer, and also with `--yes`. */
  readonly offer: (question: string) => Effect.Effect<boolean>
  readonly bytes: (data: Uint8Array) => Effect.Effect<void>
  readonly deviceOf: (alias: string) => Effect.Effect<Aliased>
}

export interface Problem {
  readonly kind: UpkeepError["kind"]
  readonly message: string
}

const done = (task: Task, asker: Asker, machine: Systemd.Machine) => {
  switch (task._tag) {
    case "Install":
      return Installation.install(task.task, machine, asker)
    case "Uninstall":
      return Installation.uninstall(task.task, machine, asker)
    case "Backup":
      return HistoryKeeping.backup(task.task, asker)
    case "Restore":
      return HistoryKeeping.restore(task.task, asker)
    case "Downgrade":
      return HistoryKeeping.downgrade(task.task, asker)
    case "Export":
      return HistoryKeeping.exported(task.task, asker)
  }
}

const problemOf = (error: unknown): Problem => ({
  kind: error instanceof UpkeepError ? error.kind : "local",
  message: error instanceof HistoryError || error instanceof Error ? error.message : String(error)
})

/** Runs a task, which the signal interrupts. Resolves once it has ended, with the problem if there is one. */
export const run = async (
  task: Task,
  tell: Tell,
  { isAgreed, signal }: { readonly isAgreed: boolean; readonly signal: AbortSignal },
  machine: Systemd.Machine = Systemd.here()
): Promise<Problem | undefined> => {
  const asker: Asker = {
    ...tell,
    ask: (question) =>
      isAgreed
        ? Effect.succeed(true)
        : Asking.isPossible()
        ? Asking.ask(question)
        : Effect.fail(
          new UpkeepError({ kind: "usage", message: "there is no terminal to ask at: add --yes to agree" })
        ),
    offer: (question) => isAgreed || !Asking.isPossible() ? Effect.succeed(false) : Asking.ask(question),
    bytes: (data) => Effect.promise(() => tell.bytes(data)),
    deviceOf: (alias) => Effect.promise(() => tell.deviceOf(alias))
  }
  const logged = Logger.layer([Logger.make(({ message }) => tell.note([message].flat().map(String).join(" ")))])
  const exit = await Effect.runPromiseExit(Effect.provide(done(task, asker, machine), logged), { signal })
  return Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? undefined : problemOf(Cause.squash(exit.cause))
}
