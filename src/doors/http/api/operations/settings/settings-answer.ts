import { z } from 'zod'
import type { LockName } from '../../../../../desks/admin/settings/settings-json.ts'
import { component, exampleOf } from '../../protocol/components.ts'
import { choice, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from '../parts/examples.ts'

const LOCKS: Readonly<Record<LockName, string>> = {
  schedules: 'Which schedules.',
  language: 'The language.',
  timezone: 'The time zone.',
  deliverTo: 'Where the digests go.',
  pause: 'When digests pause.',
}

export const lockName = choice('A setting that readers cannot change themselves.', LOCKS)

/** What a scope is, for descriptions. */
export const SCOPE_WORDS = 'A reader (`alice@example.com`), a domain (`@example.com`) or everybody (`@`).'

/** What is set for one scope. */
export const settings = component(
  'Settings',
  z
    .object({
      scope: z.string().describe(SCOPE_WORDS),
      schedules: z.array(z.string()).nullable().describe('The names of the schedules.'),
      language: z.string().nullable().describe('The language of digests, as a BCP 47 tag.'),
      timezone: z.string().nullable().describe('The time zone, as an IANA name.'),
      deliverTo: z.string().nullable().describe('Another address that gets the digests.'),
      pausedUntil: z
        .string()
        .nullable()
        .describe('When a pause ends, or `forever`. `never` lifts a pause of the wider scope.'),
      on: z.boolean().nullable().describe('False when there are no digests.'),
      locked: z.array(lockName).nullable().describe('What readers cannot change themselves.'),
      phrase: z
        .string()
        .nullable()
        .describe('Words by which a reader knows that a digest is genuine. It shows them.'),
      copyTo: z
        .array(z.string())
        .nullable()
        .describe('The addresses that get a copy of each digest. An empty list: nobody.'),
      leaveOutBlocked: z
        .boolean()
        .nullable()
        .describe('True leaves mail of senders on a block list out of digests.'),
      version: z.int().min(0).describe('The version. Zero when nothing is set.'),
      updatedAt: timeOrNull.describe('When the settings last changed. Null when nothing is set.'),
    })
    .describe('What is set for a scope itself. A setting that is null is inherited from the wider scope.'),
  {
    scope: EXAMPLE.reader,
    schedules: ['weekdays'],
    language: 'fr',
    timezone: null,
    deliverTo: null,
    pausedUntil: null,
    on: null,
    locked: ['deliverTo'],
    phrase: null,
    copyTo: null,
    leaveOutBlocked: null,
    version: 3,
    updatedAt: '2026-03-02T09:20:41.000Z',
  },
)

export const changedSettings = component(
  'ChangedSettings',
  z
    .object({
      settings: settings.describe('The settings as they are now.'),
      warnings: z.array(z.string()).describe('What may not have been intended. The change was made anyway.'),
    })
    .describe('Settings after a change.'),
  { settings: exampleOf(settings), warnings: [] },
)
