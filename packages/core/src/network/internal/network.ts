/**
 * The operations of a network, over its servers.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Checked from "../../client/internal/Checked.ts"
import * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import { DeviceError } from "../../device/DeviceError.ts"
import * as Discovery from "../../device/Discovery.ts"
import * as Family from "../../device/Family.ts"
import { chipOf, familyOf, locate, owned, parse, refuse } from "../../device/internal/address.ts"
import type { DevicePath } from "../../device/internal/alias.ts"
import { deviceAt } from "../../device/internal/device.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import { quoted, shownName } from "../../internal/printable.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as Network from "../Network.ts"
import { ambiguous } from "./ambiguous.ts"
import { byDistance, Directory, isBehindCoupler, type Way } from "./Directory.ts"
import type { Member, Members } from "./Members.ts"
import * as Route from "./Route.ts"

/** Time to wait for the other servers after one has found the device. */
const defaultPatience: Duration.Input = "250 millis"

/** Milliseconds between two looks for a device on all servers while none has it. */
const findEvery = 5000

/** Maximum number of servers that an error names. */
const mostNamed = 8

/** The request to each server: the device, if the server has it. */
type Ask = (client: OwClient.Client) => Effect.Effect<Option.Option<Device.AnyDevice>, OwError.OwError>

/** The result of a look at all servers. */
interface Look {
  readonly ways: ReadonlyArray<Way>
  /** Servers that answered and do not have the device. */
  readonly without: ReadonlyArray<Member>
  readonly failures: ReadonlyArray<{ readonly member: Member; readonly error: OwError.OwError }>
}

/** A look at all servers. */
interface Found extends Look {
  /** The servers that were asked. */
  readonly asked: ReadonlyArray<Member>
  /** Whether, according to the servers, a known way leads nowhere. */
  readonly isGone: (way: Way) => boolean
}

