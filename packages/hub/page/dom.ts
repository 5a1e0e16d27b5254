/** Elements. Their content comes from outside, so it is set as text, never as HTML. */

type Value = string | number | boolean | undefined | ((event: Event) => void)

export type Child = Node | string | undefined | false

/** Makes an element. A function listens to the event of its name, and `true` is an attribute without a value. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Value>> = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value)
    else put(element, name, value)
  }
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

/** Sets an attribute if it has changed. */
export const put = (element: Element, name: string, value: string | number | boolean | undefined): void => {
  const next = value === undefined || value === false ? null : value === true ? "" : String(value)
  if (element.getAttribute(name) === next) return
  if (next === null) element.removeAttribute(name)
  else element.setAttribute(name, next)
}

/** Sets a text if it has changed, so that nothing is read out twice. */
export const say = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}

/** Gives an element these children in this order, and moves only those that are in another place. */
export const arrange = (parent: Element, children: ReadonlyArray<Element>): void => {
  const focused = document.activeElement
  const kept = new Set(children)
  for (let index = parent.children.length - 1; index >= 0; index--) {
    const child = parent.children[index]
    if (!kept.has(child)) child.remove()
  }
  for (const [index, child] of children.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null)
  }
  // Moving an element removes its focus.
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true })
  }
}
