/**
 * A server of a fleet, for calls from any runner and any program of the fleet. The runner that follows the server holds its
 * connections and answers.
 *
 * **Example** (A device of the fleet, whichever runner is connected to its server)
 *
 * ```ts
 * import { Network } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Owserver } from "@effect-ownet/hub"
 * import { Effect, Layer } from "effect"
 *
 * const cellar = Effect.gen(function*() {
 *   const network = yield* Network.Network
 *   const device = yield* network.device(DS18B20, "cellar")
 *   return yield* device.read("temperature")
 * })
 *
 * const layer = Owserver.layerNetwork.pipe(Layer.provide(Owserver.layerClients))
 * ```
 *
 * @since 0.1.0
 */
import {
  ControlFlags,
  Device,
  MessageType,
  Network,
  OwClient,
  type OwError,
  Payload,
  RemoteClient,
  RomId
} from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as ClusterSchema from "effect/cluster/ClusterSchema"
import * as Entity from "effect/cluster/Entity"
import type { Sharding } from "effect/cluster/Sharding"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CallText from "./internal/fleet/calls/CallText.ts"
import * as FleetCall from "./internal/fleet/calls/FleetCall.ts"
import * as Servers from "./internal/fleet/calls/Servers.ts"
import { Tickets } from "./internal/fleet/calls/Tickets.ts"
import * as Connections from "./internal/fleet/Connections.ts"
import * as Identity from "./internal/fleet/Identity.ts"
import * as ServerRegistry from "./ServerRegistry.ts"

/** Fields of every call: the whole control-flag word, and its time limit in milliseconds. */
const asked = { flags: Schema.Int, timeout: Schema.optionalKey(Schema.Finite) }

const range = { size: Schema.optionalKey(Schema.Int), offset: Schema.Int }

/**
 * A server of a fleet as an entity of the engine. Its id is that of the singleton that follows the server, so that both are in
 * the runner that is connected to it.
 *
 * **Details**
 *
 * `Here` checks that a runner answers. A call that may change something has a ticket. The ticket is valid once, and only on the
 * runner that issued it, because the engine resends a message if its runner has died, and no relay must be switched twice.
 *
 * @category models
 * @since 0.1.0
 */
export const Owserver = Entity.make("Owserver", [
  Rpc.make("Here"),
  Rpc.make("Ticket", { success: Schema.String }),
  Rpc.make("Ping", { payload: asked, error: CallText.OwErrors }),
  Rpc.make("Present", {
    payload: { ...asked, path: CallText.Text },
    success: Schema.Boolean,
    error: CallText.OwErrors
  }),
  Rpc.make("RomId", {
    payload: { ...asked, path: CallText.Text },
    success: Schema.OptionFromNullOr(RomId.RomId),
    error: CallText.OwErrors
  }),
  Rpc.make("List", {
    payload: { ...asked, path: CallText.Text, slash: Schema.Boolean },
    success: CallText.exact(Schema.Array(Schema.String)),
    error: CallText.OwErrors
  }),
  Rpc.make("Read", {
    payload: { ...asked, ...range, path: CallText.Text },
    success: Schema.Uint8Array,
    error: CallText.OwErrors
  }),
  Rpc.make("Write", {
    payload: { ...asked, ticket: Schema.String, path: CallText.Text, data: Schema.Uint8Array, offset: Schema.Int },
    error: CallText.OwErrors
  }),
  Rpc.make("Get", {
    payload: { ...asked, ...range, path: CallText.Text, slash: Schema.Boolean },
    success: CallText.Content,
    error: CallText.OwErrors
  }),
  Rpc.make("Send", {
    payload: {
      ...asked,
      ticket: Schema.optionalKey(Schema.String),
      type: Schema.Int,
      /** The client that sends a text adds its NUL. */
      isText: Schema.Boolean,
      payload: Schema.Uint8Array,
      size: Schema.Int,
      offset: Schema.Int
    },
    success: CallText.Reply,
    error: CallText.OwErrors
  }),
  Rpc.make("Reading", {
    payload: { ...asked, device: CallText.Text, property: CallText.Text },
    success: CallText.exact(CallText.Reading),
    error: CallText.Failures
  })
]).annotate(ClusterSchema.ShardGroup, (id) => Identity.groupOf(Identity.fromId(id).site))

