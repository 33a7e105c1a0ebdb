import type { ComingRun } from '../../../../desks/admin/schedules/coming-runs.ts'
import type { Stuck } from '../../../../desks/admin/stuck/stuck.ts'
import { DAY } from '../../../../ground/durations.ts'
import type { UnusedLinks } from '../../../../ground/sign-in/mailed-links.ts'
import type { CountSince } from '../../../../work/stuck/count.ts'
import { FAILURES_SHOWN_FOR } from '../../../../work/stuck/group.ts'
import type { Writer } from '../../web/writer.ts'

/** Whether all is well, something waits, or somebody has to act. */
export type Mood = 'good' | 'wait' | 'bad'

export interface AttentionFacts {
  readonly stuck: Stuck
  readonly unusedLinks: UnusedLinks
  readonly runs: readonly ComingRun[]
  /** The names of the parts that cannot be used. */
  readonly away: readonly string[]
}

interface Line {
  readonly mood: Mood
}

/** The mood of the whole page. */
export const moodOf = (lines: readonly Line[]): Mood =>
  (['bad', 'wait'] as const).find(mood => lines.some(line => line.mood === mood)) ?? 'good'

/** What somebody has to look at, the most urgent first, and how much mail waits. */
export function attentionModel({ stuck, unusedLinks, runs, away }: AttentionFacts, writer: Writer) {
  const { words, number, time, url } = writer
  const { waiting, digests, releases } = stuck
  // Failures are final, so only recent ones are counted here; the lists show all of them.
  const lately = words.say('admin.clicks.days', { count: FAILURES_SHOWN_FOR / DAY })
  const line = (name: string, { count, since }: CountSince, mood: Mood, path: string, span?: string) => ({
    label: `${words.say(`admin.overview.stuck.${name}`)}: ${number(count)}`,
    advice: words.say(`admin.overview.advice.${name}`),
    since: since === undefined ? undefined : time(since),
    mood,
    moodName: words.say(`admin.overview.${mood}`),
    url: url(path),
    isThere: count > 0,
    span,
  })
  const lines = [
    ...away.map(part => partAway(part, writer)),
    line('uncertain', releases.uncertain, 'bad', '/admin/releases?state=uncertain'),
    line('failedReleases', releases.failed, 'bad', '/admin/releases?state=failed', lately),
    line('failedDigests', digests.failed, 'bad', '/admin/digests?state=failed', lately),
    line('putOff', digests.putOff, 'wait', '/admin/digests?state=pending'),
    line('queued', releases.queued, 'wait', '/admin/releases?state=queued'),
    ...(runs.length === 0 ? [noRunLine(waiting, writer)] : []),
    ...unusedLinksLine(unusedLinks, writer),
  ].filter(({ isThere }) => isThere)
  return {
    lines,
    waiting: words.say('admin.overview.waiting', { count: waiting.count }),
    waitingSince: waiting.since === undefined ? undefined : time(waiting.since),
  }
}

const partAway = (part: string, { words }: Writer) => ({
  label: words.say('admin.overview.stuck.away', { part }),
  advice: words.say('admin.overview.advice.away'),
  since: undefined,
  mood: 'bad' as const,
  moodName: words.say('admin.overview.bad'),
  url: '#health',
  isThere: true,
  span: undefined,
})

/** Mail waits for a digest that no schedule will make. */
const noRunLine = ({ count, since }: CountSince, { words, time, url }: Writer) => ({
  label: words.say('admin.overview.next.none'),
  advice: words.say('admin.overview.waiting', { count }),
  since: since === undefined ? undefined : time(since),
  mood: 'wait' as const,
  moodName: words.say('admin.overview.wait'),
  url: url('/admin/schedules'),
  isThere: count > 0,
  span: undefined,
})

/** An admin asks for a link or two that are not used. More were asked for by somebody else. */
function unusedLinksLine({ count, last, networks }: UnusedLinks, { words, time, url }: Writer) {
  if (last === undefined || count < STRANGERS_FROM) return []
  return [
    {
      label: words.say('admin.overview.unusedLinks', {
        count,
        networks,
        when: time(last.at),
        network: last.network ?? '?',
      }),
      advice: words.say('admin.overview.unusedLinksAdvice'),
      since: undefined,
      mood: 'wait' as const,
      moodName: words.say('admin.signIn.title'),
      url: url('/admin/changes'),
      isThere: true,
      span: undefined,
    },
  ]
}

const STRANGERS_FROM = 3
