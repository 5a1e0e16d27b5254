/** Renewal: a hub that was replaced has another page, which a tab that stays open does not know about. */
import { root } from "./api.ts"

/** The name of the page's script, which changes with its content. */
const own = document.querySelector<HTMLScriptElement>("script[src]")?.src.slice(root.length) ?? ""

let isRenewed = false
let asked: Promise<void> | undefined

/** Checks whether the hub still serves this page. No answer counts as yes. */
export const ask = (): Promise<void> =>
  asked ??= fetch(root, { cache: "no-cache" }).then(async (response) => {
    if (response.ok && !(await response.text()).includes(own)) isRenewed = true
  }).catch(() => {}).finally(() => {
    asked = undefined
  })

/** Loads the new page, if there is one and the user is not typing. */
export const renew = (): void => {
  const isBusy = document.querySelector("dialog[open], :is(input, select, textarea):focus") !== null
  if (isRenewed && !isBusy) location.reload()
}

/** Loads a part of the page. If the hub no longer has it, loads the new page. */
export const part = async <A>(load: () => Promise<A>): Promise<A> => {
  try {
    return await load()
  } catch (error) {
    await ask()
    if (isRenewed) location.reload()
    throw error
  }
}
