#!/usr/bin/env node
"use strict"
// Node keeps the compiled functions of the first run, and no others: so each command has a cache of its own.
const { HOME, XDG_CACHE_HOME = HOME && `${HOME}/.cache` } = process.env
const [, , command = "ow"] = process.argv
require("node:module").enableCompileCache?.(XDG_CACHE_HOME && `${XDG_CACHE_HOME}/ow/${/^[a-z]+$/.test(command) ? command : "ow"}`)
// Nobody reads stacks of what went wrong, and taking them down takes longer than anything else here.
Error.stackTraceLimit = 0
require("./ow-bundle.cjs")
