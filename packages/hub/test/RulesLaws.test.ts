/**
 * What holds of all notices, whatever is seen, whatever the clock does, and whenever the hub is killed: a naive model looks each time
 * at the whole list of what was seen.
 */
import { Device, type Follow, MessageType, OwError } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { TestOwClient } from "@effect-ownet/core/testing"
import { Notices, type Places, Rules } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const key = "28.000028D70100"

const device = await Device.make(Families.DS18B20, `/bus.0/${key}`).pipe(
  Effect.provide(TestOwClient.layer({})),
  Effect.runPromise
)

const error = OwError.refused(-5, MessageType.Read, { operation: "read", path: "/", server: "pi:4304" })

const Step = Schema.Struct({
  /** Seconds that pass, in ticks of one second. */
  after: Schema.Literals([0, 1, 5, 10, 10, 30, 60, 90]),
  /** Seconds by which the clock jumps first. */
  jump: Schema.Literals([0, 0, 0, 0, 0, 0, 61, 7200, -1, -3600]),
  what: Schema.Union([
    Schema.Struct({ value: Schema.Literals([-1, 0, 4, 5, 9, 10, 11, 11, 11]) }),
    Schema.Literals(["implausible", "failed", "vanished"]),
    Schema.Literals(["busFailed", "busRecovered"]),
    Schema.Literals(["serverFailed", "serverRecovered", "raised", "cleared", "killed", "killed"])
  ])
})

type Step = typeof Step.Type

const limits: ReadonlyArray<Places.Limits> = [
  { above: 10 },
  { above: 10, below: 0 },
  { above: 10, for: 30 },
  { below: 0, for: 60, hysteresis: 4 },
  { above: 10, below: 0, hysteresis: 5 }
]

/** One thing that was seen, by how much time had passed since the program began. */
interface Seen {
  readonly at: number
  readonly value: number
}

const isBeyond = (side: "above" | "below", limits: Places.Limits, { value }: Seen): boolean =>
  side === "above"
    ? limits.above !== undefined && value > limits.above
    : limits.below !== undefined && value < limits.below

/** The last readings of a list that all meet a condition. */
const run = (list: ReadonlyArray<Seen>, meets: (seen: Seen) => boolean): ReadonlyArray<Seen> =>
  list.slice(list.findLastIndex((seen) => !meets(seen)) + 1)

const lasting = (some: ReadonlyArray<Seen>): number => some.length === 0 ? -1 : some.at(-1)!.at - some[0]!.at

/** Whether a limit is exceeded after a list of readings. */
const isExceeded = (
  before: boolean,
  side: "above" | "below",
  limits: Places.Limits,
  list: ReadonlyArray<Seen>
): boolean => {
  let open = before
  let from = 0
  list.forEach((seen, index) => {
    const known = list.slice(from, index + 1)
    const beyond = run(known, (seen) => isBeyond(side, limits, seen))
    const within = run(known, (seen) => !isBeyond(side, limits, seen))
    const other = side === "above" ? "below" : "above"
    const { above = Infinity, below = -Infinity, hysteresis = 0 } = limits
    const isBack = side === "above" ? seen.value <= above - hysteresis : seen.value >= below + hysteresis
    const isNow = open
      ? !(within.length > 0 && (isBeyond(other, limits, seen) || (hysteresis > 0 ? isBack : lasting(within) >= 60)))
      : lasting(beyond) >= (limits.for ?? 0)
    if (isNow !== open) from = index + 1
    open = isNow
  })
  return open
}

/** Whether there has been no news for too long: `quiet` tells which seconds are explained by nothing else. */
const isSilent = (
  before: boolean,
  longest: number,
  readings: ReadonlyArray<Seen>,
  quiet: ReadonlyArray<number>
): boolean => {
  const last = readings.at(-1)?.at
  if (last === undefined) return before || quiet.length >= longest
  return quiet.filter((at) => at > last).length >= longest
}

