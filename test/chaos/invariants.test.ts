import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../src/ground/durations.ts'
import type { Evidence } from './evidence.ts'
import { violationsOf } from './invariants.ts'
import type { Answer, DigestCopy, Disturbance, ReleasedCopy, ReleaseRow } from './ledger.ts'
import { newLedger } from './ledger.ts'
import { explainRepeats } from './repeats.ts'
import { figuresOf } from './report.ts'

const AT = Date.UTC(2026, 2, 1)
const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'

test('a ledger in which all is well has no violations', () => {
  expect(violationsOf(doctored({}))).toEqual([])
})

test('a held message that no digest lists is found', () => {
  const held = [...WELL.held, { subject: 'Offer 9', recipient: BOB }]
  expect(rulesOf({ held })).toEqual(['never listed'])
})

test('a held message that a second reader is not told of is found, unless the first has released it', () => {
  const [first, second] = ['reader3@example.com', 'second-reader3@example.com']
  const held = [...WELL.held, { subject: 'Offer 9', recipient: first }]
  const told = (reader: string, id: string) => ({ ...digest(id, { subjects: ['Offer 9'] }), reader })
  const rows = [...WELL.rows, row('d8', 'sent', first), row('d9', 'sent', second)]
  const digests = [...wellDigests(), told(first, 'd8'), told(second, 'd9')]
  expect(rulesOf({ held, digests, rows })).toEqual([])
  expect(rulesOf({ held, digests: digests.slice(0, -1), rows: rows.slice(0, -1) })).toEqual(['never listed'])
})

test('a held message in two digests is found', () => {
  const digests = [...WELL.digests, digest('d2', { subjects: ['Offer 1'] })]
  const rows = [...WELL.rows, { digestId: 'd2', reader: ALICE, state: 'sent' }]
  expect(rulesOf({ digests, rows })).toEqual(['listed twice'])
})

test('a message that is listed for somebody else is found', () => {
  const digests = [digest('d1', { subjects: ['Offer 1', 'Offer 7'] })]
  expect(rulesOf({ digests })).toEqual(['listed for somebody else'])
})

test.each([
  [
    'a digest without a row',
    { digests: [...wellDigests(), digest('d9', { subjects: [] })] },
    'digest without a matching row',
  ],
  [
    'a digest that went to another reader',
    { rows: [row('d1', 'sent', BOB)] },
    'digest without a matching row',
  ],
  ['a digest that was never sent', { rows: [row('d1', 'sent'), row('d2', 'pending')] }, 'digest left over'],
  [
    'a digest that is recorded as sent and was not',
    { rows: [row('d1', 'sent'), row('d2', 'sent')] },
    'sent without a mail',
  ],
  [
    'a digest that is recorded as failed and was accepted',
    { rows: [row('d1', 'failed')] },
    'failed, yet taken',
  ],
] as const)('%s is found', (_what, change, rule) => {
  expect(rulesOf(change)).toEqual([rule])
})

test('a repeat is explained by a 250 that nobody heard', () => {
  const digests = [digest('d1', { heard: false }), digest('d1', { at: AT + 9_000 })]
  expect(violationsOf(doctored({ digests }))).toEqual([])
  expect(explainRepeats(doctored({ digests })).causes).toEqual({ unheard: 1, killed: 0, database: 0 })
})

test('a repeat is explained by the death of its own process right after the 250, and by no other death', () => {
  const digests = [digest('d1', { pid: 7 }), digest('d1', { pid: 8, at: AT + 9_000 })]
  const death = (pid: number, at: number) => ({ digests, disturbances: [killed(pid, at)] })
  expect(rulesOf(death(7, AT + 20))).toEqual([])
  expect(explainRepeats(doctored(death(7, AT + 20))).causes.killed).toBe(1)
  expect(rulesOf(death(9, AT + 20))).toEqual(['repeat without a cause'])
  expect(rulesOf(death(7, AT + MINUTE))).toEqual(['repeat without a cause'])
  // Its mail was under way.
  expect(rulesOf(death(7, AT - 100))).toEqual([])
  expect(rulesOf({ digests })).toEqual(['repeat without a cause'])
})

test('a repeat is explained by a database that was away when its 250 was to be recorded', () => {
  const digests = [digest('d1', {}), digest('d1', { at: AT + 9_000 })]
  const away = (what: Disturbance['what'], from: number, to: number) => ({
    digests,
    disturbances: [{ what, from, to, how: 'stop' }],
  })
  expect(rulesOf(away('database', AT - 500, AT + 500))).toEqual([])
  expect(rulesOf(away('database', AT + 5_000, AT + 8_000))).toEqual(['repeat without a cause'])
  expect(rulesOf(away('mta', AT - 500, AT + 500))).toEqual(['repeat without a cause'])
})

test('more repeats after one death than the process had connections are found', () => {
  const ids = Array.from({ length: 4 }, (_, index) => `d${index}`)
  const digests = ids.flatMap(id => [
    digest(id, { subjects: [], pid: 7 }),
    digest(id, { subjects: [], at: AT + 9_000 }),
  ])
  const change = {
    digests,
    rows: ids.map(id => row(id, 'sent')),
    held: [],
    disturbances: [killed(7, AT + 1)],
  }
  expect(rulesOf(change)).toEqual(['more repeats than connections'])
})

