/**
 * The bridge to MQTT: the places of a hub under topics of a broker, and commands to them. It needs the package `mqtt`.
 *
 * What should be on the broker follows from what the hub knows, and the bridge publishes the difference. So a place that is renamed
 * leaves nothing under its old topics, whatever was away in between: the hub, the bridge, or the broker.
 *
 * **Example** (A bridge without a page)
 *
 * ```ts
 * import { History, Hub, Mqtt } from "@effect-ownet/hub"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { Layer } from "effect"
 *
 * const bridge = Mqtt.layer({ server: "mqtt://localhost", baseTopic: "house" }).pipe(
 *   Layer.provide(Hub.layer({ every: "30 seconds", allowWrite: ["PIO.*"] })),
 *   Layer.provide([NodeNetwork.layer({ servers: ["raspberrypi"] }), History.layerMemory])
 * )
 *
 * const program = Layer.launch(bridge)
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Api from "./Api.ts"
import * as HomeAssistant from "./HomeAssistant.ts"
import * as Hub from "./Hub.ts"
import type { HubConfig } from "./HubConfig.ts"
import * as Bridge from "./internal/mqtt/Bridge.ts"
import * as Session from "./internal/mqtt/Session.ts"
import * as Topic from "./internal/mqtt/Topic.ts"
import { MqttError } from "./MqttError.ts"

/**
 * A broker, and the topics on it that belong to a bridge.
 *
 * @category models
 * @since 0.1.0
 */
export interface Broker {
  /** The address, such as `mqtt://localhost:1883`, or `mqtts://` for TLS. */
  readonly server: string
  /** The first part of all topics. Each hub on a broker needs one of its own. Default `onewire`. */
  readonly baseTopic?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | Redacted.Redacted | undefined
  /** The name of the connection, which no other client of the broker may have. Made from `baseTopic` by default. */
  readonly clientId?: string | undefined
  /** A file with the certificate of the authority that signs that of the broker. By default one of the system's has to. */
  readonly ca?: string | undefined
}

/**
 * Options that can change while a bridge runs.
 *
 * @category models
 * @since 0.1.0
 */
export type Current = Pick<Options, "announce" | "info" | "output" | "retain">

/**
 * Options of a bridge.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Broker {
  /** Whether the values of a place are one message in JSON, or one message each. Default `json`. */
  readonly output?: "json" | "attribute" | "attribute_and_json" | undefined
  /** Whether values are retained. Default `true`. */
  readonly retain?: boolean | undefined
  /** More fields of `bridge/info`, such as a version, and the configuration without its secrets. They are asked for anew each time. */
  readonly info?: (() => Readonly<Record<string, unknown>>) | undefined
  /** More retained messages that follow from what is known, such as those by which Home Assistant finds the places. */
  readonly announce?:
    | ((state: Api.State, topicOf: (key: string) => string) => ReadonlyArray<readonly [topic: string, payload: string]>)
    | undefined
  /**
   * What holds at any time of all that can change while the bridge runs. It is asked for anew each time, and takes the place of what is
   * said of that above.
   */
  readonly current?: (() => Current) | undefined
  /** The topic on which `online` asks for all messages once more, as Home Assistant does when it begins. */
  readonly statusTopic?: string | undefined
}

/**
 * Options as a configuration says them: with `homeassistant`, places are announced to it.
 *
 * @category conversions
 * @since 0.1.0
 */
export const fromConfig = (
  { homeassistant, mqtt, places = {} }: {
    readonly mqtt: NonNullable<HubConfig["mqtt"]>
    readonly homeassistant?: HubConfig["homeassistant"]
    readonly places?: HubConfig["places"]
  },
  version: string
): Options => {
  const { base_topic: baseTopic, client_id: clientId, password, ...mqttRest } = mqtt
  const isAnnounced = homeassistant !== undefined && homeassistant.enabled !== false
  return {
    ...mqttRest,
    baseTopic,
    clientId,
    password: password === undefined ? undefined : Redacted.make(password),
    ...isAnnounced ?
      {
        statusTopic: homeassistant.status_topic ?? "homeassistant/status",
        announce: HomeAssistant.announcements({
          baseTopic,
          discoveryTopic: homeassistant.discovery_topic,
          pageUrl: homeassistant.page_url,
          output: mqtt.output,
          overridesOf: (key) => places[key]?.homeassistant,
          version
        })
      } :
      {}
  }
}

const problemOf = ({ baseTopic, server, statusTopic }: Options): MqttError | undefined => {
  const refused = (problem: string) =>
    new MqttError({ reason: "Setting", server: Session.parse(server)?.shown ?? "server", problem })
  if (baseTopic !== undefined && !Topic.isSound(baseTopic)) {
    return refused(`base_topic ${JSON.stringify(baseTopic)} cannot be a topic: no +, # or $, and no empty level`)
  }
  return statusTopic !== undefined && !Topic.isSound(statusTopic)
    ? refused(`status_topic ${JSON.stringify(statusTopic)} cannot be a topic`)
    : undefined
}

const sessionOf = ({ baseTopic = "onewire", ca, clientId, password, server, user }: Broker) => ({
  base: baseTopic,
  session: { ca, clientId: clientId ?? `ow-hub-${baseTopic.replaceAll(/[^\w-]/g, "-")}`, password, server, user }
})

/**
 * Bridges a hub to a broker for as long as it is used. It never fails: what is wrong with the broker is told to all who look at the
 * hub, and tried again.
 *
 * **Details**
 *
 * - Anybody who may publish to the broker may rename places, set limits, and write what the hub may write: a broker has users and
 *   permissions for that.
 * - Places that are hidden are left out.
 * - When the scope ends, `BASE/bridge/state` becomes `offline`. All else stays on the broker for the next time.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<never, never, Hub.Hub> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const hub = yield* Hub.Hub
    const problem = problemOf(options)
    if (problem !== undefined) {
      yield* hub.report("MQTT", problem.message)
      return yield* Effect.logError(`MQTT: ${problem.message}`)
    }
    const { current = () => options, statusTopic } = options
    const { base, session } = sessionOf(options)
    yield* Bridge.run(hub, {
      base,
      session,
      statusTopic,
      desired: () => {
        const { announce, info = () => ({}), output = "json", retain = true } = current()
        return { announce, base, info, output, retain }
      }
    })
  }))

/**
 * Whether two bridges have the same topics on the same broker.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isSamePlace = (one: Broker, other: Broker): boolean => {
  const [here, there] = [Session.parse(one.server), Session.parse(other.server)]
  return sessionOf(one).base === sessionOf(other).base &&
    (here === undefined || there === undefined ? one.server === other.server : Session.isSame(here, there))
}

/**
 * Clears all that the bridge of a base topic has left on a broker: for one that is not used any longer, or has another base topic or
 * broker from now on. The bridge itself must have ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const clear = (broker: Broker): Effect.Effect<void, MqttError> =>
  Effect.suspend(() => {
    const problem = problemOf(broker)
    return problem === undefined ? Effect.scoped(Bridge.clear(sessionOf(broker))) : Effect.fail(problem)
  })
