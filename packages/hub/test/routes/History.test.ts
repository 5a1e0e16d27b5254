import { Printable } from "@effect-ownet/core"
import { History, HistoryError, Hub } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch, Layer, Schema, Stream } from "effect"
import { Csv } from "effect/encoding"
import { TestClock } from "effect/testing"
import { type IncomingMessage, request } from "node:http"
import * as Export from "../../src/internal/routes/Export.ts"
import * as Served from "../fixtures/served.ts"
import { ask } from "../fixtures/served.ts"

const attic = "28.000028D70200"
const barn = "28.000028D70300"

const seconds = (iso: string) => Date.parse(iso) / 1000

const hostile = `=cmd|' /C calc'!A0, "x"\n<b>`

const shown = (key: string, title: string) => ({
  key,
  device: key,
  isHidden: false,
  limits: {},
  title,
  chip: "DS18B20",
  properties: []
})

/** A hub over a history that it does not write to. */
const hub = <E>(history: Layer.Layer<History.History, E>) =>
  Layer.mock(Hub.Hub, {
    state: Effect.succeed({
      at: 1,
      title: "House",
      every: 10,
      servers: [],
      notices: [],
      outlets: [],
      places: [shown(Served.cellar, hostile), shown(attic, "@attic"), shown(barn, "Scheune – äöü")]
    }),
    live: Stream.never
  }).pipe(Layer.provideMerge(history))

const served = Served.layerOf(hub(History.layerMemory))

/** Keeps values of the temperature of a place: seconds after `from`, the value, and what is wrong with it. */
const keep = Effect.fnUntraced(function*(
  device: string,
  from: number,
  values: ReadonlyArray<readonly [after: number, value: number | undefined, verdict?: History.Row["verdict"]]>
) {
  const history = yield* History.History
  const { id } = yield* history.open({ device, property: "temperature", unit: "°C", since: from })
  yield* history.append({
    at: from + (values.at(-1)?.[0] ?? 0),
    rows: values.map(([after, value, verdict = "Plausible"]) => ({ series: id, at: from + after, value, verdict })),
    events: []
  })
})

const asked = Effect.fnUntraced(function*(path: string) {
  const { body, status } = yield* ask("GET", `/api/v1/${path}`)
  assert.strictEqual(status, 200, body)
  return JSON.parse(body)
})

const at = (iso: string) => TestClock.setTime(Date.parse(iso))

