/**
 * The stream of news. One tab of a browser listens to the hub and tells the others, because a browser has six connections to a
 * host and a ninth tab would wait forever. Hidden tabs do not listen at all, and catch up when they are shown.
 */
import type { Live } from "../src/Api.ts"
import { root } from "./api.ts"
import * as Store from "./store.ts"

type Message =
  /** A tab has come, and wants to know what is known. */
  | { readonly kind: "hello"; readonly from: string }
  /** A tab listens to the hub, and passes on what it hears; or only says that it is still there. */
  | { readonly kind: "news"; readonly from: string; readonly live?: Live | undefined }
  /** The tab listens no more. */
  | { readonly kind: "bye"; readonly from: string }

const me = `${Date.now()} ${Math.random()}`
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(`ownet-hub ${root}`)
// oxlint-disable-next-line require-post-message-target-origin -- a channel has no other origin
const post = (message: Message): void => channel?.postMessage(message)

/** Maximum silence of the tab that listens, in milliseconds. */
const silence = 4000

let source: EventSource | undefined
/** The tab that listens for this one, and when it was heard. */
let leader: { readonly id: string; at: number } | undefined
/** When the hub was heard, by the browser's clock. */
let heard = Date.now()
let isReached = false

/** Whether the last thing that happened to the connection is that it was there. */
export const reached = (): boolean => isReached

const take = (live: Live): void => {
  heard = Date.now()
  isReached = true
  Store.apply(live)
}

const close = (): void => {
  source?.close()
  source = undefined
}

const open = (): void => {
  close()
  leader = undefined
  const opened = new EventSource(`${root}api/v1/live`)
  source = opened
  opened.addEventListener("message", ({ data }) => {
    if (source !== opened) return
    // The hub and its page are of one build.
    const live = JSON.parse(data) as Live
    take(live)
    post({ kind: "news", from: me, live })
  })
  opened.addEventListener("error", () => {
    if (source !== opened) return
    isReached = false
    // An answer that is no stream ends it for good: a proxy's, while the hub is away.
    if (opened.readyState === EventSource.CLOSED) setTimeout(() => source === opened && open(), 3000)
  })
}

const hears = (): boolean => document.visibilityState === "visible"

const begin = (): void => {
  if (!hears()) return
  heard = Date.now()
  post({ kind: "hello", from: me })
  open()
}

const end = (): void => {
  if (source !== undefined) post({ kind: "bye", from: me })
  close()
  leader = undefined
}

const follow = (id: string): void => {
  close()
  leader = { id, at: Date.now() }
}

const receive = ({ data }: MessageEvent<Message>): void => {
  if (!hears()) return
  if (data.kind === "hello") {
    // Only a tab that has heard the hub can tell of it.
    if (source !== undefined && isReached) post({ kind: "news", from: me, live: Store.snapshot() })
  } else if (data.kind === "bye") {
    if (leader?.id === data.from) setTimeout(() => leader?.id === data.from && open(), Math.random() * 200)
  } else {
    // Of two that listen the older one goes on, if it hears anything.
    if (source !== undefined && isReached && me < data.from) return
    if (source !== undefined || leader === undefined) {
      follow(data.from)
      if (data.live?._tag !== "Snapshot") post({ kind: "hello", from: me })
    }
    if (leader?.id !== data.from) return
    leader.at = Date.now()
    if (data.live !== undefined && (data.live._tag === "Snapshot" || Store.known !== undefined)) take(data.live)
  }
}

/** Once a second: tells the other tabs, and begins anew if nothing comes. */
const beat = (): void => {
  if (!hears()) return
  const time = Date.now()
  if (source !== undefined && isReached) post({ kind: "news", from: me })
  if (leader !== undefined && time - leader.at > silence + Math.random() * 2000) open()
  // A connection may be dead without anybody having said so: a laptop that slept, a router that forgot.
  else if (
    source?.readyState === EventSource.OPEN && time - heard > 1000 * Math.max(45, 3 * (Store.known?.every ?? 0))
  ) {
    begin()
  }
}

export const start = (): void => {
  channel?.addEventListener("message", receive)
  document.addEventListener("visibilitychange", () => hears() ? begin() : end())
  addEventListener("pagehide", end)
  addEventListener("pageshow", ({ persisted }) => persisted && begin())
  setInterval(beat, 1000)
  begin()
}
