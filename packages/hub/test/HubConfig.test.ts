import { HubConfig, HubFile } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { readFileSync, writeFileSync } from "node:fs"

const configOf = (text: string): HubConfig.HubConfig => {
  const read = HubFile.parse(`version: 1\n${text}`)
  assert.isTrue(Result.isSuccess(read), Result.isFailure(read) ? read.failure[0].problem : "")
  return Result.getOrThrow(read).config
}

describe("HubConfig", () => {
  it("describes each key, and what it takes", () => {
    assert.isAbove(HubConfig.keys.length, 60)
    for (const { description, path, takes } of HubConfig.keys) {
      assert.match(description, /^[A-Z].*\.$/, path.join("."))
      assert.notInclude(takes, "something else", path.join("."))
    }
    const keep = HubConfig.keys.find(({ path }) => path.join(".") === "history.keep")
    assert.deepInclude(keep, {
      takes: "a duration of at least 1 day, such as 90d, 26w or 2y",
      otherwise: "2y",
      isRequired: false,
      isSecret: false
    })
  })

  it("has a JSON schema with descriptions and defaults that knows no other keys", () => {
    const schema = JSON.parse(JSON.stringify(HubConfig.jsonSchema()))
    assert.strictEqual(schema.$schema, "https://json-schema.org/draft/2020-12/schema")
    assert.deepStrictEqual(schema.required, ["version"])
    assert.strictEqual(schema.additionalProperties, false)
    assert.deepStrictEqual(schema.properties.every.default, "10s")
    assert.deepStrictEqual(schema.properties.notices.properties.alarms.default, true)
    const place = schema.properties.places.additionalProperties
    const limits = place.properties.limits.additionalProperties
    assert.match(limits.properties.above.description, /Takes a number, such as -15\.$/)
    for (const { path } of HubConfig.keys) {
      const found = path.reduce(
        (node, name) => /^[A-Z]+$/.test(name) ? node?.additionalProperties : node?.properties?.[name],
        schema
      )
      assert.isString(found?.description, path.join("."))
    }
  })

  it("shows no secret, wherever it stands", () => {
    const config = configOf(`
title: "a token: hunter2-from-a-file"
history: { database: "postgres://ow:hunter2@db/house" }
page: { auth_token: hunter2-token }
notices:
  to:
    phone:
      webhook: { url: "https://ntfy.sh/hunter2", headers: { Authorization: Bearer hunter2 }, fields: { key: hunter2-from-a-file } }
    desk: { command: [notify-send, hunter2-from-a-file] }
mqtt: { server: "mqtt://ow:hunter2@broker:1883", user: ow, password: hunter2 }
influx: { url: "http://ow:hunter2@host:8086/write?db=house&p=hunter2", token: hunter2, password: hunter2 }
otlp: { url: "http://x:hunter2@host:4318", headers: { key: hunter2 } }
places: { a: { homeassistant: { temperature: { name: hunter2-from-a-file } }, derived: { group: Attic, property: temperature } } }
`)
    const shown = HubConfig.shown(config, ["hunter2-from-a-file", ""])
    assert.notInclude(JSON.stringify(shown), "hunter2")
    assert.strictEqual(shown.mqtt?.server, "mqtt://ow:***@broker:1883")
    assert.strictEqual(shown.influx?.url, "http://ow:***@host:8086/write?db=house&p=***")
    assert.strictEqual(shown.mqtt?.user, "ow")
    assert.deepStrictEqual(Object.keys(shown.notices?.to?.["phone"]?.webhook?.headers ?? {}), ["Authorization"])
  })

  it("says what a hub does of it", () => {
    const config = configOf(`
every: 30s
timeout: 5s
history: { keep: 1y, flush: 5m, dead_band: { temperature: 0.1 } }
page: { allow_write: [PIO.*] }
places:
  28.000028d70100:
    name: freezer
    device: 28000028D70200
    hidden: true
    no_news_for: null
    limits: { temperature: { above: -15, for: 10m, urgent: true } }
  dew: { derived: { dew_point: { temperature: 26.000026D90200/temperature, humidity: 26.000026D90200/humidity } } }
notices:
  alarms: false
  no_news_for: 1h
  to:
    phone: { webhook: { url: "https://ntfy.sh/x" }, quiet_hours: "22:00-07:30", zone: Europe/Berlin }
`)
    const options = HubConfig.hubOptions(config)
    assert.deepInclude(options, { every: 30_000, timeout: 5000, keep: 365 * 86_400_000, flush: 300_000 })
    assert.deepInclude(options.places?.["28.000028D70100"], {
      name: "freezer",
      device: "28.000028D70200",
      isHidden: true,
      limits: { temperature: { above: -15, for: 600, isUrgent: true } }
    })
    assert.isAbove(options.places?.["28.000028D70100"]?.noNewsFor ?? 0, 50 * 365 * 86_400)
    assert.deepStrictEqual(Object.keys(options.derived ?? {}), ["dew"])
    assert.deepInclude(options.rules, { alarms: false, noNewsFor: 3600 })
    assert.deepStrictEqual(options.tell, ["phone"])
    assert.deepStrictEqual(HubConfig.channels(config), [{
      name: "phone",
      to: { _tag: "Webhook", url: "https://ntfy.sh/x" },
      quietHours: { from: 22 * 60, to: 7 * 60 + 30, zone: "Europe/Berlin" }
    }])
    // What it says of a place, a place says of itself.
    const settings = options.places!["28.000028D70100"]!
    const { name, ...rest } = HubConfig.ofPlace({ ...settings, key: "28.000028D70100", device: "28.000028D70200" })
    assert.strictEqual(name, "freezer")
    assert.deepInclude(rest, { device: "28.000028D70200", hidden: true, no_news_for: null })
  })

  it("has a reference in the guide", () => {
    const guide = new URL("../../../docs/hub-config.md", import.meta.url)
    const text = readFileSync(guide, "utf8")
    const sections = HubConfig.keys.filter(({ isBlock }) => !isBlock).map((
      { description, isRequired, otherwise, path, takes }
    ) =>
      [
        `**\`${path.join(".")}\`**${isRequired && path.length > 1 ? " (required in this block)" : ""}\\`,
        `${description} Takes ${takes}.${otherwise === undefined ? "" : ` Default: ${otherwise}.`}`
      ].join("\n")
    )
    const made = text.replace(
      /(<!-- keys: [^>]+-->\n).*(<!-- end of keys -->)/s,
      (_, begin: string, end: string) => `${begin}\n${sections.join("\n\n")}\n\n${end}`
    )
    if (process.env["UPDATE_GUIDE"] !== undefined) writeFileSync(guide, made)
    else assert.strictEqual(text, made, "UPDATE_GUIDE=1 writes it anew")
  })

  it("is encoded as people write it", () => {
    const config = configOf("every: 90s\nhistory: { keep: 26w }\n")
    assert.deepStrictEqual(Schema.encodeSync(HubConfig.HubConfig)(config), {
      version: 1,
      every: "90s",
      history: { keep: "26w" }
    })
  })
})
