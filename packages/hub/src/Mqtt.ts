/**
 * Bridge to MQTT: the places of a hub as topics on a broker, and commands to them. It needs the package `mqtt`.
 *
 * The bridge derives the topics that should be on the broker from the state of the hub, and publishes the difference. A place
 * that is renamed leaves nothing under its old topics, even if the hub, the bridge or the broker was unreachable in between.
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
import * as BrokerSession from "./internal/mqtt/BrokerSession.ts"
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
  /** The first part of all topics. Each hub on a broker needs a different one. Default `onewire`. */
  readonly baseTopic?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | Redacted.Redacted | undefined
  /** The client id, which must be unique on the broker. By default, derived from `baseTopic`. */
  readonly clientId?: string | undefined
  /**
   * A file with the certificate of the authority that signed the certificate of the broker. By default, the authorities that the
   * system trusts.
   */
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
  /**
   * Additional fields of `bridge/info`, such as a version and the configuration without its secrets. Evaluated for each message.
   */
  readonly info?: (() => Readonly<Record<string, unknown>>) | undefined
  /** Additional retained messages, derived from the state of the hub, such as discovery messages for Home Assistant. */
  readonly announce?:
    | ((state: Api.State, topicOf: (key: string) => string) => ReadonlyArray<readonly [topic: string, payload: string]>)
    | undefined
  /**
   * Current values of the options that can change while the bridge runs. It is called each time, and replaces those options
   * above.
   */
  readonly current?: (() => Current) | undefined
  /** The topic on which the message `online` requests all messages again, as Home Assistant does when it starts. */
  readonly statusTopic?: string | undefined
}

/**
 * Schema of the options in a configuration file. With `homeassistant`, places are announced to Home Assistant.
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
    new MqttError({ reason: "Setting", server: BrokerSession.parse(server)?.shown ?? "server", problem })
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
 * Bridges a hub to a broker until the scope ends. It never fails. If the broker cannot be reached, the bridge tries again, and
 * the outlet `MQTT` of the hub shows the problem. The outlet also shows invalid options.
 *
 * **Details**
 *
 * - Every client that may publish to the broker may rename places, set limits, and write the properties that the hub may write.
 *   Use the broker's users and permissions to restrict that.
 * - Hidden places are left out.
 * - When the scope ends, `BASE/bridge/state` becomes `offline`. All other retained messages stay on the broker.
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
  const [here, there] = [BrokerSession.parse(one.server), BrokerSession.parse(other.server)]
  return sessionOf(one).base === sessionOf(other).base &&
    (here === undefined || there === undefined ? one.server === other.server : BrokerSession.isSame(here, there))
}

/**
 * Clears everything that a bridge with this base topic has left on a broker. Call it after you stop using a bridge, or after you
 * change its base topic or broker. The bridge itself must have ended.
 *
 * @category combinators
 * @since 0.1.0
 */
export const clear = (broker: Broker): Effect.Effect<void, MqttError> =>
  Effect.suspend(() => {
    const problem = problemOf(broker)
    return problem === undefined ? Effect.scoped(Bridge.clear(sessionOf(broker))) : Effect.fail(problem)
  })
