import type { RunLine, Status } from '../../../desks/admin/stuck/status.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { DigestLine } from '../../../work/stuck/digest-lines.ts'
import type { Group } from '../../../work/stuck/group.ts'
import type { ReleaseLine } from '../../../work/stuck/release-lines.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

/** The status as text for people: how many of each, then the lists that are not empty, then the runs. */
export function statusText(status: Status): string {
  const { digests, releases } = status
  const parts = [
    `amavis-digest at ${localTime(status.at)}`,
    counts(status),
    list('Digests being sent', digests.sending, SENDING),
    list('Digests due', digests.due, PUT_OFF),
    list('Digests due later', digests.spread, SPREAD),
    list('Digests put off', digests.putOff, PUT_OFF),
    list('Digests that failed in the last 7 days', digests.failed, FAILED_DIGEST),
    list('Releases in progress', releases.asking, ASKING),
    list('Releases queued', releases.queued, QUEUED),
    list(
      'Releases that may have delivered a copy: check the mailbox, then --retry',
      releases.uncertain,
      ENDED,
    ),
    list('Releases that failed in the last 7 days', releases.failed, ENDED),
    runs(status),
  ]
  return parts.filter(part => part !== '').join('\n\n')
}

function counts({ messagesWaiting, messagesUnlisted, digests, releases }: Status): string {
  const lines = [
    [messagesWaiting, "messages wait for their reader's next digest"],
    ...(messagesUnlisted > 0 ? [[messagesUnlisted, NOT_LISTED] as const] : []),
    [digests.sending.count, 'digests being sent'],
    [digests.due.count, 'digests due'],
    [digests.spread.count, 'digests due later'],
    [digests.putOff.count, 'digests put off'],
    [digests.failed.count, 'digests failed in the last 7 days'],
    [releases.asking.count, 'releases in progress'],
    [releases.queued.count, 'releases queued'],
    [releases.uncertain.count, 'releases uncertain'],
    [releases.failed.count, 'releases failed in the last 7 days'],
  ] as const
  const width = Math.max(...lines.map(([count]) => String(count).length))
  return lines.map(([count, words]) => `  ${String(count).padStart(width)}  ${words}`).join('\n')
}

const NOT_LISTED = 'messages that no digest lists: no mail can reach their recipient'

interface Column<Line> {
  readonly title: string
  readonly cell: (line: Line) => string
}

function list<Line>(title: string, group: Group<Line>, columns: readonly Column<Line>[]): string {
  if (group.count === 0) return ''
  const rows = group.lines.map(line => columns.map(column => column.cell(line)))
  const shown = table(
    columns.map(column => column.title),
    rows,
  )
  const more = group.count - group.lines.length
  return `${title}\n${shown}${more > 0 ? `\n  … and ${more} more: --all` : ''}`
}

const digestColumns: readonly Column<DigestLine>[] = [
  { title: 'ID', cell: line => line.id },
  { title: 'READER', cell: line => shown(readerWords(line)) },
  { title: 'MADE', cell: line => localTime(line.createdAt) },
]
const readerWords = ({ reader, deliverTo, copyOf }: DigestLine): string =>
  copyOf === null ? reader : `${reader} (copy for ${deliverTo})`

const digestAttempts = { title: 'ATTEMPTS', cell: (line: DigestLine) => String(line.attempts) }
const digestReply = { title: "THE SERVER'S LAST REPLY", cell: (line: DigestLine) => shown(line.reply) }

const SENDING: readonly Column<DigestLine>[] = [
  ...digestColumns,
  digestAttempts,
  { title: 'LEASED UNTIL', cell: line => timeOrNothing(line.leaseUntil) },
  { title: 'BY', cell: line => shown(line.owner) },
]
const SPREAD: readonly Column<DigestLine>[] = [
  ...digestColumns,
  { title: 'NEXT', cell: line => localTime(line.nextAttemptAt) },
]
const PUT_OFF: readonly Column<DigestLine>[] = [
  ...digestColumns,
  digestAttempts,
  { title: 'NEXT', cell: line => localTime(line.nextAttemptAt) },
  digestReply,
]
const FAILED_DIGEST: readonly Column<DigestLine>[] = [
  ...digestColumns,
  digestAttempts,
  { title: 'FAILED', cell: line => timeOrNothing(line.finishedAt) },
  digestReply,
]

const releaseColumns: readonly Column<ReleaseLine>[] = [
  { title: 'ID', cell: line => line.itemId },
  { title: 'MAIL ID', cell: line => shown(line.mailId) },
  { title: 'RECIPIENT', cell: line => shown(line.recipient) },
  { title: 'ASKED FOR', cell: line => localTime(line.requestedAt) },
  { title: 'ATTEMPTS', cell: line => String(line.attempts) },
]
const releaseReply = { title: "AMAVISD'S LAST REPLY", cell: (line: ReleaseLine) => shown(line.reply) }

const ASKING: readonly Column<ReleaseLine>[] = [
  ...releaseColumns,
  { title: 'LEASED UNTIL', cell: line => localTime(line.leaseUntil) },
]
const QUEUED: readonly Column<ReleaseLine>[] = [
  ...releaseColumns,
  { title: 'NEXT', cell: line => timeOrNothing(line.nextAttemptAt) },
  releaseReply,
]
const ENDED: readonly Column<ReleaseLine>[] = [
  ...releaseColumns,
  { title: 'ENDED', cell: line => timeOrNothing(line.finishedAt) },
  { title: 'CODE', cell: line => line.code ?? '-' },
  releaseReply,
]

function runs({ schedules, lastRunByHand }: Status): string {
  const rows = schedules.map(({ name, enabled, lastRun, nextRun }) => [
    name,
    ...runCells(lastRun),
    enabled ? (nextRun === undefined ? 'cannot be read' : localTime(Date.parse(nextRun))) : 'off',
  ])
  if (lastRunByHand) rows.push(['by hand', ...runCells(lastRunByHand), '-'])
  return `Runs\n${table(['SCHEDULE', 'LAST DUE', 'FINISHED', 'NEXT'], rows)}`
}

function runCells(run: RunLine | undefined): [string, string] {
  if (!run) return ['never', '-']
  const unfinished = run.owner === null ? 'not finished' : `being made by ${shown(run.owner)}`
  return [localTime(run.dueAt), run.finishedAt === null ? unfinished : localTime(run.finishedAt)]
}

const timeOrNothing = (time: number | null): string => (time === null ? '-' : localTime(time))

/** Text from strangers must not affect the terminal. */
const shown = (text: string | null): string => (text === null || text === '' ? '-' : displayText(text, 200))
