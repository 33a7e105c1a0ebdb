import { z } from 'zod'
import { component, exampleOf } from '../../protocol/components.ts'
import { choice, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { lockName, SCOPE_WORDS, settings } from './settings-answer.ts'

const SOURCES = {
  reader: 'It is set for the reader.',
  domain: 'It is set for the domain.',
  everybody: 'It is set for everybody.',
  directory: 'Nobody set it, and the directory knows it of the reader.',
  default: 'Nobody set it, so the default applies.',
}

const sourced = <Value extends z.ZodType>(value: Value, description: string) =>
  z
    .object({
      value: value.describe('The value that applies.'),
      from: choice('Where the value comes from.', SOURCES),
      scope: z.string().nullable().describe('The scope that has the value set. Null when nobody set it.'),
    })
    .describe(description)

const heldSchedule = z.object({
  name: z.string().describe('The name of the schedule.'),
  on: z.boolean().describe('False when the schedule makes no digests.'),
  next: timeOrNull.describe('When the schedule is due next. Null when it is off or never due.'),
})

/** What applies, and where it comes from. */
export const explanation = component(
  'Explanation',
  z
    .object({
      scope: z.string().describe(SCOPE_WORDS),
      own: settings.nullable().describe('What is set for this scope itself. Null when nothing is.'),
      schedules: sourced(
        z.array(z.string()).nullable(),
        'The names of the schedules. The value is null for the default schedule.',
      ),
      language: sourced(z.string(), 'The language of digests, as a BCP 47 tag.'),
      timezone: sourced(z.string(), 'The time zone, as an IANA name.'),
      deliverTo: sourced(
        z.string().nullable(),
        "The address that gets the digests. The value is null for the reader's own mailbox.",
      ),
      pausedUntil: sourced(
        z.string().nullable(),
        'When a pause ends, or `forever`. `never` lifts a pause of the wider scope. Null for no pause.',
      ),
      on: sourced(z.boolean(), 'Whether there are digests.'),
      locked: sourced(z.array(lockName), 'What readers cannot change themselves.'),
      phrase: sourced(
        z.string().nullable(),
        'Words by which a reader knows that a digest is genuine. Null for none.',
      ),
      copyTo: sourced(z.array(z.string()), 'The addresses that get a copy of each digest.'),
      leaveOutBlocked: sourced(
        z.boolean(),
        'Whether mail of senders on a block list is left out of digests.',
      ),
      paused: z.boolean().describe('True while digests pause.'),
      held: z.array(heldSchedule).describe('The schedules that apply in the end.'),
      missing: z.array(z.string()).describe('The names of schedules that are set but do not exist.'),
      warnings: z.array(z.string()).describe('What may not have been intended.'),
      next: timeOrNull.describe('When the next digest can come. Null when none can with these settings.'),
    })
    .describe('The settings that apply to a scope, and where each comes from.'),
  {
    scope: EXAMPLE.reader,
    own: exampleOf(settings),
    schedules: { value: ['weekdays'], from: 'reader', scope: EXAMPLE.reader },
    language: { value: 'fr', from: 'reader', scope: EXAMPLE.reader },
    timezone: { value: 'Europe/Paris', from: 'domain', scope: '@example.com' },
    deliverTo: { value: null, from: 'default', scope: null },
    pausedUntil: { value: null, from: 'default', scope: null },
    on: { value: true, from: 'default', scope: null },
    locked: { value: ['deliverTo'], from: 'reader', scope: EXAMPLE.reader },
    phrase: { value: null, from: 'default', scope: null },
    leaveOutBlocked: { value: false, from: 'default', scope: null },
    copyTo: { value: ['helpdesk@example.com'], from: 'domain', scope: '@example.com' },
    paused: false,
    held: [{ name: 'weekdays', on: true, next: '2026-03-11T14:00:00.000Z' }],
    missing: [],
    warnings: [],
    next: '2026-03-11T14:00:00.000Z',
  },
)
