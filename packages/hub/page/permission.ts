/** Permission of the viewer. */
import type { Session } from "../src/Api.ts"
import * as Api from "./api.ts"
import * as Dialog from "./dialog.ts"

export let permission: Session["permission"] = "none"

const listeners = new Set<() => void>()

/** Calls the listener after each change. The returned function ends that. */
export const subscribe = (listener: () => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Asks the hub. Without an answer, the permission stays as it is. */
export const ask = async (): Promise<void> => {
  const before = permission
  permission = await Api.session().then(({ permission }) => permission, () => permission)
  if (permission !== before) { for (const listener of listeners) listener() }
}

/** Whether the viewer may change something. Asks for the token if the hub requires one. */
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

/** Runs a change that the hub may refuse, and shows the reason of a refusal. */
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