/**
 * A reading of a device of a fleet.
 *
 * @category models
 * @since 0.1.0
 */
export type Reading = typeof CallText.Reading.Type

/**
 * Longest time, in milliseconds, by which a call ends earlier at the server's runner than at its caller, so that the caller still
 * gets the result. The head start is a tenth of the call's time, up to this limit.
 */
const longestHead = 20

/**
 * Answers for the servers that this process follows, or would follow. It connects only to servers of the registry.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHandlers: Layer.Layer<
  never,
  never,
  Sharding | Connections.Connections | ServerRegistry.ServerRegistry
> = Layer.unwrap(Effect.map(Servers.make, (servers) =>
  Owserver.toLayer(
    Effect.gen(function*() {
      const { entityId } = yield* Entity.CurrentAddress
      const connections = yield* Connections.Connections
      const tickets = new Tickets()
      const id = String(entityId)
      const { server: name } = Identity.fromId(id)
      const server = FleetCall.shown(name)

      /** Calls the server, if it belongs to the fleet. */
      const call = <A, E>(
        operation: OwError.Operation,
        path: string | undefined,
        { flags, timeout }: { readonly flags: number; readonly timeout?: number },
        ask: (ow: OwClient.Client, options: OwClient.CallOptions) => Effect.Effect<A, E>
      ) =>
        Effect.scoped(Effect.gen(function*() {
          const found = yield* servers.find(name, { operation, path, server })
          // The server may have moved to another site, whose runners answer for it.
          if (Identity.idOf(found) !== id) return yield* Servers.unknown(operation, id)
          const client = yield* connections.of(name)
          return yield* ask(client, {
            flags: ControlFlags.decode(flags),
            timeout: timeout === undefined ? undefined : Math.max(1, timeout - Math.min(longestHead, timeout / 10)),
            retry: false
          })
        }))

      /** Makes a call that may change something, unless the call was made already. */
      const once = <A, E>(
        ticket: string,
        operation: OwError.Operation,
        path: string | undefined,
        effect: Effect.Effect<A, E>
      ) =>
        Effect.suspend((): Effect.Effect<A, E | OwError.ConnError> =>
          tickets.take(ticket) ? effect : Effect.fail(FleetCall.lost({ operation, path, server }))
        )

      return Owserver.of({
        Here: () => Effect.void,
        Ticket: () => Effect.sync(() => tickets.issue()),
        Ping: ({ payload }) => call("ping", undefined, payload, (ow, options) => Effect.asVoid(ow.ping(options))),
        Present: ({ payload }) =>
          call("present", payload.path, payload, (ow, options) => ow.present(payload.path, options)),
        RomId: ({ payload }) => call("romId", payload.path, payload, (ow, options) => ow.romId(payload.path, options)),
        List: ({ payload }) =>
          call(
            "dir",
            payload.path,
            payload,
            (ow, options) => ow.dir(payload.path, { ...options, slash: payload.slash })
          ),
        Read: ({ payload }) =>
          call(
            "read",
            payload.path,
            payload,
            (ow, options) => ow.read(payload.path, { ...options, size: payload.size, offset: payload.offset })
          ),
        Write: ({ payload }) =>
          once(
            payload.ticket,
            "write",
            payload.path,
            call(
              "write",
              payload.path,
              payload,
              (ow, options) => ow.write(payload.path, payload.data, { ...options, offset: payload.offset })
            )
          ),
        Get: ({ payload: { offset, path, size, slash, ...asked } }) =>
          call("get", path, asked, (ow, options) => ow.get(path, { ...options, offset, size, slash })),
        Send: ({ payload: { isText, offset, payload, size, ticket, type, ...asked } }) => {
          const sent = isText ? Payload.decodeText(payload) : payload
          const path = isText ? Payload.decodeText(payload) : undefined
          const effect = call("sendMessage", path, asked, (ow, options) =>
            ow.sendMessage(type, sent, { ...options, offset, size }))
          return mayChange(type) ? once(ticket ?? "", "sendMessage", path, effect) : effect
        },
        Reading: ({ payload }) =>
          call("read", payload.device, payload, (ow, options) =>
            Effect.gen(function*() {
              const device = yield* Effect.provideService(
                Device.at(Catalogue.of, payload.device),
                OwClient.OwClient,
                ow
              )
              const { at, property, unit, value, verdict } = yield* device.reading(payload.property, options)
              return { server: name, device: device.id, property, value, unit, at, verdict }
            }))
      })
    }),
    { concurrency: "unbounded", disableFatalDefects: true, maxIdleTime: "1 minute" }
  )))

