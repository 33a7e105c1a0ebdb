import type { Evidence } from './evidence.ts'
import { keyOf } from './ledger.ts'
import { listingViolations, NEVER, TWICE } from './listing.ts'
import { explainRepeats, type Repeats } from './repeats.ts'

/** The figures of a campaign. */
export interface Figures {
  readonly seconds: number
  readonly kills: { readonly all: number; readonly by: Readonly<Record<string, number>> }
  /** How often servers were stopped, killed or made to refuse. */
  readonly outages: Readonly<Record<string, number>>
  readonly held: number
  readonly listedNever: number
  readonly listedTwice: number
  readonly digests: number
  readonly mails: number
  /** Mails that were sent although the server had accepted their digest before. */
  readonly repeats: number
  readonly repeatsBy: Repeats['causes']
  /** Repeats as a share of all mails. */
  readonly repeatedShare: number
  readonly releases: Readonly<Record<string, number>>
  /** How many releases gave how many copies. */
  readonly copiesPerRelease: Readonly<Record<string, number>>
  readonly clicks: number
  readonly askedAgain: number
  readonly runs: number
}

export function figuresOf(evidence: Evidence, milliseconds: number): Figures {
  const { ledger, tables } = evidence
  const deaths = ledger.disturbances.filter(({ what }) => what === 'process')
  const outages = ledger.disturbances.filter(({ what }) => what !== 'process')
  const listing = listingViolations(evidence)
  const digests = new Set(ledger.digests.map(({ messageId }) => messageId)).size
  const mails = ledger.digests.length
  const copies = Map.groupBy(ledger.copies, copy => keyOf(copy.subject, copy.recipient))
  return {
    seconds: Math.round(milliseconds / 1000),
    kills: { all: deaths.length, by: tally(deaths.map(({ how }) => how)) },
    outages: tally(outages.map(({ what, how }) => `${what}: ${how}`)),
    held: tables.held.length,
    listedNever: listing.filter(({ rule }) => rule === NEVER).length,
    listedTwice: listing.filter(({ rule }) => rule === TWICE).length,
    digests,
    mails,
    repeats: mails - digests,
    repeatsBy: explainRepeats(evidence).causes,
    repeatedShare: mails === 0 ? 0 : Number(((mails - digests) / mails).toFixed(4)),
    releases: tally(tables.releases.map(({ state }) => state)),
    copiesPerRelease: tally(
      tables.releases.map(row => String(copies.get(keyOf(row.subject, row.recipient))?.length ?? 0)),
    ),
    clicks: ledger.answers.length,
    askedAgain: ledger.answers.filter(({ again }) => again).length,
    runs: tables.runs.length,
  }
}

/** Formats the figures, one per line. */
export function tableOf(figures: Figures): string {
  const lines = Object.entries(figures).flatMap(([name, value]): [string, string][] =>
    name === 'kills'
      ? [['kills', String(figures.kills.all)], ...inner(figures.kills.by)]
      : typeof value === 'object'
        ? [[name, ''], ...inner(value as Record<string, number>)]
        : [[name, String(value)]],
  )
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n')
}

const inner = (values: Readonly<Record<string, number>>): [string, string][] =>
  Object.entries(values).map(([name, value]) => [`  ${name}`, String(value)])

function tally(names: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(names, name => name)].map(([name, all]) => [name, all.length] as const)
  return Object.fromEntries(groups.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