describe("Rules", () => {
  it.prop(
    "agree with a model that looks at all that was seen, and tell each thing once, whenever the hub is killed",
    [
      Schema.Array(Step).check(Schema.isMinLength(80), Schema.isMaxLength(100)),
      Schema.Literals([0, 1, 2, 3, 4]),
      Schema.Literals([0, 45, 120])
    ],
    ([steps, which, noNewsFor]) => {
      const subject: Rules.Subject = {
        key,
        device: key,
        title: "freezer",
        limits: { temperature: limits[which]! },
        noNewsFor
      }
      const options: Rules.Options = {
        settings: () => ({ outagesFor: 20 }),
        placeOf: (device) => device === key ? subject : undefined,
        places: () => [subject]
      }
      let now = 1_000_000
      /** As a history keeps them. */
      const kept = new Map<string, Notices.Notice>()
      const ended = new Set<string>()
      const tell = (turns: ReadonlyArray<Notices.Turn>) => {
        for (const { notice, phase } of turns) {
          assert.isTrue(Schema.is(Notices.Notice)(notice))
          if (phase === "Began") {
            assert.isFalse(kept.has(notice.id) || ended.has(notice.id), "it begins once")
            const same = [...kept.values()].some((one) =>
              one.kind === notice.kind && one.side === notice.side && one.bus === notice.bus
            )
            assert.isFalse(same, "there is one of each")
            kept.set(notice.id, notice)
          } else {
            assert.isTrue(kept.delete(notice.id), "it ends once, after it has begun")
            assert.isAtLeast(notice.until ?? -1, notice.since)
            assert.isDefined(notice.endText)
            ended.add(notice.id)
          }
        }
      }
      const start = () => {
        const open = [...kept.values()]
        const has = (kind: Notices.Kind, side?: string) => open.some((one) => one.kind === kind && one.side === side)
        return {
          rules: Rules.begin(open, now, options),
          before: { above: has("Limit", "above"), below: has("Limit", "below"), silent: has("NoNews") },
          readings: new Array<Seen>(),
          quiet: new Array<number>(),
          elapsed: 0
        }
      }
      let program = start()
      let isBusOut = false
      let isServerOut = false
      const pass = (seconds: number) => {
        for (let i = 0; i < seconds; i++) {
          program.elapsed++
          if (!isServerOut && !isBusOut) program.quiet.push(program.elapsed)
          tell(Rules.tick(program.rules, ++now))
        }
      }
      const take = (event: Readonly<Record<string, unknown>> & { readonly _tag: Follow.Event["_tag"] }) => {
        const at = new Date(now * 1000)
        tell(Rules.take(program.rules, { server: "pi", device, at, ...event } as unknown as Follow.Event, now))
      }
      const see = ({ what }: Step) => {
        const reading = { _tag: "Reading", property: "temperature", unit: "°C" } as const
        if (typeof what === "object") {
          program.readings.push({ at: program.elapsed, value: what.value })
          return take({ ...reading, value: what.value, verdict: { _tag: "Plausible" } })
        }
        switch (what) {
          case "implausible":
            return take({ ...reading, value: 85, verdict: { _tag: "PowerOn" } })
          case "failed":
            return take({ _tag: "Failed", property: "temperature", error })
          case "vanished":
            return take({ _tag: "Vanished", lastSeen: new Date(now * 1000) })
          case "busFailed":
            if (isBusOut) return
            isBusOut = true
            return take({ _tag: "BusFailed", bus: "bus.0", error })
          case "busRecovered":
            if (!isBusOut) return
            isBusOut = false
            return take({ _tag: "BusRecovered", bus: "bus.0", since: new Date(0) })
          case "serverFailed":
            if (isServerOut) return
            isServerOut = true
            return take({ _tag: "ServerFailed", error })
          case "serverRecovered":
            if (!isServerOut) return
            isServerOut = false
            return take({ _tag: "ServerRecovered", since: new Date(0) })
          case "raised":
            return take({ _tag: "Raised" })
          case "cleared":
            return take({ _tag: "Cleared", since: new Date(0) })
          case "killed":
            program = start()
            isBusOut = false
            isServerOut = false
        }
      }
      for (const step of steps) {
        now += step.jump
        // A jump is noticed at the next word, which may be a second later.
        if (step.jump !== 0) tell(Rules.tick(program.rules, now))
        pass(step.after)
        see(step)
        const has = (kind: Notices.Kind, side?: string) =>
          [...kept.values()].some((one) => one.kind === kind && one.side === side)
        for (const side of ["above", "below"] as const) {
          const should = isExceeded(program.before[side], side, limits[which]!, program.readings)
          assert.strictEqual(has("Limit", side), should, `${side} after ${JSON.stringify(program.readings)}`)
        }
        if (noNewsFor > 0) {
          const { before, quiet, readings } = program
          assert.strictEqual(has("NoNews"), isSilent(before.silent, noNewsFor, readings, quiet), "no news")
        }
        assert.deepStrictEqual(new Set(kept.keys()), new Set(program.rules.open.keys()))
      }
    },
    { arbitrary: { runs: 150, seed: "rules" } }
  )
})

/** Something that happens to the freezer, its bus or its server. */
const Moment = Schema.Struct({
  after: Schema.Literals([0, 1, 5, 10, 10, 30, 60, 90]),
  what: Schema.Union([
    Schema.Struct({ value: Schema.Literals([-1, 4, 9, 10, 11, 11]) }),
    Schema.Literals([
      "busFailed",
      "busRecovered",
      "serverFailed",
      "serverRecovered",
      "raised",
      "cleared",
      "moved",
      "moved"
    ])
  ]),
  /** Order in which a hub that goes on is told what was known. */
  isReversed: Schema.Boolean
})