describe("the history", () => {
  it.effect("has buckets of one width, gaps in them, and what is not plausible beside them", () =>
    Effect.gen(function*() {
      const from = seconds("2026-03-01T12:00:00Z")
      yield* at("2026-03-01T12:30:00Z")
      yield* keep(Served.cellar, from, [[0, 10], [300, 20], [600, undefined], [900, 85, "PowerOn"], [960, 12.25]])
      yield* keep(attic, from, [[0, 5], [600, 5]])
      const query = `series=${Served.cellar}/temperature&series=${attic}/temperature,${barn}/temperature`
      const range = "from=2026-03-01T12:00:00Z&to=2026-03-01T12:20:00Z"
      assert.deepStrictEqual(yield* asked(`history?${query}&${range}&points=10`), {
        from,
        width: 120,
        series: [
          {
            place: Served.cellar,
            property: "temperature",
            unit: "°C",
            mean: [10, 10, 15, 20, 20, null, null, null, 12.25, 12.25],
            min: [10, 10, 10, 20, 20, null, null, null, 12.25, 12.25],
            max: [10, 10, 20, 20, 20, null, null, null, 12.25, 12.25],
            marks: [{ at: from + 900, value: 85, verdict: "PowerOn" }]
          },
          { place: attic, property: "temperature", unit: "°C", mean: Array.from({ length: 10 }, () => 5), marks: [] },
          { place: barn, property: "temperature", mean: Array.from({ length: 10 }, () => null), marks: [] }
        ]
      })
    }).pipe(Effect.provide(served)))

  it.effect("has widths that are parts of an hour or hours, and no more buckets than were asked for, but for the first", () =>
    Effect.gen(function*() {
      yield* at("2026-03-01T12:30:00Z")
      for (const range of [60, 3600, 86_400, 86_400 * 7, 86_400 * 30, 86_400 * 366, 86_400 * 3660]) {
        for (const points of [10, 500, 1000, 4000]) {
          const to = seconds("2026-02-27T12:34:56Z")
          const { from, series, width } = yield* asked(
            `history?series=${attic}/temperature&from=${to - range}&to=${to}&points=${points}`
          )
          assert.strictEqual(width < 3600 ? 3600 % width : width % 3600, 0)
          assert.isAtMost(from, to - range)
          assert.isAbove(from + width, to - range)
          const [{ mean }] = series
          assert.isAtMost(mean.length, points + 1)
          assert.isAtLeast(from + width * mean.length, to)
        }
      }
    }).pipe(Effect.provide(served)))

  it.effect("has tables by the days of a calendar, which have 23 to 25 hours", () =>
    Effect.gen(function*() {
      yield* at("2026-12-01T00:00:00Z")
      const days = (range: string, zone: string) =>
        Effect.map(
          asked(`days?series=${attic}/temperature&${range}&zone=${zone}`),
          ([{ days }]) => days.map(({ date, from, to }: Record<string, number>) => `${date} ${(to! - from!) / 3600}`)
        )
      assert.deepStrictEqual(yield* days("from=2026-03-28T12:00:00Z&to=2026-03-30T12:00:00Z", "Europe/Berlin"), [
        "2026-03-28 24",
        "2026-03-29 23",
        "2026-03-30 24"
      ])
      assert.deepStrictEqual(yield* days("from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z", "Europe/Berlin"), [
        "2026-10-25 25"
      ])
      // A day without midnight, one with two, and one that never was.
      assert.deepStrictEqual(yield* days("from=2026-09-06T05:00:00Z&to=2026-09-06T06:00:00Z", "America/Santiago"), [
        "2026-09-06 23"
      ])
      assert.deepStrictEqual(yield* days("from=2026-11-01T05:00:00Z&to=2026-11-01T06:00:00Z", "America/Havana"), [
        "2026-11-01 25"
      ])
      assert.deepStrictEqual(yield* days("from=2011-12-30T00:00:00Z&to=2011-12-30T23:00:00Z", "Pacific/Apia"), [
        "2011-12-29 24",
        "2011-12-31 24"
      ])
    }).pipe(Effect.provide(served)))

  it.effect("tells what is known of a day, and of how much of it", () =>
    Effect.gen(function*() {
      yield* at("2026-12-01T00:00:00Z")
      const from = seconds("2026-03-28T23:00:00Z")
      yield* keep(Served.cellar, from, [[0, 10], [3600, 20], [7200, undefined]])
      const query =
        `series=${Served.cellar}/temperature&from=2026-03-29T06:00:00Z&to=2026-03-29T23:00:00Z&zone=Europe/Berlin`
      assert.deepStrictEqual(yield* asked(`days?${query}`), [{
        place: Served.cellar,
        property: "temperature",
        unit: "°C",
        days: [
          { date: "2026-03-29", from, to: from + 23 * 3600, covered: 7200, min: 10, mean: 15, max: 20 },
          {
            date: "2026-03-30",
            from: from + 23 * 3600,
            to: from + 47 * 3600,
            covered: 0,
            min: null,
            mean: null,
            max: null
          }
        ]
      }])
    }).pipe(Effect.provide(served)))

  it.effect("tells what happened, the latest first", () =>
    Effect.gen(function*() {
      const history = yield* History.History
      yield* at("2026-03-01T12:00:00Z")
      const now = seconds("2026-03-01T12:00:00Z")
      const events = [
        { at: now - 30, kind: "Vanished", place: attic, text: "attic has vanished" },
        { at: now - 20, kind: "Raised", place: Served.cellar, property: "temperature", text: "<b>too warm" },
        { at: now - 10, kind: "ServerFailed", server: "pi", text: "pi does not answer" }
      ]
      yield* history.append({ at: now, rows: [], events })
      assert.deepStrictEqual(yield* asked("events"), events.toReversed())
      assert.deepStrictEqual(yield* asked(`events?place=${attic.toLowerCase()}`), [events[0]])
      assert.deepStrictEqual(yield* asked(`events?limit=1&to=${now - 15}`), [events[1]])
    }).pipe(Effect.provide(served)))

  it.effect("is unavailable if it cannot be read, while all else is there", () =>
    Effect.gen(function*() {
      yield* at("2026-03-01T12:00:00Z")
      for (const path of ["history?series=X", "days?series=X", "export.csv", "export.ndjson", "events"]) {
        const { body, status } = yield* ask("GET", `/api/v1/${path.replace("X", `${attic}/temperature`)}`)
        assert.strictEqual(status, 503, path)
        assert.deepStrictEqual(JSON.parse(body), {
          _tag: "Unavailable",
          message: "read in house.db: file is not a database"
        })
      }
      assert.strictEqual(yield* Served.statusOf("GET", "/api/v1/state"), 200)
    }).pipe(Effect.provide(Served.layerOf(hub(broken)))))
})

