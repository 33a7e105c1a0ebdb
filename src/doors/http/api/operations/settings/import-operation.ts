import { z } from 'zod'
import type { Imported } from '../../../../../desks/admin/settings/import-settings.ts'
import type { Column } from '../../../../../desks/admin/settings/settings-csv.ts'
import { component } from '../../protocol/components.ts'
import { ITEM_FIELDS, importFaults } from '../../protocol/faults-in.ts'
import { count, counts, line } from '../../protocol/fields.ts'
import { operation } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { SCOPE_WORDS } from './settings-answer.ts'
import { completeSettingsOf, settingFields } from './settings-body.ts'

const item = z
  .strictObject({ scope: line(320).describe(SCOPE_WORDS), ...settingFields })
  .describe('Everything that is to be set for a scope.')

const importRequest = component(
  'ImportRequest',
  z
    .strictObject({
      items: z.array(item).min(1).max(20_000).describe('The settings, one item for each scope.'),
      skipBad: z
        .boolean()
        .default(false)
        .describe('True: apply the good items even if others cannot be used.'),
      dryRun: z.boolean().default(false).describe('True: check everything and change nothing.'),
    })
    .describe('The settings of many scopes.'),
  {
    items: [
      { scope: '@example.com', schedules: ['weekdays'], timezone: 'Europe/Paris' },
      { scope: EXAMPLE.reader, language: 'fr' },
    ],
    dryRun: true,
  },
)

const cleared = counts({
  schedules: 'Lists of schedules.',
  language: 'Languages.',
  timezone: 'Time zones.',
  deliverTo: 'Other addresses.',
  pausedUntil: 'Pauses.',
  on: 'Values of `on`.',
  locked: 'Lists of locks.',
  phrase: 'Phrases.',
  copyTo: 'Lists of addresses that get copies.',
  leaveOutBlocked: 'Decisions on mail of blocked senders.',
}).partial()

const fault = z.object({
  pointer: z.string().describe('The place in the body, as a JSON Pointer in the form of a URI fragment.'),
  detail: z.string().describe('What is wrong there.'),
})

const imported = component(
  'Imported',
  z
    .object({
      items: count.describe('How many items there were, good or bad.'),
      set: count.describe('For how many scopes something was set or changed.'),
      removed: count.describe('For how many scopes nothing is set now.'),
      unchanged: count.describe('How many scopes stayed as they were.'),
      cleared: cleared.describe(
        'How many values of each setting were removed. A setting without any is left out.',
      ),
      redirected: count.describe('How many readers get their digests at another address than before.'),
      skipped: count.describe('How many items were skipped because they cannot be used.'),
      faults: z.array(fault).describe('What is wrong with the items that were skipped, at most 1000.'),
      warnings: z
        .array(z.string())
        .describe('What may not have been intended, and which readers could not be notified.'),
    })
    .describe('What an import changed, or would change.'),
  {
    items: 2,
    set: 2,
    removed: 0,
    unchanged: 0,
    cleared: { timezone: 1 },
    redirected: 0,
    skipped: 0,
    faults: [],
    warnings: [],
  },
)

/** The operation on the settings of many scopes at once. */
export const IMPORT_OPERATIONS = [
  operation({
    method: 'post',
    path: '/recipients/import',
    operationId: 'importSettings',
    tag: 'Recipients',
    summary: 'Replaces the settings of many scopes',
    description: [
      'What an item leaves out or has as null is inherited from the wider scope.',
      'If one item cannot be used, nothing is changed, unless `skipBad` is true.',
    ].join(' '),
    scope: 'write',
    body: importRequest,
    longestBody: 8 * 1024 * 1024,
    replies: { 200: { description: 'Returns what was changed.', schema: imported } },
    problems: ['CSV_INVALID'],
    handle: async ({ desk, clock }, { body, by }) => {
      const { items, ...options } = body
      const now = clock()
      const rows = items.map(({ scope, version, ...settings }) => ({
        scope,
        change: completeSettingsOf(settings, now),
        expected: version,
      }))
      const { lines, faults, cleared, ...done } = await desk.settings.importItems(by, rows, options)
      return { body: { ...done, items: lines, cleared: byItemField(cleared), faults: importFaults(faults) } }
    },
  }),
]

const byItemField = (cleared: Imported['cleared']): object =>
  Object.fromEntries(Object.entries(cleared).map(([column, count]) => [ITEM_FIELDS[column as Column], count]))
