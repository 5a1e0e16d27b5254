/**
 * The stream of news. One tab of a browser listens to the hub and passes the news to the others, because a browser has six
 * connections to a host and a ninth tab would wait forever. Hidden tabs do not listen, and catch up when they are shown.
 */
import type { Live } from "../src/Api.ts"
import { root } from "./api.ts"
import * as Store from "./store.ts"

type Message =
  /** A tab has opened, and requests the state. */
  | { readonly kind: "hello"; readonly from: string }
  /** A tab listens to the hub, and passes on what it hears, or only reports that it still listens. */
  | { readonly kind: "news"; readonly from: string; readonly live?: Live | undefined }
  /** The tab no longer listens. */
  | { readonly kind: "bye"; readonly from: string }

const me = `${Date.now()} ${Math.random()}`
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(`ownet-hub ${root}`)
// oxlint-disable-next-line require-post-message-target-origin -- a channel has no other origin
const post = (message: Message): void => channel?.postMessage(message)

/** Maximum silence of the tab that listens, in milliseconds. */
const silence = 4000

let source: EventSource | undefined
/** The tab that listens for this one, and the time of its last message. */
let leader: { readonly id: string; at: number } | undefined
/** Time of the last message from the hub, by the browser's clock. */
let heard = Date.now()
let isReached = false

/** Whether the connection was established when its state last changed. */
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
    // The hub and its page come from the same build.
    const live = JSON.parse(data) as Live
    take(live)
    post({ kind: "news", from: me, live })
  })
  opened.addEventListener("error", () => {
    if (source !== opened) return
    isReached = false
    // An answer that is not a stream ends it for good. A proxy gives such an answer while the hub is down.
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
    // Only a tab that has heard from the hub can report its state.
    if (source !== undefined && isReached) post({ kind: "news", from: me, live: Store.snapshot() })
  } else if (data.kind === "bye") {
    if (leader?.id === data.from) setTimeout(() => leader?.id === data.from && open(), Math.random() * 200)
  } else {
    // If two tabs listen, the older one continues, as long as it hears anything.
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

/** Once a second: reports to the other tabs, and reconnects if nothing arrives. */
const beat = (): void => {
  if (!hears()) return
  const time = Date.now()
  if (source !== undefined && isReached) post({ kind: "news", from: me })
  if (leader !== undefined && time - leader.at > silence + Math.random() * 2000) open()
  // A connection may be dead without a notice: a laptop that slept, a router that lost its state.
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