const failure = Effect.fail(
  new HistoryError.HistoryError({
    reason: "Damaged",
    operation: "read",
    database: "house.db",
    problem: "file is not a database"
  })
)

const broken = Layer.mock(History.History, {
  database: "house.db",
  series: failure,
  buckets: () => failure,
  events: () => failure
})

const rows = Effect.fnUntraced(function*(body: string) {
  return yield* Stream.make(body).pipe(
    Stream.pipeThroughChannel(Csv.decodeString({ headers: true })),
    Stream.runCollect
  )
})

describe("an export", () => {
  it.effect("has all rows, with gaps, units and verdicts, and names that no spreadsheet takes for formulas", () =>
    Effect.gen(function*() {
      const from = seconds("2026-03-01T12:00:00Z")
      yield* at("2026-03-01T12:30:00Z")
      yield* keep(Served.cellar, from, [[0, 10.5], [60, undefined], [120, 85, "PowerOn"]])
      yield* keep(attic, from, [[0, -5]])
      yield* keep(barn, from, [[0, 1]])
      const row = (place: string, name: string, time: string, value: string, verdict: string) => ({
        time: `2026-03-01T12:${time}Z`,
        place,
        name,
        property: "temperature",
        value,
        unit: "°C",
        verdict
      })
      const { body, headers } = yield* ask("GET", "/api/v1/export.csv")
      assert.strictEqual(headers["content-type"], "text/csv; charset=utf-8")
      assert.strictEqual(headers["content-disposition"], `attachment; filename="history.csv"`)
      assert.match(body, /^time,place,name,property,value,unit,verdict\r\n/)
      const expected = [
        row(Served.cellar, `'${hostile.replace("\n", "\uFFFD")}`, "00:00", "10.5", "Plausible"),
        row(Served.cellar, `'${hostile.replace("\n", "\uFFFD")}`, "01:00", "", ""),
        row(Served.cellar, `'${hostile.replace("\n", "\uFFFD")}`, "02:00", "85", "PowerOn"),
        row(attic, "'@attic", "00:00", "-5", "Plausible"),
        row(barn, "Scheune – äöü", "00:00", "1", "Plausible")
      ]
      assert.sameDeepMembers([...yield* rows(body)], expected)
      const some = yield* ask("GET", `/api/v1/export.csv?series=${attic}/temperature&from=${from}&to=${from + 1}`)
      assert.deepStrictEqual([...yield* rows(some.body)], [expected[3]!])
      const later = yield* ask("GET", `/api/v1/export.csv?from=${from + 1000}`)
      assert.deepStrictEqual([...yield* rows(later.body)], [])
      const ndjson = yield* ask("GET", `/api/v1/export.ndjson?series=${Served.cellar}/temperature`)
      assert.strictEqual(ndjson.headers["content-type"], "application/x-ndjson")
      // Programs get names as they are.
      assert.deepStrictEqual(
        ndjson.body.trimEnd().split("\n").map((line) => JSON.parse(line)),
        expected.slice(0, 3).map((row) => ({
          ...row,
          name: hostile,
          value: row.value === "" ? null : Number(row.value)
        }))
      )
    }).pipe(Effect.provide(served)))

  it.effect.prop(
    "gives back each name, and no cell that a spreadsheet would run",
    [Schema.String, Schema.Finite],
    ([name, value]) =>
      Effect.gen(function*() {
        const row = { time: "", place: attic, name, property: "temperature", value, unit: "°C", verdict: "" }
        const body = yield* Export.csv(Stream.make(row)).pipe(Stream.decodeText, Stream.mkString)
        const [read] = yield* rows(body)
        const printable = Printable.printable(name)
        assert.strictEqual(read?.["name"]?.replace(/(^|;)'(?=\s*[=+\-@＝＋－＠])/g, "$1"), printable)
        assert.notMatch(read?.["name"] ?? "", /(^|;)\s*[=+\-@]|[\p{Cc}\u202E]/u)
        assert.strictEqual(Number(read?.["value"]), value)
      }),
    { arbitrary: { seed: 1 } }
  )

  for (
    const [name, shown] of [
      ["\u001B[2J\u202Egnp", "\uFFFD[2J\uFFFDgnp"],
      ["a;=1+1;b", "a;'=1+1;b"],
      ["\t@SUM(1)", "\uFFFD@SUM(1)"],
      [" -1", "' -1"],
      ["5-3=2", "5-3=2"]
    ] as const
  ) {
    it.effect(`shows ${JSON.stringify(name)} as nothing that is obeyed`, () =>
      Effect.gen(function*() {
        const row = { time: "", place: attic, name, property: "temperature", value: 1, unit: "°C", verdict: "" }
        const body = yield* Export.csv(Stream.make(row)).pipe(Stream.decodeText, Stream.mkString)
        assert.strictEqual([...yield* rows(body)][0]?.["name"], shown)
      }))
  }

  for (const encoding of ["identity", "gzip"]) {
    it.live(`is read from the history as fast as it is taken, and no longer than it is, in ${encoding}`, () => {
      let taken = 0
      const ended = Latch.makeUnsafe()
      const endless = Stream.range(0, Infinity).pipe(
        Stream.map((at): History.Row => {
          taken++
          return { series: 1, at, value: Math.sin(at) * 2 ** 40, verdict: "Plausible" }
        }),
        Stream.ensuring(ended.open)
      )
      const history = Layer.mock(History.History, {
        database: "house.db",
        series: Effect.succeed([]),
        rows: () => endless
      })
      return Effect.gen(function*() {
        const port = yield* Served.port
        const path = `/api/v1/export.csv?series=${attic}/temperature`
        const sent = request({ host: "127.0.0.1", port, path, headers: { "accept-encoding": encoding }, agent: false })
        const response = yield* Effect.callback<IncomingMessage>((resume) => {
          sent.on("response", (response) => resume(Effect.succeed(response)))
          sent.end()
        })
        assert.strictEqual(response.headers["content-encoding"] ?? "identity", encoding)
        // The system keeps some megabytes for a connection. Then nothing more is taken.
        for (let before = -1; before !== taken;) {
          before = taken
          yield* Effect.sleep("200 millis")
        }
        assert.isBelow(taken, 3_000_000)
        sent.destroy()
        yield* ended.await
      }).pipe(Effect.provide(Served.layerOf(hub(history))))
    })
  }
})
