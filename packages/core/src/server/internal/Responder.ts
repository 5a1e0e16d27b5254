/**
 * A server's answers to requests, from a socket or from memory.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Property from "../../device/Property.ts"
import { empty } from "../../internal/bytes.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodeText, encodeList, encodePath, encodeText } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import * as AliasTable from "../AliasTable.ts"
import type * as Bus from "../Bus.ts"
import * as Contents from "./Contents.ts"
import * as StoredValue from "./StoredValue.ts"
import * as Tree from "./Tree.ts"

/** A decoded request. */
export interface Request {
  readonly type: number
  readonly flags: number
  readonly size: number
  readonly offset: number
  /** Length of its payload. */
  readonly payload: number
  readonly path: string
  readonly data: Uint8Array
}

/** The content of a frame, except the flags. */
export interface Reply {
  readonly ret: number
  readonly size: number
  readonly offset: number
  readonly data: Uint8Array
}

export interface Options {
  readonly isReadOnly: boolean
  /** Whether clients may start simultaneous conversions although the server is read-only. */
  readonly isConverting: boolean
  readonly isCached: boolean
  readonly dirAll: boolean
  readonly get: boolean
  readonly version: string
  readonly returnCodes: ReadonlyArray<string>
  /** Values of the server's own properties. Without them, it has only those that it keeps itself. */
  readonly own: Readonly<Record<string, number | string>> | undefined
}

const reply = (ret: number, data: Uint8Array = empty, size = data.length, offset = 0): Reply => ({
  ret,
  size,
  offset,
  data
})

const refuse = (code: number): Reply => reply(code, empty, 0)

const tooLarge = -90
const noPath = -74
const readOnly = -30
const notSupported = -95
const noDevice = -19
const noThermostat = -98
const invalid = -22

/** Maximum length of a path. A payload that holds one must be shorter. */
const pathMax = 4096

/** The values that a simultaneous conversion outdates. `latesttemp` is cached like any other, and may be older. */
const isTemperature = (key: string): boolean => /\/(?:temperature\d*|fasttemp)\.0$/.test(key)

const temperatureScales = ["C", "F", "K", "R"]
const pressureScales = ["mbar", "atm", "mmHg", "inHg", "psi", "Pa"]

const lifetimes: Readonly<Record<string, string>> = { v: "volatile", s: "stable", t: "second" }

interface Kept<A> {
  readonly value: A
  readonly until: number
}

/** A device, and the place where it answered. */
interface Seen {
  readonly device: Bus.Device
  readonly place: string
}

/** Properties that every server keeps itself, with their initial values. */
const kept: Readonly<Record<string, number | string>> = {
  "/settings/alias/list": "",
  "/settings/return_codes/text": "",
  "/settings/timeout/directory": 60,
  "/settings/timeout/presence": 120,
  "/settings/timeout/stable": 300,
  "/settings/timeout/volatile": 15,
  "/settings/units/pressure_scale": "mbar",
  "/settings/units/temperature_scale": "C",
  "/system/configuration/trim": 0,
  "/system/configuration/version": "",
  "/system/connections/count_current_buses": 0,
  "/statistics/read/bytes": 0,
  "/statistics/read/calls": 0,
  "/statistics/read/success": 0,
  "/statistics/write/bytes": 0,
  "/statistics/write/calls": 0,
  "/statistics/write/success": 0,
  "/interface/settings/address": "",
  "/interface/settings/name": ""
}

/** The directories of these properties, without other entries. */
const keptDirectories: Tree.Own = new Map(
  [...Contents.own].flatMap(([path, contents]) => {
    const has = ({ name }: Property.Property): boolean => Object.hasOwn(kept, `${path}/${name}`)
    return Object.keys(kept).some((name) => name.startsWith(`${path}/`))
      ? [[path, () => Contents.of([...contents().properties.values()].filter(has))] as const]
      : []
  })
)

