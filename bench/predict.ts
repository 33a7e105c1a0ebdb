import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Figure } from './figures.ts'
import { type Fleet, fleetFor, limitsOf, PARTS, type Parts, timeOfRun } from './model.ts'

// `predict.ts [JSON]` prints the three tables of docs/scaling.md from what `npm run bench` has written.

const PART_NAMES = Object.keys(PARTS) as readonly (keyof Parts)[]

const READERS = [1e6, 1e7, 1e8]

/** In seconds. */
const HOUR = 3600

/** How long an SMTP server needs for a mail, in milliseconds. */
const LATENCY = 20

const LINES: readonly (readonly [string, (fleet: Fleet) => number])[] = [
  ['digests a second', fleet => fleet.rate],
  ['processors for our processes', fleet => fleet.cores],
  ['connections to SMTP servers', fleet => fleet.connections],
  ['processors for the database', fleet => fleet.databaseCores],
  ['SQL statements a second', fleet => fleet.statements],
  ['rows written a second', fleet => fleet.rowsWritten],
  ['flushes of the log a second, at most', fleet => fleet.writes],
  ['log written, MB/s', fleet => fleet.log / 1e6],
  ['commands of Redis a second', fleet => fleet.redisCommands],
  ['share of the one processor of Redis, %', fleet => fleet.redisShare * 100],
  ['minutes until one process has made all digests', fleet => fleet.makingAlone / 60],
]

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |\n`)
    .join('')

/** Two digits: a prediction is no better. */
const round = (value: number): string =>
  value >= 10
    ? Number(value.toPrecision(value >= 100 ? 2 : 3)).toLocaleString('en')
    : String(Number(value.toPrecision(2)))

const [file = 'artefacts/bench.json'] = process.argv.slice(2)
const { figures } = JSON.parse(readFileSync(file, 'utf8')) as { readonly figures: readonly CaseFigure[] }
const parts = partsIn(figures)
process.stdout.write(`${measuredTable(figures)}\n${predictedTable(parts)}\n${limitsTable(parts)}`)

type CaseFigure = Figure & { readonly case: string }

function partsIn(all: readonly CaseFigure[]): Parts {
  const entries = PART_NAMES.map(part => [part, figureOf(all, part).ours.median])
  return Object.fromEntries(entries) as Parts
}

function figureOf(all: readonly CaseFigure[], part: keyof Parts): CaseFigure {
  const found = all.find(one => one.case === PARTS[part].case && one.what === PARTS[part].what)
  if (found) return found
  throw new Error(`${file} lacks "${PARTS[part].what}" of the case ${PARTS[part].case}`)
}

function measuredTable(all: readonly CaseFigure[]): string {
  const rows = PART_NAMES.map(part => {
    const { what, unit, ours } = figureOf(all, part)
    return [`\`${part}\``, what, `${round(ours.median)} ${unit}`.trim()]
  })
  return table(['part', 'what one digest costs', 'measured'], rows)
}

function predictedTable(measured: Parts): string {
  const fleets = READERS.map(readers => fleetFor(measured, readers, HOUR, LATENCY))
  const rows = LINES.map(([what, of]) => [what, ...fleets.map(fleet => round(of(fleet)))])
  const alone = READERS.map(digests => {
    const milliseconds = timeOfRun(measured, { digests, connections: 10, latency: LATENCY })
    return round(milliseconds / 3_600_000)
  })
  const head = ['all digests within one hour', ...READERS.map(readers => `${readers / 1e6} million readers`)]
  return table(head, [...rows, ['hours, by one process with 10 connections', ...alone]])
}

function limitsTable(measured: Parts): string {
  const rows = limitsOf(measured, LATENCY).map(([what, digests]) => [what, round(digests / 1e6)])
  return table(['limit', 'million digests an hour'], rows)
}
