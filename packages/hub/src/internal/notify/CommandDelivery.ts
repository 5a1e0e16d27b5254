/** Messages to a program, with fields in its arguments and JSON on its standard input. No shell is involved. */
import { Printable } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as PlatformError from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Stream from "effect/Stream"
import type { Channel } from "../../Notifier.ts"
import { DeliveryFailure } from "./DeliveryFailure.ts"
import * as Message from "./Message.ts"

type To = Extract<Channel["to"], { readonly _tag: "Command" }>

const patience = "30 seconds"

/** Maximum characters of the output that are kept: the last ones. */
const mostKept = 4096

const longestQuote = 200

/**
 * Maximum runs of a program for one message. They take half an hour in all, because the program may need a network that is down.
 */
const attempts = 10

/** The exit status with which mail programs signal that another attempt makes sense. */
const temporary = 75

/** The mistake in a command, in words; `undefined` if there is none. */
export const problemOf = ({ command }: To): string | undefined =>
  command[0] === undefined || command[0] === ""
    ? "the command is empty"
    : command.some((part) => part.includes("\0"))
    ? "the command has a NUL character"
    : undefined

const failure = (problem: string): DeliveryFailure => new DeliveryFailure({ problem, attempts })

const lastLine = (text: string): string =>
  Printable.printable(text.trimEnd().split(/[\r\n]/).at(-1)?.trim().slice(0, longestQuote) ?? "").toWellFormed()

const run = Effect.fnUntraced(function*(
  command: ReadonlyArray<string>,
  message: Message.Message
) {
  const [program = "", ...templates] = command
  const process = yield* ChildProcess.make(program, templates.map((each) => Message.argument(each, message)), {
    stdin: Stream.succeed(new TextEncoder().encode(Message.json(message) + "\n")),
    stdout: "ignore",
    stderr: "pipe",
    forceKillAfter: "2 seconds"
  })
  let said = ""
  const listening = yield* process.stderr.pipe(
    Stream.decodeText,
    Stream.runForEach((text) => Effect.sync(() => void (said = (said + text).slice(-mostKept)))),
    Effect.ignore,
    Effect.forkScoped
  )
  const code = yield* process.exitCode
  // A process that it has left behind may hold the pipe open.
  yield* Effect.timeoutOption(Fiber.await(listening), "500 millis")
  return { code, said: lastLine(said) }
}, Effect.scoped)

export const send = (
  to: To,
  message: Message.Message
): Effect.Effect<void, DeliveryFailure, ChildProcessSpawner> => {
  const name = Printable.printable(to.command[0] ?? "")
  const problem = problemOf(to)
  if (problem !== undefined) return Effect.fail(failure(problem))
  return run(to.command, message).pipe(
    Effect.mapError((error: PlatformError.PlatformError) =>
      failure(`${name} cannot be run: ${Printable.printable(error.message)}`)
    ),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail(failure(`${name} has not ended within ${patience}, and was killed`))
    }),
    Effect.flatMap(({ code, said }) =>
      code === 0 ? Effect.void : Effect.fail(
        new DeliveryFailure({
          problem: `${name} has ended with ${code}${said === "" ? "" : `: ${said}`}`,
          attempts: code === temporary ? undefined : attempts
        })
      )
    )
  )
}
