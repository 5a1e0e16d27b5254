/** Renewal: a hub that was replaced has another page, which a tab that stays open does not know of. */
import { root } from "./api.ts"

/** The name of the page's script, which changes with its content. */
const own = document.querySelector<HTMLScriptElement>("script[src]")?.src.slice(root.length) ?? ""

let isRenewed = false
let asked: Promise<void> | undefined

/** Finds out whether the hub serves this page still. Without an answer it does. */
export const ask = (): Promise<void> =>
  asked ??= fetch(root, { cache: "no-cache" }).then(async (response) => {
    if (response.ok && !(await response.text()).includes(own)) isRenewed = true
  }).catch(() => {}).finally(() => {
    asked = undefined
  })

/** Loads the new page, if there is one, and nobody writes just now. */
export const renew = (): void => {
  const isBusy = document.querySelector("dialog[open], :is(input, select, textarea):focus") !== null
  if (isRenewed && !isBusy) location.reload()
}

/** Loads a part of the page. What the hub has no more is looked for in the new page. */
export const part = async <A>(load: () => Promise<A>): Promise<A> => {
  try {
    return await load()
  } catch (error) {
    await ask()
    if (isRenewed) location.reload()
    throw error
  }
}
