#!/usr/bin/env node
// Starts the program of an installed package. On a Node that is too old it says so in one line, where the program's own
// syntax and imports would end in a stack. Old versions must be able to read this file: plain JavaScript, no imports
// before the check, no await outside a function.

/** As `engines` of package.json says. */
const OLDEST = 24

const { node } = process.versions
if (Number.parseInt(node, 10) >= OLDEST) start()
else {
  process.stderr.write(`amavis-digest needs Node ${OLDEST} or later; ${process.execPath} is ${node}.\n`)
  process.exitCode = 2
}

/** A checkout to which `npm link` leads may have no `dist`. */
async function start() {
  const { existsSync } = await import('node:fs')
  const built = new URL('../dist/src/cli.js', import.meta.url)
  await import(existsSync(built) ? built.href : new URL('../src/cli.ts', import.meta.url).href)
}
