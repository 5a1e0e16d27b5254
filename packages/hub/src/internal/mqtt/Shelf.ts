/**
 * The retained topics of this bridge on the broker, and the messages that bring them up to date.
 *
 * A retained list on the broker always has the topics of all other retained messages. It grows before a new topic is published,
 * and shrinks after an old one is cleared. If a program is killed at any moment, the next one finds all topics that it has left.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Message } from "./Desired.ts"
import * as Topic from "./Topic.ts"

const List = Schema.fromJsonString(Schema.Array(Schema.String))

const decodeList = Schema.decodeUnknownOption(List)

/**
 * Whether a topic in a list may be cleared. It must be below the base topic, or be an announcement, which is elsewhere. Anybody
 * may have written a list.
 */
const isOwn = (base: string, topic: string): boolean =>
  Topic.isSound(topic) && (topic.startsWith(`${base}/`) || topic.endsWith("/config"))

/** The topic of the list of a bridge. */
export const listTopic = (base: string): string => `${base}/bridge/topics`

/** The topics in a list from the broker. */
export const parse = (base: string, payload: string): ReadonlyArray<string> =>
  Option.getOrElse(decodeList(payload), () => []).filter((topic) => isOwn(base, topic) && topic !== listTopic(base))

export class Shelf {
  private readonly list: string
  /** Topics that may be retained. */
  private listed: ReadonlySet<string> = new Set()
  /** Messages that the broker has acknowledged on this connection, by topic. */
  private readonly sent = new Map<string, Message>()
  /** Topics that the broker has cleared on this connection, but are still in the list. */
  private readonly cleared = new Set<string>()

  constructor(base: string) {
    this.list = listTopic(base)
  }

  /** Begins a new connection with the topics in the broker's list. The broker may have forgotten everything. */
  connect(found: ReadonlyArray<string>): void {
    this.listed = new Set([...this.listed, ...found])
    this.forget()
  }

  /** Publishes all messages again. */
  forget(): void {
    this.sent.clear()
    this.cleared.clear()
  }

  /** Publishes a topic again, because somebody else has published to it. */
  forgetTopic(topic: string): void {
    this.sent.delete(topic)
  }

  /** The missing messages, in their order. */
  plan(desired: ReadonlyArray<Message>): ReadonlyArray<Message> {
    const wanted = new Set(desired.flatMap(({ retain, topic }) => retain ? [topic] : []))
    const unwanted = [...this.listed].filter((topic) => !wanted.has(topic))
    const topics = new Set([this.list, ...this.listed, ...desired.map(({ topic }) => topic)])
    for (const topic of this.sent.keys()) if (!topics.has(topic)) this.sent.delete(topic)
    const messages: Array<Message> = []
    const say = (message: Message): void => {
      const sent = this.sent.get(message.topic)
      if (sent?.payload !== message.payload || sent.retain !== message.retain) messages.push(message)
    }
    const listOf = (topics: Iterable<string>): Message => ({
      topic: this.list,
      payload: JSON.stringify([...new Set(topics)].toSorted()),
      retain: true
    })
    // The bridge comes before everything else.
    const [first, ...others] = desired
    if (first !== undefined) say(first)
    say(listOf([...this.listed, ...wanted]))
    for (const topic of unwanted) if (!this.cleared.has(topic)) messages.push({ topic, payload: "", retain: true })
    for (const message of others) say(message)
    if (unwanted.length > 0) messages.push(listOf(wanted))
    return messages
  }

  /** The messages that leave nothing on the broker, including the list. */
  clear(): ReadonlyArray<Message> {
    return [...this.listed, this.list].map((topic) => ({ topic, payload: "", retain: true }))
  }

  /** Takes in that the broker has received a message. */
  acknowledge(message: Message): void {
    const { payload, retain, topic } = message
    if (payload === "") {
      this.sent.delete(topic)
      this.cleared.add(topic)
      return
    }
    this.sent.set(topic, message)
    if (retain) this.cleared.delete(topic)
    if (topic !== this.list) return
    this.listed = new Set(Option.getOrElse(decodeList(payload), () => []))
    for (const topic of this.cleared) if (!this.listed.has(topic)) this.cleared.delete(topic)
  }
}
