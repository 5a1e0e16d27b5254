/**
 * Calls in the order in which they wait. A call that is given up leaves from wherever it stands.
 */
import type { Call } from "./Call.ts"

export class CallQueue {
  private first: Call | undefined
  private last: Call | undefined
  size = 0

  peek(): Call | undefined {
    return this.first
  }

  push(call: Call): void {
    call.previous = this.last
    if (this.last === undefined) this.first = call
    else this.last.next = call
    this.last = call
    this.enter(call)
  }

  /** In front of all others. */
  unshift(call: Call): void {
    call.next = this.first
    if (this.first === undefined) this.last = call
    else this.first.previous = call
    this.first = call
    this.enter(call)
  }

  private enter(call: Call): void {
    call.isQueued = true
    this.size++
  }

  shift(): Call | undefined {
    const { first } = this
    if (first !== undefined) this.delete(first)
    return first
  }

  filter(predicate: (call: Call) => boolean): ReadonlyArray<Call> {
    const found: Array<Call> = []
    for (let call = this.first; call !== undefined; call = call.next) if (predicate(call)) found.push(call)
    return found
  }

  delete(call: Call): void {
    if (!call.isQueued) return
    const { next, previous } = call
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    call.next = undefined
    call.previous = undefined
    call.isQueued = false
    this.size--
  }
}
