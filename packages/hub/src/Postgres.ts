/**
 * Connections to the PostgreSQL of a fleet.
 *
 * **Example** (A server that is added to a fleet from outside)
 *
 * ```ts
 * import { Postgres, ServerRegistry } from "@effect-ownet/hub"
 * import { Effect, Layer } from "effect"
 *
 * const registry = ServerRegistry.layerSql.pipe(Layer.provide(Postgres.layer("postgres://ow@db.example/ow")))
 *
 * const program = ServerRegistry.ServerRegistry.use((registry) => registry.add("raspberrypi")).pipe(
 *   Effect.provide(registry)
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as SqlClient from "effect/sql/SqlClient"
import type { HistoryError } from "./HistoryError.ts"
import * as PostgresDatabase from "./internal/history/PostgresDatabase.ts"

/**
 * A client of a PostgreSQL database: `postgres://USER:PASSWORD@HOST/DATABASE`. Install `@effect/sql-pg` as well; it is loaded
 * when the layer is built. The layer fails if the database does not answer. Connections that break later are replaced.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (url: string | Redacted.Redacted): Layer.Layer<SqlClient.SqlClient, HistoryError> =>
  Layer.effect(SqlClient.SqlClient, PostgresDatabase.connect(url))
