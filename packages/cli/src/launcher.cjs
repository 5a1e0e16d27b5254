#!/usr/bin/env node
"use strict"
// Node keeps the compiled functions of the first run, and no others: so each command has a cache of its own.
const commands = /^(?:ls|cat|set|get|exists|tree|scan|info|watch|convert|alarms|devices|doctor|ping|bench|serve)$/
const { HOME, XDG_CACHE_HOME } = process.env
const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
const [, , command] = process.argv
require("node:module").enableCompileCache?.(caches && `${caches}/ow/${commands.test(command) ? command : "ow"}`)
// Nobody reads stacks of what went wrong, and taking them down takes longer than anything else here.
Error.stackTraceLimit = 0

// What looks like a plain call is one, but for odd operands: it has a bundle of its own, since a whole one is slower to load.
const isPlain = /^(?:ls|cat|set|get|exists|ping)$/.test(command) &&
  process.argv.slice(3).every((arg) => /^(?!-)|^(?:-s|--server|--json)$/.test(arg))
const plain = isPlain ? require("./ow-quick.cjs") : undefined
module.exports = plain?.isTaken ? plain : require("./ow-bundle.cjs")
