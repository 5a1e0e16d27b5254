/**
 * Messages about notices, what waits to be one, and the hours without them.
 */
import { Printable } from "@effect-ownet/core"
import type { Notices } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as Message from "../../src/internal/notify/Message.ts"
import * as QuietHours from "../../src/internal/notify/QuietHours.ts"
import { Waiting } from "../../src/internal/notify/Waiting.ts"

const begin = Date.UTC(2026, 2, 28, 21) / 1000
const berlin = DateTime.zoneMakeNamedUnsafe("Europe/Berlin")

const freezer: Notices.Notice = {
  id: "m1-1-a",
  kind: "Limit",
  place: "28.000028D70100",
  title: "freezer",
  property: "temperature",
  side: "above",
  limit: -15,
  value: -9.1,
  unit: "°C",
  isUrgent: false,
  since: begin,
  text: "freezer: temperature is -9.1 °C, above -15 °C"
}

const over: Notices.Notice = {
  ...freezer,
  until: begin + 5400,
  endText: "freezer: temperature is -20 °C, within its limits again"
}

const began = (notice: Notices.Notice): Message.Item => ({ notice, phase: "Began" })
const ended = (notice: Notices.Notice): Message.Item => ({ notice, phase: "Ended" })

const messageOf = (items: ReadonlyArray<Message.Item>, now = begin, more = 0): Message.Message => {
  const message = Message.of(items, { more, now: now * 1000, zone: berlin })
  assert.isDefined(message)
  return message
}

const evil = "-rf <!channel> $(reboot) {id} \u001b[2J\n\"'\u0000\ud800"

describe("a message", () => {
  it("has what ntfy, Slack, Gotify and Home Assistant take", () => {
    const message = messageOf([began(freezer)])
    assert.deepStrictEqual(JSON.parse(Message.json(message, { topic: "house", priority: 5 })), {
      title: "freezer: temperature too high",
      message: "freezer: temperature is -9.1 °C, above -15 °C",
      text: "freezer: temperature too high: freezer: temperature is -9.1 °C, above -15 °C",
      priority: 5,
      kind: "Limit",
      phase: "Began",
      place: "28.000028D70100",
      name: "freezer",
      property: "temperature",
      value: -9.1,
      unit: "°C",
      limit: -15,
      since: "2026-03-28T21:00:00.000Z",
      id: "m1-1-a",
      topic: "house"
    })
  })

  it("says when something began if that was a while ago, and of what is over from when to when", () => {
    assert.include(messageOf([began(freezer)], begin + 3600).message, "above -15 °C (since 22:00)")
    assert.include(messageOf([began(freezer)], begin + 86_400).message, "(since 2026-03-28 22:00)")
    const end = messageOf([ended(over)])
    assert.deepInclude(end, { title: "Over: freezer: temperature too high", phase: "Ended", priority: 3 })
    assert.strictEqual(end.message, "freezer: temperature is -20 °C, within its limits again")
    const both = messageOf([began(over), ended(over)], begin + 6000, 12)
    assert.strictEqual(
      both.message,
      "freezer: temperature is -9.1 °C, above -15 °C (22:00 to 23:30); over: "
        + "freezer: temperature is -20 °C, within its limits again … and 12 more that began and ended before"
    )
    assert.deepInclude(both, { until: "2026-03-28T22:30:00.000Z", phase: "Ended" })
    assert.strictEqual(messageOf([began({ ...freezer, isUrgent: true })]).priority, 5)
  })

  it("obeys no name from outside", () => {
    const message = messageOf([
      began({ ...freezer, title: evil, text: `${evil}: ${"x".repeat(10_000)}`, property: evil })
    ])
    assert.deepStrictEqual(JSON.parse(Message.json(message)).text, message.text)
    for (const text of Object.values(message)) {
      if (typeof text === "string") assert.isTrue(Printable.isPrintable(text), text)
    }
    assert.notInclude(message.text, "<!channel>")
    assert.isBelow(message.message.length, 2100)
  })

  it("stays one argument, and becomes no option", () => {
    const message = messageOf([began({ ...freezer, title: evil })])
    assert.strictEqual(Message.argument("{name}", message), ` ${message.name}`)
    assert.strictEqual(Message.argument("--name={name}", message), `--name=${message.name}`)
    assert.include(Message.argument("{title}", message), "$(reboot) {id}")
    assert.strictEqual(
      Message.argument("{value} {unit} {limit} {until}{nothing} {kind}", message),
      " -9.1 °C -15 {nothing} Limit"
    )
    assert.strictEqual(Message.argument("-v", message), "-v")
  })
})

