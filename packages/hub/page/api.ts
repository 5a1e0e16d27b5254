/** Requests to the hub. Their addresses are relative to that of the page's own script. */
import type { Days, Described, Event, History, Reading, Session } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"
import type { Place } from "../src/Places.ts"

/** Address of the page's root, such as `http://pi:8080/` or `https://home.example/ow/`. */
export const root = new URL(".", import.meta.url).href

/** A request that the hub refused, as one line for people. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const reasons: Readonly<Record<number, string>> = {
  401: "the hub needs a token for that",
  403: "the hub does not allow that",
  404: "the hub does not know it",
  413: "that is too large",
  421: "the hub does not answer under this name",
  429: "too many attempts: wait a moment"
}

const messageOf = (body: unknown): string | undefined =>
  typeof body === "object" && body !== null && "message" in body && typeof body.message === "string" &&
    body.message !== ""
    ? body.message
    : undefined

const request = async (path: string, init?: RequestInit): Promise<Response> => {
  let response: Response
  try {
    response = await fetch(`${root}api/v1/${path}`, init)
  } catch {
    throw new Refusal(0, "the hub does not answer")
  }
  if (response.ok) return response
  const body: unknown = await response.json().catch(() => undefined)
  throw new Refusal(
    response.status,
    messageOf(body) ?? reasons[response.status] ?? `the hub answers with ${response.status}`
  )
}

type Query = Readonly<Record<string, string | number | ReadonlyArray<string> | undefined>>

const queryOf = (query: Query): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of typeof value === "object" ? value : [value]) parameters.append(name, String(one))
  }
  return parameters.toString()
}

const get = async <A>(path: string, query: Query, signal?: AbortSignal): Promise<A> => {
  const response = await request(`${path}?${queryOf(query)}`, signal === undefined ? {} : { signal })
  // The hub and its page come from the same build.
  return await response.json() as A
}

const send = (method: string, path: string, body: unknown): Promise<Response> =>
  request(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) })

export interface Span {
  readonly from: number
  readonly to: number
}

/** The name of a property of a place in requests to the hub. */
export const seriesOf = (place: string, property: string): string => `${place}/${property}`

export const history = (series: ReadonlyArray<string>, { from, to }: Span, points: number, signal?: AbortSignal) =>
  get<History>("history", { series, from, to, points }, signal)

export const days = (series: string, { from, to }: Span) =>
  get<ReadonlyArray<Days>>("days", { series, from, to, zone: Intl.DateTimeFormat().resolvedOptions().timeZone })

export const events = (query: Partial<Span> & { readonly place?: string; readonly limit: number }) =>
  get<ReadonlyArray<Event>>("events", query)

export const notices = (query: Partial<Span> & { readonly place: string | undefined; readonly limit: number }) =>
  get<ReadonlyArray<Notice>>("notices", query)

export const channels = () => get<ReadonlyArray<string>>("channels", {})

export const csv = (series: ReadonlyArray<string>, { from, to }: Span): string =>
  `${root}api/v1/export.csv?${queryOf({ series, from: Math.floor(from), to: Math.ceil(to) })}`

export const session = () => get<Session>("session", {})

export const unlock = (token: string) => send("POST", "session", { token })

/** Changes of a place. `null` removes a value. */
export type Edit = { readonly [K in Exclude<keyof Place, "key" | "device">]?: Place[K] | null }

export const edit = (key: string, change: Edit) => send("PUT", `places/${encodeURIComponent(key)}`, change)

/** Acknowledges an open notice. */
export const acknowledge = (id: string) => send("PUT", `notices/${encodeURIComponent(id)}/acknowledgement`, {})

export const testChannel = (name: string) => send("POST", `channels/${encodeURIComponent(name)}/test`, {})

export const fill = (key: string, device: string) => send("PUT", `places/${encodeURIComponent(key)}/device`, { device })

const propertyPath = (device: string, property: string) =>
  `devices/${encodeURIComponent(device)}/${encodeURIComponent(property)}`

export const describe = (device: string) => get<Described>(`devices/${encodeURIComponent(device)}`, {})

export const read = (device: string, property: string) => get<Reading>(propertyPath(device, property), {})

/** Writes a property, and returns the value that was read back. */
export const write = async (device: string, property: string, value: boolean | number | string): Promise<Reading> => {
  const response = await send("PUT", propertyPath(device, property), { value })
  return await response.json() as Reading
}