/** Makes the operations. The options are those of the clients. */
export const make = (members: Members, { retry, timeout }: OwClient.CallOptions = {}): Network.Service => {
  const directory = new Directory()
  members.onRemoved = (member) => directory.forgetServer(member)

  /** All ways to the device of a path, nearest first. */
  const find = Effect.fnUntraced(function*(path: DevicePath, patience?: Duration.Input): Effect.fn.Return<Found> {
    const given = Option.getOrUndefined(OwPath.romId(path))
    const isMeant = ({ id, name }: Device.AnyDevice) => given === undefined ? name === path.device : id === given
    const asked = members.now
    const direct = yield* lookAt(asked, given === undefined ? ownerOf(path) : holderOf(given), patience)
    // For an alias, a server that does not have it says nothing about the device. For a ROM id, it does.
    const isGone = (way: Way) =>
      given !== undefined && !isBehindCoupler(way.device) && direct.without.includes(way.member)
    if (direct.ways.length > 1) {
      // Only a search shows which is the nearest, and a server may remember a device that is gone.
      const placed = yield* search(direct.ways.map(({ member }) => member), isMeant)
      const ways = direct.ways.flatMap((way) =>
        placed.ways.find(({ member }) => member === way.member) ?? (placed.without.includes(way.member) ? [] : way)
      )
      return ways.length === 0 ? { ...direct, asked, isGone } : {
        ...direct,
        asked,
        ways: ways.toSorted(byDistance),
        isGone: (way) => isGone(way) || (given !== undefined && placed.without.includes(way.member))
      }
    }
    if (direct.ways.length === 1) return { ...direct, asked, isGone }
    const whole = yield* search(direct.without, isMeant)
    return {
      asked,
      ways: whole.ways.toSorted(byDistance),
      without: whole.without,
      failures: [...direct.failures, ...whole.failures],
      isGone: (way) => isGone(way) || (given !== undefined && whole.without.includes(way.member))
    }
  })

  /** The nearest device of an address, and all ways to it. */
  const lookUp = (
    operation: string,
    address: string,
    patience?: Duration.Input
  ): Effect.Effect<{ readonly nearest: Way; readonly ways: ReadonlyArray<Way> }, Device.Failure> =>
    Effect.flatMap(
      Effect.fromResult(parse(operation, address)),
      (path) =>
        Effect.flatMap(find(path, patience), (found) => {
          const [nearest] = found.ways
          if (nearest === undefined) return Effect.fail(nowhere(path, found))
          const other = found.ways.find(({ device }) => device.id !== nearest.device.id)
          if (other !== undefined) {
            return Effect.fail(ambiguous(OwPath.formatName(path.device), claimOf(nearest), claimOf(other)))
          }
          return Effect.succeed({ nearest, ways: directory.renew(nearest.device.id, found.ways, found.isGone) })
        })
    )

  /** The device of some ways, with the route between them. */
  const routed = <P extends Family.Properties>(family: Family.Family, first: Way): Device.Device<P> => {
    const { id, name, place } = first.device
    const plain = `/${RomId.format(id)}`
    const path = devicePath(id)
    let foundAt = -Infinity
    const turn = Semaphore.makeUnsafe(1)
    // Calls that fail at the same time share one look.
    const again = turn.withPermit(Effect.flatMap(Clock.Clock, (clock) =>
      monotonicMillis(clock) < foundAt + findEvery
        ? Effect.sync(() => directory.of(id))
        : Effect.map(find(path), ({ isGone, ways }) => {
          foundAt = monotonicMillis(clock)
          return directory.renew(id, ways, isGone)
        })))
    const ow = Route.make(
      plain,
      { known: () => directory.of(id), find: again, forget: ({ member }) => directory.forget(id, member) },
      first,
      { change: (client) => client, retry, timeout }
    )
    return deviceAt<P>(family, { id, name, path: plain, place, ow })
  }

  return {
    servers: Effect.suspend(() => Effect.forEach(members.now, stated)),
    changes: Stream.mapEffect(members.changes, (all) => Effect.forEach(all, stated)),
    add: members.add,
    remove: members.remove,
    set: members.set,

    device: <P extends Family.Properties = Family.Unknown>(
      families: Family.Family<P> | Family.Lookup,
      address: string
    ): Effect.Effect<Device.Device<P>, Device.Failure> => {
      const made = (first: Way): Effect.Effect<Device.Device<P>, Device.Failure> =>
        Option.match(familyOf(families, RomId.familyCode(first.device.id)), {
          onNone: () => Effect.fail(otherFamily(families, first)),
          onSome: (family) => Effect.succeed(routed<P>(family, first))
        })
      const path = parse("Network.device", address)
      const id = Result.isSuccess(path) ? Option.getOrUndefined(OwPath.romId(path.success)) : undefined
      if (id !== undefined && Option.isNone(familyOf(families, RomId.familyCode(id)))) {
        return Effect.fromResult(refuse("Network.device", `${RomId.format(id)} is not a ${chipOf(families)}`))
      }
      const [known] = id === undefined ? [] : directory.of(id)
      return known === undefined
        ? Effect.flatMap(lookUp("Network.device", address), ({ nearest }) => made(nearest))
        : made(known)
    },

    ways: (address, { patience = defaultPatience } = {}) =>
      Effect.andThen(
        looking.millis("patience", patience),
        Effect.map(lookUp("Network.ways", address, patience), ({ ways }) => ways.map(shown))
      ),

    devices: Effect.fnUntraced(function*<const F extends ReadonlyArray<Family.Family> = readonly []>(
      options: Omit<Discovery.Options<F>, "bus"> = {}
    ): Effect.fn.Return<Network.Found<Device.Of<F>>, OwError.ArgumentError> {
      yield* searching.call(options)
      const answers = yield* Effect.forEach(members.now, (member) =>
        Effect.map(
          Effect.result(Effect.provideService(Discovery.devices(options), OwClient.OwClient, member.client)),
          (result) => ({ member, result })
        ), { concurrency: "unbounded" })
      const ways = new Map<RomId.RomId, Array<Way & { readonly device: Device.Of<F> }>>()
      const failures: Array<Network.Failed> = []
      const servers = new Map<string, Discovery.Found<Device.Of<F>>>()
      for (const { member, result } of answers) {
        const server = member.name
        if (Result.isFailure(result)) {
          failures.push({ server, place: undefined, error: result.failure })
          continue
        }
        const found = result.success
        servers.set(server, found)
        for (const { error, place } of found.failures) failures.push({ server, place, error })
        for (const device of found.devices) {
          const way = { member, device }
          const others = ways.get(device.id)
          if (others === undefined) ways.set(device.id, [way])
          else others.push(way)
        }
      }
      const devices = [...ways].map(([id, some]): Network.Reached<Device.Of<F>> => {
        const sorted = some.length === 1 ? some : some.toSorted(byDistance)
        directory.learn(id, sorted)
        const all = sorted.map(({ device, member }) => ({ server: member.name, device }))
        return { ...all[0], ways: all }
      })
      return { devices, failures, servers }
    })
  }
}

