/**
 * Settings of a hub from flags and the environment. They override those of its file.
 */
import * as DurationText from "@effect-ownet/hub/DurationText"
import type { HubConfig } from "@effect-ownet/hub/HubConfig"
import * as Option from "effect/Option"
import { dirname, resolve } from "node:path"
import * as Listen from "../server/Listen.ts"

/** A duration with a minimum, both in milliseconds. */
const atLeast = (least: number) => (text: string): Option.Option<number> =>
  Option.filter(DurationText.parse(text), (millis) => millis >= least)

const day = 86_400_000

const database = (text: string): Option.Option<string> =>
  text.trim() === "" || (/^[a-z][\w+.-]+:\/\//i.test(text) && !/^postgres(?:ql)?:\/\/./i.test(text))
    ? Option.none()
    : Option.some(text)

/** ASCII without spaces, because a header and a cookie carry it. */
const token = (text: string): Option.Option<string> => /^[!-~]{8,200}$/.test(text) ? Option.some(text) : Option.none()

const text = (given: string): Option.Option<string> =>
  given.trim() === "" || given.length > 200 ? Option.none() : Option.some(given)

/** An address that takes line protocol, or standard output. */
const influx = (text: string): Option.Option<string> =>
  text === "-" || (text.length <= 2000 && /^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    ? Option.some(text)
    : Option.none()

/** An address that other runners can reach. */
const runner = (text: string): Option.Option<Listen.Listen> =>
  /^\d+$/.test(text)
    ? Option.none()
    : Option.filter(Listen.fromString(text), ({ host, port }) => port > 0 && host !== "0.0.0.0" && host !== "::")

/** Several values of a format, separated by commas. */
const several = (form: RegExp) => (text: string): Option.Option<ReadonlyArray<string>> => {
  const all = text.split(",").map((one) => one.trim()).filter((one) => one !== "")
  return all.length > 0 && all.every((one) => form.test(one)) ? Option.some(all) : Option.none()
}

/** A flag. */
export interface Key<out A> {
  readonly parse: (text: string) => Option.Option<A>
  /** Values that it takes, shown after "Expected:". */
  readonly takes: string
}

const key = <A>(takes: string, parse: Key<A>["parse"]): Key<A> => ({ takes, parse })

/** Keys with one value. */
export const single = {
  database: key("a file, or postgres://USER:PASSWORD@HOST/DATABASE", database),
  listen: key("host:port such as 0.0.0.0:8080, or just a port", Listen.fromString),
  every: key("a duration of at least 1 second, such as 10s or 1m", atLeast(1000)),
  flush: key("a duration of at least 1 second, such as 60s or 5m", atLeast(1000)),
  keep: key("a duration of at least 1 day, such as 90d, 26w or 2y", atLeast(day)),
  token: key("8 to 200 ASCII characters without spaces", token),
  "token-file": key("the name of a file", text),
  title: key("text of up to 200 characters", text),
  runner: key("host:port at which other runners reach this one, such as 10.8.0.2:34431", runner),
  "runner-listen": key(
    "host:port such as 0.0.0.0:34431",
    (text) => Option.filter(Listen.fromString(text), ({ port }) => port > 0 && !/^\d+$/.test(text))
  ),
  site: key(
    "a name of letters, digits, - and _, such as barn",
    (text) => /^[\w-]{1,40}$/.test(text) ? Option.some(text) : Option.none()
  ),
  influx: key("an address such as http://localhost:8086/write?db=house, or - for standard output", influx)
}

/** Keys with any number of values. */
export const plural = {
  "allow-write": key(
    "names of properties such as PIO.*, where * is any text",
    several(/^[\w*-][\w.*-]*(?:\/[\w*-][\w.*-]*)*$/)
  ),
  host: key("names such as hub.example.org, without a port", several(/^[\w-]+(?:\.[\w-]+)*$/))
}

type Single = {
  readonly [K in keyof typeof single]?: Option.Option.Value<ReturnType<(typeof single)[K]["parse"]>> | undefined
}
type Plural = { readonly [K in keyof typeof plural]?: ReadonlyArray<string> | undefined }

/** Settings, by the names of their flags. */
export interface Given extends Single, Plural {}

/** Keys of the file that flags override. */
export const keys = {
  title: "title",
  every: "every",
  database: "history.database",
  keep: "history.keep",
  flush: "history.flush",
  listen: "page.listen",
  host: "page.hosts",
  token: "page.auth_token",
  influx: "influx.url",
  runner: "fleet.runner",
  "runner-listen": "fleet.listen",
  site: "fleet.site",
  "allow-write": "page.allow_write"
} as const

const millis = (seconds: number | undefined): number | undefined => seconds === undefined ? undefined : seconds * 1000

const listenOf = (text: string | undefined): Listen.Listen | undefined =>
  text === undefined ? undefined : Option.getOrUndefined(Listen.fromString(text))

/** Settings of a file, by the names of the matching flags. */
const ofFile = ({ every, fleet = {}, history = {}, influx, page = {}, title }: HubConfig, path: string): Given => {
  const { database } = history
  return {
    title,
    every: millis(every),
    keep: millis(history.keep),
    flush: millis(history.flush),
    // A path is relative to the file, not to the directory in which the hub is started.
    database: database === undefined || /^postgres(?:ql)?:/i.test(database)
      ? database
      : resolve(dirname(path), database),
    listen: listenOf(page.listen),
    host: page.hosts,
    token: page.auth_token,
    influx: influx?.url,
    runner: listenOf(fleet.runner),
    "runner-listen": listenOf(fleet.listen),
    site: fleet.site,
    "allow-write": page.allow_write
  }
}

/** A configuration that feeds an address, with its other settings for that. */
export const withInflux = (config: HubConfig, url: string | undefined): HubConfig =>
  url === undefined ? config : { ...config, influx: { ...config.influx, url } }

/** Settings of flags, and of a file for all others. */
export const over = (given: Given, config: HubConfig, path: string): Given => {
  const named = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...ofFile(config, path), ...Object.fromEntries(named) }
}