/** Whether a message of this type may change something. */
const mayChange = (type: number): boolean => !harmless.has(type)

const harmless: ReadonlySet<number> = new Set([
  MessageType.Nop,
  MessageType.Read,
  MessageType.Dir,
  MessageType.Presence,
  MessageType.DirAll,
  MessageType.Get,
  MessageType.DirAllSlash,
  MessageType.GetSlash
])

/**
 * Clients of the servers of a fleet, by their names in the registry.
 *
 * **Details**
 *
 * A call waits while its server moves from one runner to another. If no runner has answered for the server for 30 seconds, the
 * call fails with a `ConnError` of reason `Unreachable`, or earlier after its own `timeout`. No write is ever made twice: if its
 * runner dies in the meantime, it fails with `requestSent`, because nobody knows whether it took effect.
 *
 * A call that times out before any runner has answered reports that nothing was sent, unless it may change something.
 *
 * @category services
 * @since 0.1.0
 */
export class OwserverClients extends Context.Service<OwserverClients, {
  /** The client of a server. It sends nothing until you make a call. For an unknown server, that call fails. */
  readonly of: (server: string) => OwClient.Client
  /** The same client, but only until the scope ends: then its calls fail with a `ConnError` of reason `ClientClosed`. */
  readonly open: (server: string) => Effect.Effect<OwClient.Client, never, Scope.Scope>
  /**
   * A reading of a device, by its ROM id, its path or its alias on that server. The runner that is connected to the server
   * decodes the value, so this process needs no catalogue.
   */
  readonly reading: (
    server: string,
    device: string,
    property: string,
    options?: Omit<OwClient.CallOptions, "retry">
  ) => Effect.Effect<Reading, Device.Failure>
}>()("@effect-ownet/hub/OwserverClients") {}

