import process from 'node:process'
import { parseArgs } from 'node:util'
import { measureChain } from './cases/chain.ts'
import { measureCollecting } from './cases/collecting.ts'
import { measureCompiling } from './cases/compiling.ts'
import { measureHeldMail } from './cases/held-mail.ts'
import { measureRendering } from './cases/rendering.ts'
import { measureTokens } from './cases/tokens.ts'
import { tableHead, tableRow } from './table.ts'
import { createWorld } from './world.ts'

// `npm run bench -- [--rows N] [--readers N]`: measures the main job, as ratios to other ways of doing the same on the
// same machine at the same time. Absolute figures vary with the machine and its load.

const { rows, readers } = volumeOf(process.argv.slice(2))
process.stderr.write(`Filling a private MariaDB with ${rows} messages for ${readers} readers …\n`)
await using world = await createWorld({ messages: rows, readers, days: 10 })
process.stdout.write(tableHead())
const measurements = [
  measureTokens,
  measureRendering,
  measureHeldMail,
  measureCollecting,
  measureCompiling,
  measureChain,
]
for (const measure of measurements) {
  for await (const result of measure(world)) process.stdout.write(tableRow(result))
}

function volumeOf(args: string[]): { rows: number; readers: number } {
  const { values } = parseArgs({ args, options: { rows: { type: 'string' }, readers: { type: 'string' } } })
  const numberOf = (name: 'rows' | 'readers', standard: number): number => {
    const number = Number(values[name] ?? standard)
    if (Number.isInteger(number) && number >= 1000) return number
    throw new TypeError(`--${name}: expected a number of 1000 or more`)
  }
  return { rows: numberOf('rows', 300_000), readers: numberOf('readers', 20_000) }
}