describe("Rules that go on in another hub", () => {
  it.prop(
    "begin nothing again, and come to the same as if they had never been moved",
    [
      Schema.Array(Moment).check(Schema.isMinLength(40), Schema.isMaxLength(60)),
      Schema.Literals([0, 1, 2, 3, 4])
    ],
    ([moments, which]) => {
      const subject: Rules.Subject = {
        key,
        device: key,
        title: "freezer",
        limits: { temperature: limits[which]! },
        noNewsFor: 45
      }
      const options: Rules.Options = {
        settings: () => ({ outagesFor: 20 }),
        placeOf: (device) => device === key ? subject : undefined,
        places: () => [subject]
      }
      let now = 1_000_000
      const aboutOf = ({ bus, kind, server, side }: Notices.Notice) => [kind, side, server, bus].join(" ")
      /** A hub, its open notices as they are kept, and how often it has told of each thing. */
      const hubOf = () => {
        const kept = new Map<string, Notices.Notice>()
        const begun = new Map<string, number>()
        return {
          kept,
          begun,
          rules: Rules.begin([], now, options),
          tell: (turns: ReadonlyArray<Notices.Turn>) => {
            for (const { notice, phase } of turns) {
              const about = aboutOf(notice)
              if (phase === "Ended") assert.isTrue(kept.delete(about), `${about} ends after it has begun`)
              else {
                assert.isFalse(kept.has(about), `${about} is open already`)
                kept.set(about, notice)
                begun.set(about, (begun.get(about) ?? 0) + 1)
              }
            }
          }
        }
      }
      const stays = hubOf()
      const moves = hubOf()
      const hubs = [stays, moves]
      /** What is known, as a journal tells it to a hub that goes on. */
      const standing = new Map<string, Follow.Event>()
      const eventOf = (event: Readonly<Record<string, unknown>> & { readonly _tag: Follow.Event["_tag"] }) =>
        // What is left out of an event is not asked for.
        ({ server: "pi", device, at: new Date(now * 1000), ...event }) as unknown as Follow.Event
      const know = (about: string, event: Parameters<typeof eventOf>[0]) => standing.set(about, eventOf(event))
      const take = (event: Parameters<typeof eventOf>[0]) => {
        for (const { rules, tell } of hubs) tell(Rules.take(rules, eventOf(event), now))
      }
      const pass = (seconds: number) => {
        for (let i = 0; i < seconds; i++) {
          now++
          for (const { rules, tell } of hubs) tell(Rules.tick(rules, now))
        }
      }
      const read = (value: number) =>
        take({ _tag: "Reading", property: "temperature", unit: "°C", value, verdict: { _tag: "Plausible" } })
      for (const event of [{ _tag: "ServerAdded" }, { _tag: "Found" }, { _tag: "Appeared" }] as const) {
        know(event._tag, event)
        take(event)
      }
      const isOut = () => standing.has("server") || standing.has("bus")
      let value = 5
      let raised = 0
      for (const { after, isReversed, what } of moments) {
        pass(after)
        if (typeof what === "object") {
          if (isOut()) continue
          value = what.value
          read(value)
          continue
        }
        switch (what) {
          case "moved": {
            moves.rules = Rules.begin([...moves.kept.values()], now, options)
            const known = [...standing.values()]
            for (const event of isReversed ? known.toReversed() : known) Rules.know(moves.rules, event)
            break
          }
          case "serverFailed":
          case "busFailed": {
            const name = what === "serverFailed" ? "server" : "bus"
            if (standing.has("server") || standing.has(name)) break
            const event = what === "serverFailed"
              ? { _tag: "ServerFailed", error } as const
              : { _tag: "BusFailed", bus: "bus.0", error } as const
            know(name, event)
            take(event)
            break
          }
          case "serverRecovered":
            if (standing.delete("server")) take({ _tag: "ServerRecovered", since: new Date(0) })
            break
          case "busRecovered":
            if (standing.delete("bus")) take({ _tag: "BusRecovered", bus: "bus.0", since: new Date(0) })
            break
          case "raised":
            if (standing.has("alarm") || isOut()) break
            raised++
            know("alarm", { _tag: "Raised" })
            take({ _tag: "Raised" })
            break
          case "cleared":
            if (!isOut() && standing.delete("alarm")) take({ _tag: "Cleared", since: new Date(0) })
        }
        for (const [about, count] of moves.begun) {
          // An alarm of a chip that has not been read since is over at once, so that the next one is another one.
          const most = about.startsWith("Alarm") ? raised : stays.begun.get(about) ?? 0
          assert.isAtMost(count, most, `${about} is told again`)
        }
      }
      const same = (isMeant: (about: string) => boolean) =>
        assert.deepStrictEqual(
          [...moves.kept.keys()].filter(isMeant).toSorted(),
          [...stays.kept.keys()].filter(isMeant).toSorted()
        )
      pass(60)
      same((about) => about.includes("Out"))
      if (standing.delete("server")) take({ _tag: "ServerRecovered", since: new Date(0) })
      if (standing.delete("bus")) take({ _tag: "BusRecovered", bus: "bus.0", since: new Date(0) })
      // Time heals what a hub that goes on has to see for itself.
      for (let i = 0; i < 20; i++) {
        pass(10)
        read(value)
      }
      same(() => true)
    },
    { arbitrary: { runs: 150, seed: "moves" } }
  )
})
