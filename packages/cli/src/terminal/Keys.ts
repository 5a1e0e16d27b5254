/**
 * Keys pressed on the terminal, one at a time.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Readline from "node:readline"

export interface Key {
  /** The key's name, such as `up`, `pagedown`, `backspace` or `q`. */
  readonly name: string | undefined
  /** The text that it types, or an empty text. */
  readonly text: string
}

/** The terminal's own actions for these keys, as long as no program takes them. */
const signals: ReadonlyMap<string, NodeJS.Signals> = new Map([["c", "SIGINT"], ["z", "SIGTSTP"], ["\\", "SIGQUIT"]])

interface Pressed {
  readonly name?: string | undefined
  readonly ctrl: boolean
  readonly meta: boolean
}

/**
 * Takes the keys of the terminal until the scope closes, if standard input is one. The terminal does not show them. This stops a
 * process in the background, like any call that sets the terminal. The process continues in the foreground.
 */
export const listen = (onKey: (key: Key) => void): Effect.Effect<void, never, Scope.Scope> => {
  const { stdin } = process
  if (!stdin.isTTY) return Effect.void
  const pressed = (text: string | undefined, { ctrl, meta, name }: Pressed): void => {
    const signal = ctrl && name !== undefined ? signals.get(name) : undefined
    if (signal !== undefined) process.kill(process.pid, signal)
    // Readline reports the Escape key as a key with meta.
    else if (!ctrl && (!meta || name === "escape")) {
      onKey({ name, text: text !== undefined && /^[^\p{Cc}]+$/u.test(text) ? text : "" })
    }
  }
  // The shell changes the terminal's settings while this process is stopped.
  const comeBack = (): void => void stdin.setRawMode(true)
  return Effect.acquireRelease(
    Effect.sync(() => {
      Readline.emitKeypressEvents(stdin)
      stdin.setRawMode(true)
      stdin.on("keypress", pressed)
      process.on("SIGCONT", comeBack)
      process.on("exit", release)
      stdin.resume()
    }),
    () =>
      Effect.sync(() => {
        release()
        stdin.off("keypress", pressed)
        process.off("SIGCONT", comeBack)
        process.off("exit", release)
        stdin.pause()
      })
  )
}

/** Returns the keys to the terminal. */
export const release = (): void => {
  if (process.stdin.isTTY) process.stdin.setRawMode(false)
}