/**
 * Clients over the engine of the fleet.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClients: Layer.Layer<OwserverClients, never, Sharding | ServerRegistry.ServerRegistry> = Layer.effect(
  OwserverClients,
  Effect.gen(function*() {
    const entities = yield* Owserver.client
    const servers = yield* Servers.make
    const ended = yield* closing

    const calls = (name: string, server: string, closed: Latch.Latch): RemoteClient.Calls => {
      const asking = FleetCall.make({ server, name, closed })

      /** Calls the runner that has the server. */
      const ask = <A, E>(
        operation: OwError.Operation,
        path: string | undefined,
        call: (entity: ReturnType<typeof entities>) => Effect.Effect<A, E | FleetCall.EngineError>
      ) =>
        Effect.flatMap(servers.find(name, { operation, path, server }), (found) => {
          const entity = entities(Identity.idOf(found))
          return asking({ operation, path, requestSent: false }, call(entity), entity.Here())
        })

      /** Makes a call that must not be made twice. */
      const askOnce = <A, E>(
        operation: OwError.Operation,
        path: string | undefined,
        { leaves }: RemoteClient.Asked,
        call: (entity: ReturnType<typeof entities>, ticket: string) => Effect.Effect<A, E | FleetCall.EngineError>
      ) =>
        Effect.flatMap(servers.find(name, { operation, path, server }), (found) => {
          const entity = entities(Identity.idOf(found))
          return Effect.flatMap(
            asking({ operation, path, requestSent: false }, entity.Ticket(), entity.Here()),
            (ticket) => {
              leaves()
              return asking({ operation, path, requestSent: true }, call(entity, ticket), entity.Here())
            }
          )
        })

      return {
        ping: (asked) => ask("ping", undefined, (entity) => entity.Ping(wired(asked))),
        present: (path, asked) => ask("present", path, (entity) => entity.Present({ ...wired(asked), path })),
        romId: (path, asked) => ask("romId", path, (entity) => entity.RomId({ ...wired(asked), path })),
        dir: (path, asked) => ask("dir", path, (entity) => entity.List({ ...wired(asked), path, slash: asked.slash })),
        read: (path, asked) => ask("read", path, (entity) => entity.Read({ ...wired(asked), ...ranged(asked), path })),
        write: (path, data, asked) =>
          askOnce(
            "write",
            path,
            asked,
            (entity, ticket) => entity.Write({ ...wired(asked), ticket, path, data, offset: asked.offset })
          ),
        get: (path, asked) =>
          ask(
            "get",
            path,
            (entity) => entity.Get({ ...wired(asked), ...ranged(asked), path, slash: asked.slash })
          ),
        sendMessage: (type, payload, asked) => {
          const isText = typeof payload === "string"
          const message = {
            ...wired(asked),
            type,
            isText,
            payload: isText ? Payload.encodeText(payload) : payload,
            size: asked.size,
            offset: asked.offset
          }
          const path = isText ? payload : undefined
          // The remote side returns a refusal as a normal reply.
          return (mayChange(type)
            ? askOnce("sendMessage", path, asked, (entity, ticket) => entity.Send({ ...message, ticket }))
            : ask("sendMessage", path, (entity) => entity.Send(message))) as Effect.Effect<
              OwClient.Reply,
              OwError.Unanswered
            >
        }
      }
    }

    const clientOf = (name: string, closed: Latch.Latch): OwClient.Client => {
      const server = FleetCall.shown(name)
      return RemoteClient.make(server, calls(name, server, closed))
    }

    /** One client for each server, with shared state. The number is bounded, because names may come from anywhere. */
    const clients = new Map<string, OwClient.Client>()

    const of = (server: string): OwClient.Client => {
      const client = clients.get(server) ?? clientOf(server, ended)
      clients.delete(server)
      clients.set(server, client)
      if (clients.size > mostClients) clients.delete(clients.keys().next().value ?? "")
      return client
    }

    return {
      of,
      open: (server) => Effect.map(closing, (closed) => clientOf(server, closed)),
      reading: (name, device, property, { flags, timeout } = {}) => {
        const server = FleetCall.shown(name)
        const path = Option.match(RomId.fromString(device), {
          onNone: () => device,
          onSome: (id) => `/${RomId.format(id)}`
        })
        const call = { operation: "read", path: `${path}/${property}`, server } as const
        const asking = FleetCall.make({ server, name, closed: ended })
        return FleetCall.within(call, timeout, (timeout) =>
          Effect.flatMap(servers.find(name, call), (found) => {
            const entity = entities(Identity.idOf(found))
            return asking(
              { ...call, requestSent: false },
              entity.Reading({
                flags: ControlFlags.override(defaultFlags, flags ?? {}),
                ...(timeout === undefined ? {} : { timeout }),
                device,
                property
              }),
              entity.Here()
            )
          }))
      }
    }
  })
)

/** Maximum number of clients that are kept. */
const mostClients = 10_000

/** Flags of a client whose user chose none. */
const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })

/** A latch that opens when the scope ends. */
const closing: Effect.Effect<Latch.Latch, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => Latch.makeUnsafe(false)),
  (closed) => closed.open
)

const wired = ({ flags, timeout }: RemoteClient.Asked) => ({ flags, ...(timeout === undefined ? {} : { timeout }) })

const ranged = ({ offset, size }: RemoteClient.Range) => ({ offset, ...(size === undefined ? {} : { size }) })

/**
 * The servers of a fleet as a network. `network.device(…)` and everything else work as if this process were connected to each
 * server. The network has the servers of the registry from the start, and follows its changes.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNetwork: Layer.Layer<Network.Network, never, OwserverClients | ServerRegistry.ServerRegistry> = Layer
  .effect(
    Network.Network,
    Effect.gen(function*() {
      const clients = yield* OwserverClients
      const registry = yield* ServerRegistry.ServerRegistry
      const names = Stream.map(registry.changes, (servers) => servers.map(({ server }) => server))
      // The first answer of the registry comes first, so that an immediate call finds no empty network.
      const network = yield* Network.fromClients((address) => clients.open(ServerRegistry.canonical(address)), {
        servers: Option.getOrElse(yield* Stream.runHead(names), () => [])
      })
      yield* Effect.forkScoped(Stream.runForEach(names, (servers) => Effect.ignore(network.set(servers))))
      return network
      // No argument can be wrong, because a registry contains only servers, and there are no options.
    }).pipe(Effect.orDie)
  )
