/** What somebody who looks may do. */
import type { Session } from "../src/Api.ts"
import * as Api from "./api.ts"
import * as Dialog from "./dialog.ts"

export let permission: Session["permission"] = "none"

const listeners = new Set<() => void>()

/** Calls when it has changed. Ends by what it returns. */
export const subscribe = (listener: () => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks the hub. Without an answer it stays as it is. */
export const ask = async (): Promise<void> => {
  const before = permission
  permission = await Api.session().then(({ permission }) => permission, () => permission)
  if (permission !== before) { for (const listener of listeners) listener() }
}

/** Whether something may be changed, after asking for the token, if one is wanted. */
export const obtain = async (): Promise<boolean> => {
  const isPermitted = (): boolean => permission === "edit"
  if (permission !== "token") return isPermitted()
  const token = await Dialog.secret("Unlock changes", "Token of this hub")
  if (token === undefined) return false
  try {
    await Api.unlock(token)
  } catch (error) {
    Dialog.tell(
      error instanceof Api.Refusal && error.status !== 0 ? "That is not the token of this hub." : String(error)
    )
    return false
  }
  await ask()
  return isPermitted()
}

/** Does what the hub may refuse, and says why it did. */
export const attempt = async (change: () => Promise<unknown>): Promise<boolean> => {
  try {
    await change()
    return true
  } catch (error) {
    if (error instanceof Api.Refusal && (error.status === 401 || error.status === 403)) void ask()
    Dialog.tell(error instanceof Error ? error.message : String(error))
    return false
  }
}