describe("what waits", () => {
  it("is one message if it is over, in the order of its beginning", () => {
    const waiting = new Waiting()
    const second = { ...freezer, id: "b" }
    for (const item of [began(freezer), began(second), ended(over), began(freezer)]) waiting.add(item)
    assert.strictEqual(waiting.size, 3)
    const first = waiting.next(() => true)
    assert.deepStrictEqual(first, [began(freezer), ended(over)])
    waiting.remove(first)
    waiting.add(ended(over))
    assert.deepStrictEqual(waiting.next(() => true), [began(second)])
    assert.deepStrictEqual(waiting.next(({ notice }) => notice.isUrgent), [])
  })

  it("is bounded: what is over is counted, the oldest first, and what is open is kept", () => {
    const waiting = new Waiting()
    const gone: Array<string> = []
    for (let i = 0; i < 1000; i++) {
      for (
        const item of i === 0
          ? [began(freezer)]
          : [began({ ...over, id: `${i}` }), ended({ ...over, id: `${i}` })]
      ) {
        gone.push(...waiting.add(item).map(({ notice }) => notice.id))
      }
    }
    assert.isAtMost(waiting.size, 1000)
    assert.strictEqual(waiting.dropped, gone.length / 2)
    assert.deepStrictEqual(gone.slice(0, 4), ["1", "1", "2", "2"])
    assert.deepStrictEqual(waiting.next(() => true), [began(freezer)])
  })
})

describe("quiet hours", () => {
  const at = (text: string) => Date.parse(text)

  it("go over midnight, and follow the clock of their zone", () => {
    const night = { from: 22 * 60, to: 7 * 60 }
    const isQuiet = (text: string) => QuietHours.isIn(night, berlin, at(text))
    assert.deepStrictEqual(
      ["2026-01-05T20:59:59Z", "2026-01-05T21:00Z", "2026-01-06T05:59:59Z", "2026-01-06T06:00Z"].map(isQuiet),
      [false, true, true, false]
    )
    // The clock goes from 2 to 3 in the night to the 29th of March.
    assert.deepStrictEqual(["2026-03-29T04:59Z", "2026-03-29T05:00Z"].map(isQuiet), [true, false])
    // And back in that to the 25th of October.
    assert.deepStrictEqual(["2026-10-25T05:59Z", "2026-10-25T06:00Z"].map(isQuiet), [true, false])
  })

  it("may end in an hour that there is not, or twice", () => {
    const short = { from: 60, to: 150 }
    const isQuiet = (text: string) => QuietHours.isIn(short, berlin, at(text))
    assert.deepStrictEqual(["2026-03-29T00:59Z", "2026-03-29T01:00Z"].map(isQuiet), [true, false])
    assert.deepStrictEqual(["2026-10-25T00:29Z", "2026-10-25T00:30Z", "2026-10-25T01:29Z"].map(isQuiet), [
      true,
      false,
      true
    ])
  })

  it("are none if they end where they begin, and know no other zones than there are", () => {
    assert.isFalse(QuietHours.isIn({ from: 60, to: 60 }, berlin, at("2026-01-05T00:00Z")))
    assert.isUndefined(QuietHours.zoneOf("Europe/Atlantis"))
    assert.isDefined(QuietHours.zoneOf(undefined))
  })
})
