import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { CASES } from './cases.ts'
import type { BenchCase, BenchOptions, Figure } from './figures.ts'
import { tableHead, tableRow } from './table.ts'

// `npm run bench -- [--quick] [--only NAME,…] [--rounds N] [--seed N] [--json FILE]`: measures the program beside other
// ways of doing the same, on the same machine in the same minutes. Ratios hold; absolute figures vary with the machine
// and its load.

// Each server has a listener, so that none outlives this process.
process.setMaxListeners(100)

const { cases, json, ...options } = optionsOf(process.argv.slice(2))
const measured: (Figure & { readonly case: string })[] = []
for (const one of cases) {
  const begun = performance.now()
  process.stdout.write(tableHead(one))
  for await (const figure of one.measure(options)) {
    process.stdout.write(tableRow(figure))
    measured.push({ case: one.name, ...figure })
  }
  process.stderr.write(`${one.name} took ${Math.round((performance.now() - begun) / 1000)} s\n`)
}
mkdirSync(dirname(json), { recursive: true })
writeFileSync(json, `${JSON.stringify({ machine: machine(), options, figures: measured }, undefined, 2)}\n`)
process.stdout.write(`\nThe same as JSON: ${json}\n`)

function machine() {
  return {
    at: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  }
}

function optionsOf(
  args: string[],
): BenchOptions & { readonly cases: readonly BenchCase[]; readonly json: string } {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string', default: 'artefacts/bench.json' },
    },
  })
  const { quick, json } = values
  const rounds = wholeNumber('rounds', values.rounds ?? (quick ? '2' : '5'))
  return { quick, rounds, seed: wholeNumber('seed', values.seed), cases: casesNamed(values.only), json }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new TypeError(`--${name}: expected a whole number of 1 or more`)
}

function casesNamed(only: string | undefined): readonly BenchCase[] {
  if (only === undefined) return CASES
  return only.split(',').map(name => {
    const found = CASES.find(candidate => candidate.name === name)
    if (found) return found
    throw new TypeError(`--only: expected some of ${CASES.map(candidate => candidate.name).join(', ')}`)
  })
}