test.each<[string, Doctored, string[]]>([
  ['a second copy', { copies: [copy(), copy()] }, ['2 copies']],
  ['a release without a copy', { copies: [] }, ['released without a copy']],
  [
    'a reader who was told of a release that did not happen',
    told('released', 'failed', []),
    ['told of a release without a copy'],
  ],
  ['a failure although a copy came', { releases: [release('failed')] }, ['failed, yet a copy came']],
  ['a release that is still being made', { releases: [release('releasing')] }, ['release left over']],
  ['a release that is still queued', { releases: [release('queued')] }, ['release left over']],
  ['a copy without a claim', { releases: [] }, ['copy without a claim']],
  [
    'an uncertain release that nothing explains',
    { releases: [release('uncertain')] },
    ['uncertain without a cause'],
  ],
])('%s is found', (_what, change, rules) => {
  expect(rulesOf(change)).toEqual(rules)
})

test('a second copy is no fault if the reader asked for it, or if amavisd did not hear of the first', () => {
  const again: Answer = { at: AT, subject: 'Offer 1', reader: ALICE, again: true, told: 'released' }
  expect(rulesOf({ copies: [copy(), copy()], answers: [again] })).toEqual([])
  expect(rulesOf({ copies: [copy({ heard: false }), copy()] })).toEqual([])
})

test('an uncertain release is explained by a disturbance while amavisd was asked', () => {
  const releases = [release('uncertain')]
  expect(rulesOf({ releases, disturbances: [killed(7, AT + 200)] })).toEqual([])
  expect(rulesOf({ releases, disturbances: [killed(7, AT + 30_000)] })).toEqual(['uncertain without a cause'])
})

test('a run that was made twice, and one that was never finished, are found', () => {
  const run = { runId: 'r1', schedule: 'daily', dueAt: AT, finishedAt: AT }
  expect(rulesOf({ runs: [run, { ...run, runId: 'r2' }] })).toEqual(['run made twice'])
  expect(rulesOf({ runs: [{ ...run, finishedAt: null }] })).toEqual(['run never finished'])
  expect(rulesOf({ runs: [{ ...run, schedule: null, finishedAt: null }] })).toEqual([])
  expect(rulesOf({ runs: [{ ...run, dueAt: AT + HOUR, finishedAt: null }] })).toEqual([])
})

test('a process that ended by itself is found', () => {
  const ends = [{ at: AT, name: 'serve-1', pid: 7, status: 1, log: '' }]
  expect(rulesOf({ ends })).toEqual(['process ended by itself'])
})

test('figures count what the violations name', () => {
  const held = [...WELL.held, { subject: 'Offer 9', recipient: BOB }]
  const digests = [digest('d1', { heard: false }), digest('d1', { at: AT + 9_000 })]
  expect(figuresOf(doctored({ held, digests, disturbances: [killed(7, AT)] }), MINUTE)).toMatchObject({
    kills: { all: 1, by: { kill: 1 } },
    held: 2,
    listedNever: 1,
    listedTwice: 0,
    digests: 1,
    mails: 2,
    repeats: 1,
    repeatedShare: 0.5,
    copiesPerRelease: { 1: 1 },
  })
})

interface Doctored {
  readonly held?: Evidence['tables']['held']
  readonly rows?: Evidence['tables']['digests']
  readonly releases?: Evidence['tables']['releases']
  readonly runs?: Evidence['tables']['runs']
  readonly digests?: readonly DigestCopy[]
  readonly copies?: readonly ReleasedCopy[]
  readonly answers?: readonly Answer[]
  readonly disturbances?: readonly Disturbance[]
  readonly ends?: Evidence['ledger']['ends']
}

const rulesOf = (change: Doctored): string[] => violationsOf(doctored(change)).map(({ rule }) => rule)

/** Evidence of one message that was listed once and released once, with the changes of a test. */
function doctored(change: Doctored): Evidence {
  const all = { ...WELL, ...change }
  return {
    ledger: {
      ...newLedger(),
      digests: [...all.digests],
      copies: [...all.copies],
      answers: [...(change.answers ?? [])],
      disturbances: [...(change.disturbances ?? [])],
      ends: [...(change.ends ?? [])],
    },
    tables: { held: all.held, digests: all.rows, releases: all.releases, runs: change.runs ?? [] },
    limits: { connections: 3, lease: 4_000, claimLease: 40_000, answerWithin: 8_000 },
    settledAt: AT + HOUR,
  }
}

function digest(id: string, change: Partial<DigestCopy>): DigestCopy {
  const messageId = `<amavis-digest.${id}@example.com>`
  return { at: AT, messageId, reader: ALICE, subjects: ['Offer 1'], pid: 1, heard: true, ...change }
}

function row(digestId: string, state: string, reader = ALICE) {
  return { digestId, reader, state }
}

function copy(change: Partial<ReleasedCopy> = {}): ReleasedCopy {
  return { at: AT, subject: 'Offer 1', recipient: ALICE, heard: true, ...change }
}

function release(state: string): ReleaseRow {
  const times = { requestedAt: AT, leaseUntil: AT + 40_000 }
  return { subject: 'Offer 1', recipient: ALICE, heldId: 'i1', state, ...times, code: null, reply: null }
}

function told(words: string, state: string, copies: readonly ReleasedCopy[]): Doctored {
  const answers = [{ at: AT, subject: 'Offer 1', reader: ALICE, again: false, told: words }]
  return { answers, releases: [release(state)], copies }
}

function killed(pid: number, at: number): Disturbance {
  return { what: 'process', from: at, to: at, how: 'kill', pid }
}

function wellDigests(): DigestCopy[] {
  return [digest('d1', {})]
}

const WELL = {
  held: [{ subject: 'Offer 1', recipient: ALICE }],
  rows: [row('d1', 'sent')],
  digests: wellDigests(),
  releases: [release('released')],
  copies: [copy()],
}
