import { NodeRuntime } from "@effect/platform-node"
import { program } from "./cellar.ts"

NodeRuntime.runMain(program)
