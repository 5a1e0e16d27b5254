#!/usr/bin/env node
"use strict"
// The build puts the names here: of all commands, and of those that the bundle for plain calls can run.
const commands = OW_COMMANDS
const actions = OW_ACTIONS

const [, , command, ...args] = process.argv
const { HOME, XDG_CACHE_HOME } = process.env
const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
// Node caches the functions that the first run compiles, and no others. So each command has a cache of its own.
require("node:module").enableCompileCache?.(caches && `${caches}/ow/${commands.includes(command) ? command : "ow"}`)
// Nobody reads the stacks of errors, and capturing them takes longer than anything else here.
Error.stackTraceLimit = 0

// A call that looks plain is plain, unless its operands are odd. The bundle for plain calls loads faster than the whole one.
const isPlain = actions.includes(command) && args.every((arg) => /^(?!-)|^(?:-s|--server|--json)$/.test(arg))
const plain = isPlain ? require("./ow-quick.cjs") : undefined
module.exports = plain?.isTaken ? plain : require("./ow-bundle.cjs")