const looking = Checked.of("Network.ways")
/** Asks all servers at the same time. After the first has found the device, the others only get the patience. */
const lookAt = (
  asked: ReadonlyArray<Member>,
  ask: Ask,
  patience: Duration.Input = defaultPatience
): Effect.Effect<Look> =>
  Effect.suspend(() => {
    const isFound = Latch.makeUnsafe(false)
    const late = Effect.as(Effect.andThen(isFound.await, Effect.sleep(patience)), undefined)
    return Effect.map(
      Effect.forEach(
        asked,
        (member) =>
          Effect.raceFirst(
            Effect.map(
              Effect.result(Effect.tap(ask(member.client), (device) => {
                return Effect.sync(() => {
                  member.works()
                  if (Option.isSome(device)) isFound.openUnsafe()
                })
              })),
              (result) => ({ member, result })
            ),
            late
          ),
        { concurrency: "unbounded" }
      ),
      (answers): Look => {
        const ways: Array<Way> = []
        const without: Array<Member> = []
        const failures: Array<Look["failures"][number]> = []
        for (const answer of answers) {
          if (answer === undefined) continue
          const { member, result } = answer
          if (Result.isFailure(result)) failures.push({ member, error: result.failure })
          else if (Option.isSome(result.success)) ways.push({ member, device: result.success.value })
          else without.push(member)
        }
        return { ways, without, failures }
      }
    )
  })

/** Searches whole servers: nothing else looks behind couplers, or tells where a device is. */
const search = (
  asked: ReadonlyArray<Member>,
  isMeant: (device: Device.AnyDevice) => boolean
): Effect.Effect<Look> =>
  lookAt(asked, (client) =>
    Effect.flatMap(
      Effect.provideService(Discovery.devices(), OwClient.OwClient, client),
      ({ devices, failures: [failure] }) => {
        const device = devices.find(isMeant)
        // The device may be where the server could not search.
        return device === undefined && failure !== undefined
          ? Effect.fail(failure.error)
          : Effect.succeed(Option.fromUndefinedOr(device))
      }
    ))

const searching = Checked.of("Network.devices")

const shown = ({ device, member }: Way): Network.Way => ({ server: member.name, device })

const stated = ({ client, name }: Member): Effect.Effect<Network.Server> =>
  Effect.map(Stream.runHead(client.state), (state) => ({
    name,
    client,
    state: Option.getOrElse(
      state,
      (): OwClient.State => ({ _tag: "Disconnected", problem: "no request has been sent yet" })
    )
  }))

/** The device of an alias on a server, of any family. */
const ownerOf = (path: DevicePath): Ask => (client) =>
  owned(() => Option.none(), client, path).pipe(
    Effect.map((device) => Option.some<Device.AnyDevice>(device)),
    Effect.catchReason("OwnetError", "NotFound", () => Effect.succeedNone),
    // Any family is accepted, so this error cannot occur.
    Effect.catchTag("DeviceError", Effect.die)
  )

/** The device of a ROM id on a server. */
const holderOf = (id: RomId.RomId): Ask => (client) => {
  const located = locate(devicePath(id), id)
  return Effect.map(client.present(located.path), (isThere) =>
    isThere
      ? Option.some<Device.AnyDevice>(deviceAt(Family.unknown, { ...located, ow: client }))
      : Option.none())
}

const devicePath = (id: RomId.RomId): DevicePath => ({ ...OwPath.makeUnsafe({ device: id }), device: id })

const nowhere = ({ device, ...path }: DevicePath, { asked: all, failures }: Found): Device.Failure => {
  const dead = failures.filter(({ error }) => OwError.isServerFailure(error))
  if (dead.length > 0 && dead.length === all.length) return dead[0].error
  const silent = failures.map(({ error, member }) =>
    `${quoted(member.name)} ${
      OwError.isServerFailure(error) ? "did not answer" : "could not be searched"
    } (${error.message})`
  )
  const name = OwPath.formatName(device)
  const absent = all.length === 0
    ? "the network has no server"
    : `no server has ${quoted(name)}, or its device does not answer on the bus now`
  return new OwError.OwnetError({
    ...OwError.refused(ReturnCode.absent, MessageType.Presence, {
      operation: "romId",
      path: OwPath.format({ device, ...path }),
      server: some(all.map((member) => shownName(member.name)), ", ")
    }),
    meaning: [absent, ...silent.length === 0 ? [] : [some(silent, "; ")]].join("; "),
    isRetryable: failures.length > 0
  })
}

/** The first few of many texts. */
const some = (texts: ReadonlyArray<string>, separator: string): string =>
  texts.length <= mostNamed
    ? texts.join(separator)
    : `${texts.slice(0, mostNamed).join(separator)}${separator}and ${texts.length - mostNamed} more`

const claimOf = ({ device: { id }, member }: Way) => ({ server: member.name, id })

const otherFamily = (families: Family.Family | Family.Lookup, { device: { id, path }, member }: Way): DeviceError =>
  new DeviceError({
    reason: { _tag: "OtherFamily" },
    operation: "romId",
    path,
    server: shownName(member.name),
    problem: `leads to ${RomId.format(id)}, a device of family ${RomId.familyCode(id)}, not to a ${chipOf(families)}`
  })
