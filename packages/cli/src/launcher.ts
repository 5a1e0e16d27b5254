#!/usr/bin/env node
/**
 * The command `ow` as a script, with its bundles in the same directory.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Launch from "./Launch.ts"

const pathOf = (name: string): string => join(__dirname, name)

Launch.launch({ pathOf, read: (name) => readFileSync(pathOf(name)), require })
