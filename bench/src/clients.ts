/** The measured clients. */
import type { Driver } from "./drivers/Driver.ts"
import type { Task } from "./task.ts"

export interface Client {
  readonly id: string
  readonly label: string
  /** How it connects: it keeps its connections, opens one for each call, or does either as configured. */
  readonly connects: "kept" | "each" | "either"
  /** Whether it can make several calls at the same time. */
  readonly isConcurrent: boolean
  /** Only for a client whose calls run in a Node process. The others are separate programs. */
  readonly load?: () => Promise<Driver>
  /** The client that it is a variant of. It takes part where that one does, in workloads that name it. */
  readonly formOf?: string
}

/** The client by whose rates the others' are divided. */
export const floor = "floor"

export const clients: ReadonlyArray<Client> = [
  {
    id: floor,
    label: "FLOOR node:net",
    connects: "either",
    isConcurrent: true,
    load: async () => (await import("./drivers/floor.ts")).driver
  },
  {
    id: "effect-ownet",
    label: "effect-ownet",
    connects: "either",
    isConcurrent: true,
    load: () => import("../driver.ts")
  },
  { id: "libownet", label: "C libownet", connects: "kept", isConcurrent: true },
  { id: "owread", label: "owread", connects: "each", isConcurrent: false },
  { id: "perl", label: "Perl OWNet", connects: "either", isConcurrent: false },
  { id: "pyownet", label: "Python pyownet", connects: "either", isConcurrent: false },
  {
    id: "owfs",
    label: "npm owfs 0.4.0",
    connects: "each",
    isConcurrent: true,
    load: async () => (await import("./drivers/owfs.ts")).driver
  },
  {
    id: "owjs",
    label: "npm owjs 0.1.1",
    connects: "each",
    isConcurrent: true,
    load: async () => (await import("./drivers/owjs.ts")).driver
  },
  {
    id: "many",
    label: "effect-ownet, readTextMany",
    connects: "either",
    isConcurrent: true,
    formOf: "effect-ownet",
    load: () => import("../driver-many.ts")
  },
  {
    id: "convert",
    label: "effect-ownet, convertAll",
    connects: "either",
    isConcurrent: true,
    formOf: "effect-ownet",
    load: async () => (await import("./drivers/convert.ts")).driver
  },
  {
    id: "typed",
    label: "effect-ownet, typed",
    connects: "either",
    isConcurrent: true,
    formOf: "effect-ownet",
    load: async () => (await import("./drivers/typed.ts")).driver
  },
  {
    id: "metrics",
    label: "effect-ownet, with metrics",
    connects: "either",
    isConcurrent: true,
    formOf: "effect-ownet",
    load: async () => (await import("./drivers/observed.ts")).withMetrics
  },
  {
    id: "tracer",
    label: "effect-ownet, with metrics and a tracer",
    connects: "either",
    isConcurrent: true,
    formOf: "effect-ownet",
    load: async () => (await import("./drivers/observed.ts")).withTracerAndMetrics
  },
  { id: "ow", label: "ow cat", connects: "each", isConcurrent: false, formOf: "effect-ownet" },
  { id: "ow-parser", label: "ow cat --celsius", connects: "each", isConcurrent: false, formOf: "effect-ownet" },
  { id: "owread-loop", label: "owread in a shell", connects: "each", isConcurrent: false, formOf: "owread" },
  { id: "constant", label: "node, a constant", connects: "each", isConcurrent: false, formOf: floor }
]

/**
 * Whether a client takes part. One that connects for each call takes part in all workloads, in that way. One that cannot connect
 * for each call is left out of the workload that requires it.
 */
export const canRun = (client: Client, task: Pick<Task, "callers" | "connection">): boolean =>
  (client.isConcurrent || task.callers === 1) && !(client.connects === "kept" && task.connection === "each")
