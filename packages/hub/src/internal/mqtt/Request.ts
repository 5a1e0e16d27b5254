/** Requests to the bridge, below `bridge/request`, and its answers. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Api from "../../Api.ts"
import type * as Hub from "../../Hub.ts"
import * as Places from "../../Places.ts"
import * as Command from "./Command.ts"
import * as Desired from "./Desired.ts"
import * as Topic from "./Topic.ts"

/** An answer. `transaction` is copied from the request. */
export interface Answer {
  readonly status: "ok" | "error"
  readonly data: unknown
  readonly error?: string
  readonly transaction?: unknown
}

export const answer = (result: Result.Result<unknown, string>, transaction: unknown, data: unknown = {}): Answer => ({
  ...(Result.isSuccess(result)
    ? { status: "ok", data: result.success }
    : { status: "error", data, error: result.failure }),
  ...(transaction === undefined ? {} : { transaction })
})

/** The state and functions that answer requests. */
export interface Context {
  readonly hub: Hub.Hub["Service"]
  readonly state: Api.State
  readonly names: Topic.Names
  readonly health: () => unknown
  /** Publishes all messages again. */
  readonly refresh: () => void
}

/** Text of one line. */
const Text = Schema.String.check(
  Schema.isMinLength(1),
  Schema.isMaxLength(100),
  Schema.isPattern(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u)
)

const Rename = Schema.Struct({ from: Text, to: Schema.NullOr(Text) })
const Group = Schema.Struct({ place: Text, group: Schema.NullOr(Text) })
const Limits = Schema.Struct({ place: Text, limits: Schema.NullOr(Places.Place.fields.limits) })

/** Finds a place by a name, a title, or a key. */
const find = ({ names, state }: Context, text: string): Result.Result<Api.PlaceState, string> => {
  const key = names.byName.get(text) ?? text
  const [place, other] = [
    state.places.filter((one) => one.key === key),
    state.places.filter((one) => one.title === text)
  ].find((found) => found.length > 0) ?? []
  if (place === undefined) return Result.fail(`there is no place ${JSON.stringify(text)}`)
  return other === undefined
    ? Result.succeed(place)
    : Result.fail(`${JSON.stringify(text)} is the title of several places`)
}

/** The reason why a place cannot have a title in topics, if so. It must not take a topic from another place. */
const problemOf = ({ state }: Context, key: string, title: string): string | undefined => {
  const { places } = Desired.visible(state)
  const before = Topic.names(places)
  const after = Topic.names(places.map((place) => place.key === key ? { ...place, title } : place))
  return [...after.byKey].some(([other, name]) => other !== key && before.byKey.get(other) !== name)
    ? "another place has it"
    : after.unused.find((unused) => unused.key === key)?.problem
}

type Change = Parameters<Hub.Hub["Service"]["edit"]>[1]

const edit = (context: Context, place: Api.PlaceState, change: Change): Effect.Effect<Places.Place, string> =>
  context.hub.edit(place.key, change).pipe(
    Effect.mapError(({ message }) => message),
    Effect.filterOrFail((edited) => edited !== undefined, () => "the place is gone")
  )

/** Decodes a request. The problem, such as a missing property, is one line. */
const decode =
  <S extends Schema.Top & { readonly DecodingServices: never }>(schema: S, example: string) =>
  (fields: unknown): Effect.Effect<S["Type"], string> =>
    Effect.mapError(
      Schema.decodeUnknownEffect(schema)(fields),
      ({ message }) => `${message.replaceAll(/\s+/g, " ").slice(0, 200)}; it takes ${example}`
    )

type Handler = (context: Context, fields: unknown) => Effect.Effect<unknown, string>

const decodeRename = decode(Rename, `{"from":"28.000028D70100","to":"cellar/freezer"}`)
const decodeGroup = decode(Group, `{"place":"cellar/freezer","group":"Cellar"}`)
const decodeLimits = decode(Limits, `{"place":"cellar/freezer","limits":{"temperature":{"above":-15}}}`)

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["rename", (context, fields) =>
    Effect.gen(function*() {
      const { from, to } = yield* decodeRename(fields)
      const place = yield* Effect.fromResult(find(context, from))
      const problem = to === null ? undefined : problemOf(context, place.key, to)
      if (problem !== undefined) return yield* Effect.fail(`${JSON.stringify(to)} cannot be a topic: ${problem}`)
      const edited = yield* edit(context, place, { name: to })
      return { id: place.key, from, to: edited.name ?? null }
    })],
  ["group", (context, fields) =>
    Effect.gen(function*() {
      const { group, place: text } = yield* decodeGroup(fields)
      const place = yield* Effect.fromResult(find(context, text))
      const edited = yield* edit(context, place, { group })
      return { id: place.key, group: edited.group ?? null }
    })],
  ["limits", (context, fields) =>
    Effect.gen(function*() {
      const { limits, place: text } = yield* decodeLimits(fields)
      const place = yield* Effect.fromResult(find(context, text))
      const edited = yield* edit(context, place, { limits })
      return { id: place.key, limits: edited.limits }
    })],
  ["devices", ({ names, state }) => Effect.sync(() => Desired.devices(Desired.visible(state), names))],
  ["health", ({ health }) => Effect.sync(health)],
  ["state", ({ refresh }) => Effect.as(Effect.sync(refresh), {})]
])

/** Answers a request with this name. */
export const handle = Effect.fnUntraced(function*(
  context: Context,
  name: string,
  payload: Uint8Array
): Effect.fn.Return<Answer> {
  const fields = Result.flatMap(
    Command.textOf(payload),
    (text): Result.Result<Command.Fields, string> => text.trim() === "" ? Result.succeed({}) : Command.objectOf(text)
  )
  const { transaction, ...given }: Command.Fields = Result.getOrElse(fields, () => ({}))
  const handler = handlers.get(name)
  if (handler === undefined) {
    const known = [...handlers.keys()].join(", ")
    return answer(Result.fail(`there is no request ${JSON.stringify(name.slice(0, 50))}, but ${known}`), transaction)
  }
  if (Result.isFailure(fields)) return answer(Result.fail(fields.failure), transaction)
  return answer(yield* Effect.result(handler(context, given)), transaction)
})
