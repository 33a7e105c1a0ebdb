import type { LastRun } from '../../../../desks/admin/figures/last-run.ts'
import type { DayFigures } from '../../../../desks/admin/figures/overview.ts'
import type { ReleasedSender } from '../../../../desks/admin/figures/released-senders.ts'
import type { ComingRun } from '../../../../desks/admin/schedules/coming-runs.ts'
import type { Stuck } from '../../../../desks/admin/stuck/stuck.ts'
import { nameOfPart, type PartState } from '../../../../ground/health/part-state.ts'
import type { UnusedLinks } from '../../../../ground/sign-in/mailed-links.ts'
import type { Writer } from '../../web/writer.ts'
import { nearTime } from '../frame/near-time.ts'
import { attentionModel, type Mood, moodOf } from './attention-model.ts'
import { chartsModel, listOf, MEASURES, sumOf } from './charts-model.ts'
import { lastRunModel } from './last-run-model.ts'
import { sharesModel } from './shares-model.ts'

export interface OverviewFacts {
  readonly days: readonly DayFigures[]
  readonly lastRun: LastRun | undefined
  readonly senders: readonly ReleasedSender[]
  readonly stuck: Stuck
  readonly runs: readonly ComingRun[]
  readonly health: readonly PartState[]
  /** The sign-in links that were mailed to this admin within a day and that nobody has used. */
  readonly unusedLinks: UnusedLinks
  /** Whether this admin may see what is wrong with the set-up. */
  readonly mayExamine: boolean
}

/** Fills the overview. */
export function overviewModel(facts: OverviewFacts, writer: Writer): object {
  const { days, lastRun, senders, runs, health } = facts
  const parts = namedParts(health, writer)
  const away = parts.filter(({ code }) => code !== undefined).map(({ part }) => part)
  const attention = attentionModel({ ...facts, away }, writer)
  return {
    verdict: verdictModel(moodOf(attention.lines), facts, writer),
    attention,
    today: todayModel(days, writer),
    ...chartsModel(days, writer),
    lastRun: lastRun && lastRunModel(lastRun, writer),
    runs: runs.map(run => runRow(run, writer)),
    areCounted: runs.some(({ carries }) => carries),
    ...sharesModel(days, senders, writer),
    health: parts,
    doctorUrl: facts.mayExamine ? writer.url('/admin/doctor') : undefined,
  }
}

/** The first line of the page: whether somebody has to do something, and that digests go out. */
function verdictModel(mood: Mood, { lastRun, runs: [next] }: OverviewFacts, writer: Writer): object {
  const { words } = writer
  const key = (name: string) => `admin.overview.verdict.${name}`
  return {
    mood,
    title: words.say(key(mood)),
    last: lastRun
      ? words.say(key('last'), {
          when: nearTime(lastRun.at, writer),
          sent: lastRun.digests.sent,
          refused: lastRun.digests.failed,
        })
      : words.say(key('noLast')),
    waiting: lastRun?.digests.pending
      ? words.say(key('waiting'), { count: lastRun.digests.pending })
      : undefined,
    next: next ? words.say(key('next'), { when: nearTime(next.at, writer) }) : words.say(key('noNext')),
  }
}

function todayModel(days: readonly DayFigures[], writer: Writer): object[] {
  const today = days.at(-1)
  return MEASURES.map(measure => ({
    label: writer.words.say(`admin.overview.today.${measure}`),
    value: writer.number(sumOf(today?.[measure])),
    url: writer.url(listOf(measure, { day: today?.day })),
  }))
}

const runRow = ({ schedule, at, carries }: ComingRun, writer: Writer): object => ({
  schedule,
  at: nearTime(at, writer),
  machine: new Date(at).toISOString(),
  readers: carries && writer.number(carries.readers),
  messages: carries && writer.number(carries.messages),
})

/** Work is shown only while it fails. */
const namedParts = (states: readonly PartState[], writer: Writer) =>
  states
    .filter(({ part, code }) => PARTS.includes(part) || code !== undefined)
    .map(({ part, host, code }) => ({ part: nameOfPart({ part: partName(part, writer), host }), code }))

const PARTS = ['storage', 'state', 'queue', 'smtp', 'amavisd', 'directory', 'keys']

/** A part without a name in the locales is named as in /readyz. */
const partName = (part: string, { words }: Writer): string =>
  PARTS.includes(part) ? words.say(`admin.part.${part}`) : part
