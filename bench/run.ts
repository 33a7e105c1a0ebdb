import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { inspect, parseArgs } from 'node:util'
import { SECOND } from '../src/ground/durations.ts'
import { CASES } from './cases.ts'
import type { BenchCase, BenchOptions, Figure } from './figures.ts'
import { tableHead, tableRow } from './table.ts'

// `npm run bench -- [--quick] [--only NAME,…] [--rounds N] [--seed N] [--json FILE]`: measures the program beside other
// ways of doing the same, on the same machine in the same minutes. Ratios hold; absolute figures vary with the machine
// and its load. Ends with 1 if a case has failed; a target that is missed is no failure.

// Each server has a listener, so that none outlives this process.
process.setMaxListeners(100)

const { cases, json, ...options } = optionsOf(process.argv.slice(2))
const figures: (Figure & { readonly case: string })[] = []
const took: Record<string, number> = {}
const failed: string[] = []
for (const one of cases) {
  const begun = performance.now()
  await measureCase(one)
  const seconds = Math.round((performance.now() - begun) / SECOND)
  took[one.name] = seconds
  process.stderr.write(`${one.name} took ${seconds} s\n`)
  // After each case, so that a run that is broken off leaves what it has measured.
  writeJson()
}
process.stdout.write(`\nThe same as JSON: ${json}\n`)
if (failed.length > 0) {
  process.stderr.write(`Failed: ${failed.join(', ')}\n`)
  process.exitCode = 1
}

/** A case that fails keeps the figures that it has measured, and the other cases still run. */
async function measureCase(one: BenchCase): Promise<void> {
  process.stdout.write(tableHead(one))
  try {
    for await (const figure of one.measure(options)) {
      process.stdout.write(tableRow(figure))
      figures.push({ case: one.name, ...figure })
    }
  } catch (error) {
    failed.push(one.name)
    process.stderr.write(`${one.name} has failed: ${inspect(error)}\n`)
  }
}

function writeJson(): void {
  mkdirSync(dirname(json), { recursive: true })
  const all = { machine: machine(), options, seconds: took, failed, figures }
  writeFileSync(json, `${JSON.stringify(all, undefined, 2)}\n`)
}

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
