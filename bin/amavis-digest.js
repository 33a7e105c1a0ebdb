#!/usr/bin/env node
// Starts the program of an installed package. On a Node that is too old it says so in one line, where the program's own
// syntax and imports would end in a stack. Node 18 and older must be able to read this file: plain JavaScript, no packages.
import process from 'node:process'

/** As `engines` of package.json says. */
const OLDEST = 24

const { node } = process.versions
if (Number.parseInt(node, 10) >= OLDEST) await import('../dist/src/cli.js')
else {
  process.stderr.write(`amavis-digest needs Node ${OLDEST} or later; ${process.execPath} is ${node}.\n`)
  process.exitCode = 2
}