export class Responder {
  readonly bus: Bus.Bus
  private readonly options: Options
  private readonly own: Tree.Own
  /** Values in the server's own directories that are not 0 or empty. */
  private readonly settings: Map<string, number | string>
  private readonly keptValues = new Map<string, Kept<ReadonlyArray<Bus.Value>>>()
  private readonly keptListings = new Map<string, Kept<ReadonlyArray<Bus.Device>>>()
  private readonly keptPresence = new Map<RomId.RomId, Kept<Seen>>()
  /** Times of the last simultaneous conversions, by their type and the couplers in front. The bus does not matter. */
  private readonly converted = new Map<string, number>()

  constructor(bus: Bus.Bus, options: Options) {
    this.bus = bus
    this.options = options
    this.own = options.own === undefined ? keptDirectories : Contents.own
    this.settings = new Map(Object.entries({ ...kept, ...options.own }))
    this.settings.set("/system/configuration/version", options.version)
  }

  /** Answers a request. For a DIR, `onEntry` gets the entries one by one first. */
  answer<E>(request: Request, onEntry: (entry: Reply) => Effect.Effect<void, E>): Effect.Effect<Reply, E> {
    const { look } = this.bus
    const answered = Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<Reply, E> => {
      const { path, payload, type } = request
      if (type === MessageType.Nop) return Effect.succeed(reply(0))
      if (!this.knows(type)) return Effect.succeed(refuse(ReturnCode.unsupported))
      if (payload === 0) return Effect.succeed(refuse(noPath))
      if (path.length > pathMax) return Effect.succeed(refuse(ReturnCode.absent))
      const node = this.resolve(request, now)
      if (node === undefined) return Effect.succeed(refuse(ReturnCode.absent))
      switch (type) {
        case MessageType.Presence:
          return Effect.succeed(reply(0, idOf(node), 0))
        case MessageType.Read:
          return this.read(request, node)
        case MessageType.Write:
          return this.write(request, node)
        case MessageType.Dir:
          return this.dir(request, node, onEntry)
        case MessageType.DirAll:
        case MessageType.DirAllSlash:
          return this.dirAll(request, node, type === MessageType.DirAllSlash)
        default:
          return node._tag === "Leaf"
            ? this.read(request, node)
            : this.dirAll(request, node, type === MessageType.GetSlash)
      }
    })
    return look === undefined ? answered : Effect.andThen(look, answered)
  }

  private knows(type: number): boolean {
    switch (type) {
      case MessageType.Read:
      case MessageType.Write:
      case MessageType.Dir:
      case MessageType.Presence:
        return true
      case MessageType.DirAll:
      case MessageType.DirAllSlash:
        return this.options.dirAll
      case MessageType.Get:
      case MessageType.GetSlash:
        return this.options.get
      default:
        return false
    }
  }

  private resolve({ flags, path }: Request, now: number): Tree.Node | undefined {
    const { bus } = this
    const isUncached = ControlFlags.decode(flags).uncached
    return Tree.resolve(path, isUncached, bus, this.own, (name, place) => {
      const id = Option.getOrUndefined(bus.aliases.resolve(name))
      if (id === undefined) return undefined
      const isAt = (at: string): boolean => place === undefined ? /^bus\.\d+$/.test(at) : at === place
      const device = bus.device(id)
      if (device !== undefined && isAt(device.place)) {
        this.see(device, now)
        return device
      }
      // A device that answered recently still counts as present.
      const kept = this.keptPresence.get(id)
      return kept !== undefined && kept.until > now && isAt(kept.value.place) ? kept.value.device : undefined
    })
  }

  private see(device: Bus.Device, now: number): void {
    this.keep(this.keptPresence, device.id, { device, place: device.place }, "presence", now)
  }

  private keep<K, A>(kept: Map<K, Kept<A>>, key: K, value: A, lifetime: string, now: number): void {
    if (!this.options.isCached) return
    const seconds = Number(this.settings.get(`/settings/timeout/${lifetime}`) ?? 1)
    kept.set(key, { value, until: now + seconds * 1000 })
  }

  private count(path: string, by = 1): void {
    this.settings.set(path, Number(this.settings.get(path) ?? 0) + by)
  }

  private read(request: Request, node: Tree.Node): Effect.Effect<Reply> {
    const { payload, size } = request
    if (payload >= pathMax || size <= 0 || size > maxPayload) return Effect.succeed(refuse(tooLarge))
    if (node._tag !== "Leaf") return Effect.succeed(refuse(ReturnCode.isDirectory))
    const { holder, element } = node
    const answer = (bytes: Uint8Array): Reply =>
      bytes.length === 0 ? reply(0) : reply(bytes.length, bytes, bytes.length, request.offset)
    if (holder._tag === "Structure") {
      const record = encodeText(TypeRecord.format(Property.record(element.property, element.index)))
      return Effect.succeed(answer(StoredValue.cut(record, request)))
    }
    this.count("/statistics/read/calls")
    return Effect.map(this.valuesOf(node, request.flags), (found) => {
      if (Result.isFailure(found)) return refuse(found.failure)
      const bytes = StoredValue.format(element, found.success, request.flags, request)
      if (typeof bytes === "number") return refuse(bytes)
      this.count("/statistics/read/success")
      this.count("/statistics/read/bytes", bytes.length)
      return answer(bytes)
    })
  }

  private valuesOf(
    leaf: Tree.Leaf,
    flags: number
  ): Effect.Effect<Result.Result<ReadonlyArray<Bus.Value>, number>> {
    const { holder, element } = leaf
    const { property } = element
    if (!TypeRecord.isReadable(property)) return Effect.succeed(Result.fail(notSupported))
    switch (holder._tag) {
      case "Device":
        return this.deviceValues(holder.device, leaf)
      case "Simultaneous":
        return Effect.map(
          Clock.currentTimeMillis,
          (now) => Result.succeed([this.simultaneous(property.name, holder.place, now)])
        )
      case "Thermostat":
        return Effect.succeed(Result.fail(noThermostat))
      default:
        return Effect.succeed(Result.succeed(this.ownValues(holder, element, flags)))
    }
  }

  private deviceValues(
    device: Bus.Device,
    { element, isUncached }: Tree.Leaf
  ): Effect.Effect<Result.Result<ReadonlyArray<Bus.Value>, number>> {
    const { index, property } = element
    const { name } = property
    if (name === "present") return Effect.succeed(Result.succeed([1]))
    if (name === "alias") return Effect.succeed(Result.succeed([encodeText(this.bus.aliases.aliasOf(device.id) ?? "")]))
    const key = `${device.id}/${name}.${index}`
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const kept = this.keptValues.get(key)
      if (!isUncached && kept !== undefined && kept.until > now) return Effect.succeed(Result.succeed(kept.value))
      return Effect.flatMap(
        Effect.result(
          this.bus.read(device, element, {
            isUncached,
            convertedAt: this.convertedAt("temperature", device.place, now)
          })
        ),
        (found) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const lifetime = lifetimes[property.change]
            if (Result.isSuccess(found) && lifetime !== undefined) {
              this.keep(this.keptValues, key, found.success, lifetime, now)
            } else if (Result.isFailure(found) && found.failure === ReturnCode.vanished) {
              this.keptPresence.delete(device.id)
            }
            return found
          })
      )
    })
  }

  private convertedAt(what: string, place: string, now: number): number | undefined {
    const at = this.converted.get(markOf(what, place))
    const isRecent = at !== undefined && now - at < Number(this.settings.get("/settings/timeout/volatile")) * 1000
    return isRecent ? at : undefined
  }

  /** The places that a simultaneous conversion reaches. */
  private placesOf(place: string | undefined): ReadonlyArray<string> {
    return place === undefined ? this.bus.masters.map((_, index) => `bus.${index}`) : [place]
  }

  private simultaneous(name: string, place: string | undefined, now: number): Bus.Value {
    const places = this.placesOf(place)
    switch (name) {
      // For `temperature`, a server looks up the conversion in the wrong place, and always returns 0.
      case "voltage":
        return places.every((place) => this.convertedAt(name, place, now) !== undefined) ? 1 : 0
      case "present":
        return places.some((place) => this.bus.devicesAt(place).length > 0) ? 1 : 0
      case "single": {
        const devices = places.flatMap((place) => this.bus.devicesAt(place))
        return encodeText(devices.length === 1 ? RomId.format(devices[0].id) : "")
      }
      default:
        return StoredValue.isBytes(this.bus.structure("simultaneous")?.properties.get(name)?.kind ?? "") ? empty : 0
    }
  }

  private ownValues(
    holder: Tree.Holder,
    { index, property }: Bus.Element,
    flags: number
  ): ReadonlyArray<Bus.Value> {
    if (holder._tag !== "Own" && holder._tag !== "Interface") return [0]
    const path = `${holder.path}/${property.name}`
    switch (path) {
      case "/settings/alias/list":
        return [this.bus.aliases.list]
      case "/settings/return_codes/text": {
        const texts = this.options.returnCodes
        return index === TypeRecord.all
          ? Array.from({ length: property.elements }, (_, code) => encodeText(texts[code] ?? ""))
          : [encodeText(texts[index] ?? "")]
      }
      case "/system/configuration/trim":
        return [ControlFlags.decode(flags).trim ? 1 : 0]
      case "/system/connections/count_current_buses":
        return [this.bus.masters.length]
      case "/interface/settings/address":
        return [encodeText(this.bus.masters[busOf(holder)]?.address ?? "")]
      case "/interface/settings/name":
        return [encodeText(this.bus.masters[busOf(holder)]?.name ?? "")]
      case "/interface/settings/ds2404_found":
        return [
          this.bus.devicesAt(`bus.${busOf(holder)}`).some(({ id }) => FamilyCode.driver(RomId.familyCode(id)) === "04")
            ? 1
            : 0
        ]
      default: {
        const value = this.settings.get(path) ?? (StoredValue.isBytes(property.kind) ? "" : 0)
        const one = typeof value === "string" ? encodeText(value) : value
        return index === TypeRecord.all ? Array.from({ length: property.elements }, () => one) : [one]
      }
    }
  }

  private write(request: Request, node: Tree.Node): Effect.Effect<Reply> {
    const { isConverting, isReadOnly } = this.options
    const isConversion = node._tag === "Leaf" && node.holder._tag === "Simultaneous"
    if (isReadOnly && !(isConverting && isConversion)) return Effect.succeed(refuse(readOnly))
    if (node._tag !== "Leaf") return Effect.succeed(refuse(ReturnCode.isDirectory))
    const { holder, element } = node
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (element.property.name === "alias" && holder._tag === "Device") {
        return request.offset < 0 ? Effect.succeed(reply(0)) : this.writeAlias(holder.device, request.data)
      }
      const parsed = StoredValue.parse(element, request.data, request.offset, request.flags, Math.floor(now / 1000))
      if (Result.isFailure(parsed)) return Effect.succeed(refuse(parsed.failure))
      if (!TypeRecord.isWritable(element.property) || holder._tag === "Structure") {
        return Effect.succeed(refuse(notSupported))
      }
      this.count("/statistics/write/calls")
      return Effect.map(this.writeValues(node, parsed.success, request), (done) => {
        if (done.ret === 0) {
          this.count("/statistics/write/success")
          this.count("/statistics/write/bytes", done.size)
        }
        return done
      })
    })
  }

  private writeValues(
    { element, holder }: Tree.Leaf,
    { accepted, values: written }: StoredValue.Written,
    { offset }: Request
  ): Effect.Effect<Reply> {
    const done = reply(0, empty, accepted)
    switch (holder._tag) {
      case "Device": {
        const { device } = holder
        const { property } = element
        return Effect.match(this.bus.write(device, { property, values: written, offset }), {
          onFailure: refuse,
          onSuccess: () => {
            this.forget(`${device.id}/${property.name}.`)
            return done
          }
        })
      }
      case "Simultaneous":
        return Effect.as(
          written.every(([, value]) => value === 0)
            ? Effect.void
            : this.beginConversions(element.property.name, holder.place),
          done
        )
      case "Thermostat":
        return Effect.succeed(refuse(noDevice))
      case "Own":
        return Effect.succeed(
          this.writeSetting(`${holder.path}/${element.property.name}`, written[0][1]) ? done : refuse(invalid)
        )
      default:
        return Effect.succeed(done)
    }
  }

  private forgetAll(): void {
    for (const kept of [this.keptValues, this.keptListings, this.keptPresence]) kept.clear()
  }

  private forget(prefix: string): void {
    for (const key of this.keptValues.keys()) if (key.startsWith(prefix)) this.keptValues.delete(key)
  }

  /** Tells all chips at a place to convert, and waits for none. No chip confirms the command. */
  private beginConversions(what: string, place: string | undefined): Effect.Effect<void> {
    return Effect.forEach(this.placesOf(place), (place) =>
      Effect.matchEffect(this.bus.convertAll(what, place), {
        onFailure: () => Effect.void,
        onSuccess: () =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            this.converted.set(markOf(what, place), now)
            if (what !== "temperature") return
            for (const key of this.keptValues.keys()) if (isTemperature(key)) this.keptValues.delete(key)
          })
      }), { concurrency: "unbounded", discard: true })
  }

  private writeAlias(device: Bus.Device, data: Uint8Array): Effect.Effect<Reply> {
    const alias = decodeText(data.subarray(0, 256)).trim()
    if (!AliasTable.isAlias(alias)) return Effect.succeed(refuse(invalid))
    return Effect.match(this.bus.rename(device, alias), {
      onFailure: refuse,
      onSuccess: () => reply(0, empty, Math.min(data.length, 256))
    })
  }

  private writeSetting(path: string, value: Bus.Value): boolean {
    if (typeof value === "number") {
      if (value < Number(this.settings.get(path))) this.forgetAll()
      this.settings.set(path, value)
      return true
    }
    const text = decodeText(value).trim()
    const scale = path === "/settings/units/temperature_scale"
      ? temperatureScales.find((scale) => text.toUpperCase().startsWith(scale))
      : pressureScales.find((scale) => text.length > 1 && scale.toLowerCase().startsWith(text.toLowerCase()))
    if (scale !== undefined) this.settings.set(path, scale)
    return scale !== undefined
  }

  private dir<E>(
    request: Request,
    node: Tree.Node,
    onEntry: (entry: Reply) => Effect.Effect<void, E>
  ): Effect.Effect<Reply, E> {
    return Effect.flatMap(this.list(request, node), ({ classes, names, ret }) =>
      Effect.as(
        Effect.forEach(names, (name) => {
          const data = encodePath(name.replace(/\/$/, ""))
          return onEntry(reply(0, data, data.length - 1))
        }, { discard: true }),
        reply(ret, empty, 0, ret === 0 ? classes : 0)
      ))
  }

  private dirAll(request: Request, node: Tree.Node, isSlashed: boolean): Effect.Effect<Reply> {
    return Effect.map(this.list(request, node), ({ classes, names, ret }) => {
      if (ret < 0) return refuse(ret)
      const data = encodeList(isSlashed ? names : names.map((name) => name.replace(/\/$/, "")))
      return reply(0, data, Math.max(0, data.length - 1), classes)
    })
  }

  /** The paths in a directory. Those of directories end in a slash. */
  private list(
    request: Request,
    node: Tree.Node
  ): Effect.Effect<{ readonly ret: number; readonly names: ReadonlyArray<string>; readonly classes: number }> {
    if (request.payload >= pathMax) return Effect.succeed({ ret: tooLarge, names: [], classes: 0 })
    switch (node._tag) {
      case "Leaf":
        return Effect.succeed({ ret: ReturnCode.notDirectory, names: [], classes: 0 })
      case "Folder": {
        const path = node.device === undefined ? node.path : this.aliased(node.path, node.device)
        return Effect.succeed({
          ret: 0,
          names: node.entries.map(({ isDirectory, name }) => `${path}/${name}${isDirectory ? "/" : ""}`),
          classes: 0
        })
      }
      default:
        return this.listDevices(request, node)
    }
  }

  /** Servers list the content of a device under its alias, however the request names the device. */
  private aliased(path: string, device: Bus.Device): string {
    const { aliases } = this.bus
    const alias = aliases.aliasOf(device.id)
    if (alias === undefined || path.split("/").some((segment) => /^unaliased/i.test(segment))) return path
    return path.split("/").map((segment) => Option.contains(aliases.resolve(segment), device.id) ? alias : segment)
      .join("/")
  }

  private listDevices(
    { flags }: Request,
    listing: Tree.Listing
  ): Effect.Effect<{ readonly ret: number; readonly names: ReadonlyArray<string>; readonly classes: number }> {
    const { busReturn, deviceFormat } = ControlFlags.decode(flags)
    const { isAlarm, isUnaliased, path, place } = listing
    const names: Array<string> = []
    const add = (name: string): void => void names.push(`${path}/${name}/`)
    return Effect.map(
      Effect.forEach(this.placesOf(place), (place) => this.search(place, listing), { concurrency: "unbounded" }),
      (found) => {
        const onBus = this.bus.structure("simultaneous") === undefined ? ["alarm"] : ["simultaneous", "alarm"]
        const isBus = place !== undefined && listing.coupler === undefined
        if (isBus && !isAlarm) add("interface")
        const failure = found.find(Result.isFailure)
        if (failure !== undefined && found.every(Result.isFailure)) {
          return { ret: failure.failure, names: names.map((name) => name), classes: 0 }
        }
        let classes = 0
        for (const devices of found) {
          if (Result.isFailure(devices)) continue
          for (const device of devices.success) {
            classes |= device.chip.classes
            add(Tree.nameOf(device, this.bus, isUnaliased, deviceFormat))
          }
        }
        if (isAlarm) return { ret: 0, names, classes }
        if (isBus || (place !== undefined && busReturn)) onBus.forEach(add)
        else if (place === undefined && busReturn) {
          this.bus.masters.forEach((_, index) => add(`bus.${index}`))
          if (!listing.isUncached) add("uncached")
          ;["settings", "system", "statistics", "structure", ...onBus].forEach(add)
        }
        return { ret: 0, names, classes }
      }
    )
  }

  /** The devices at a place that answer, or those in the cache. */
  private search(
    place: string,
    { isAlarm, isUncached }: Tree.Listing
  ): Effect.Effect<Result.Result<ReadonlyArray<Bus.Device>, number>> {
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const kept = this.keptListings.get(place)
      if (!isAlarm && !isUncached && kept !== undefined && kept.until > now) {
        return Effect.succeed(Result.succeed(kept.value))
      }
      if (isAlarm) return Effect.result(this.bus.alarms(place))
      return Effect.flatMap(
        Effect.result(this.bus.search(place)),
        (found) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (Result.isSuccess(found)) {
              this.keep(this.keptListings, place, found.success, "directory", now)
              for (const device of found.success) this.see(device, now)
            }
            return found
          })
      )
    })
  }
}

const busOf = (holder: Tree.Holder): number => holder._tag === "Interface" ? holder.bus : 0

/** A server notes the conversion of a branch, but not the bus that the branch is on. */
const markOf = (what: string, place: string): string => `${what}${place.replace(/^bus\.\d+/, "")}`

const noId = new Uint8Array(8)

const idOf = (node: Tree.Node): Uint8Array => {
  switch (node._tag) {
    case "Listing":
      return node.coupler === undefined ? noId : RomId.toBytes(node.coupler.id)
    case "Folder":
      return node.device === undefined ? noId : RomId.toBytes(node.device.id)
    default:
      return node.holder._tag === "Device" ? RomId.toBytes(node.holder.device.id) : noId
  }
}
