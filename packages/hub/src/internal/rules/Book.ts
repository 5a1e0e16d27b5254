/**
 * The book of notices: the open ones, each once, and the turns that have not been passed on. It also measures elapsed time, by a
 * clock that may be set.
 */
import * as Hash from "effect/Hash"
import type { Notice, Turn } from "../../Notices.ts"

/** Seconds of silence after which nothing is known, because the computer slept or its clock was set. */
const silence = 60

/** The subject of a notice. Each subject has at most one open notice. */
export type About = Pick<Notice, "bus" | "kind" | "place" | "property" | "server" | "side">

const keyOf = ({ bus, kind, place, property, server, side }: About): string =>
  JSON.stringify([kind, place, property, side, server, bus])

export class Book {
  readonly open: Map<string, Notice>
  private readonly byKey: Map<string, string>
  /** Restored notices whose subject has not been seen since. */
  private readonly restored: Set<string>
  private turns: Array<Turn> = []
  private count = 0
  private heard: number
  /** Elapsed seconds, without periods of silence. */
  elapsed = 0

  constructor(open: ReadonlyArray<Notice>, now: number) {
    this.open = new Map(open.map((notice) => [notice.id, notice]))
    this.byKey = new Map(open.map((notice) => [keyOf(notice), notice.id]))
    this.restored = new Set(this.open.keys())
    this.heard = now
  }

  /** Advances to a time. */
  pass(now: number): void {
    const step = now - this.heard
    this.heard = now
    if (step > 0 && step <= silence) this.elapsed += step
  }

  get now(): number {
    return this.heard
  }

  find(about: About): Notice | undefined {
    return this.open.get(this.byKey.get(keyOf(about)) ?? "")
  }

  isRestored({ id }: Notice): boolean {
    return this.restored.has(id)
  }

  /** Takes in that the subject of a restored notice has been seen. The notice continues. */
  confirm({ id }: Notice): void {
    this.restored.delete(id)
  }

  begin(notice: Omit<Notice, "id">): void {
    const key = keyOf(notice)
    // If the clock is set back to the same second, another subject still gets a different id.
    const about = (Hash.string(key) >>> 0).toString(36)
    const id = `${Math.floor(this.now * 1000).toString(36)}-${(++this.count).toString(36)}-${about}`
    const begun: Notice = { id, ...notice }
    this.open.set(id, begun)
    this.byKey.set(key, id)
    this.turns.push({ phase: "Began", notice: begun })
  }

  end(notice: Notice, endText: string): void {
    this.open.delete(notice.id)
    this.byKey.delete(keyOf(notice))
    this.restored.delete(notice.id)
    // The clock may have been set back since.
    const until = Math.max(notice.since, this.now)
    this.turns.push({ phase: "Ended", notice: { ...notice, until, endText } })
  }

  acknowledge(id: string): Turn | undefined {
    const notice = this.open.get(id)
    if (notice === undefined) return undefined
    const acknowledged: Notice = { ...notice, acknowledgedAt: notice.acknowledgedAt ?? this.now }
    this.open.set(id, acknowledged)
    return { phase: "Acknowledged", notice: acknowledged }
  }

  /** The turns since the last call. */
  drain(): ReadonlyArray<Turn> {
    if (this.turns.length === 0) return this.turns
    const { turns } = this
    this.turns = []
    return turns
  }
}
