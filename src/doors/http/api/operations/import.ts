import { z } from 'zod'
import type { Imported } from '../../../../desks/admin/settings/import-settings.ts'
import type { Column } from '../../../../desks/admin/settings/settings-csv.ts'
import { component } from '../protocol/components.ts'
import { ITEM_FIELDS, importFaults } from '../protocol/faults-in.ts'
import { line } from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'
import { besides, settingFields, wholeSettingsOf } from './settings-body.ts'

const item = z.strictObject({
  scope: line(320),
  ...z.strictObject(settingFields).partial().shape,
  ...besides,
})

const importRequest = component(
  'ImportRequest',
  z.strictObject({
    items: z.array(item).min(1).max(20_000),
    skipBad: z.boolean().default(false).describe('Apply the good ones although there are bad ones.'),
    dryRun: z.boolean().default(false).describe('Apply nothing.'),
  }),
)

const imported = component(
  'Imported',
  z.object({
    items: z.int(),
    set: z.int(),
    removed: z.int().describe('In which nothing was set any more.'),
    unchanged: z.int(),
    cleared: z
      .partialRecord(z.enum(Object.values(ITEM_FIELDS)), z.int())
      .describe('How many values of each setting this takes away.'),
    redirected: z.int().describe('Readers whose digests go elsewhere than before.'),
    skipped: z.int(),
    faults: z.array(z.object({ pointer: z.string(), detail: z.string() })).describe('Of what was skipped.'),
    warnings: z.array(z.string()).describe('What may not have been meant, and who could not be told.'),
  }),
)

export const IMPORT_OPERATIONS = [
  operation({
    method: 'post',
    path: '/recipients/import',
    operationId: 'importSettings',
    tag: 'Recipients',
    summary: 'Say all anew that is set, for many at once',
    description:
      'Of each scope, what is left out or null is as the wider scope says. All of it or nothing, unless bad ones are to be skipped.',
    scope: 'write',
    body: importRequest,
    longestBody: 8 * 1024 * 1024,
    replies: { 200: { description: 'What has changed.', schema: imported } },
    problems: ['CSV_INVALID'],
    handle: async ({ desk, clock }, { body, by }) => {
      const { items, skipBad, dryRun } = body
      const now = clock()
      const rows = items.map(({ scope, version, ...written }) => ({
        scope,
        change: wholeSettingsOf(written, now),
        expected: version,
      }))
      const { lines, faults, cleared, ...done } = await desk.settings.importItems(by, rows, {
        skipBad,
        dryRun,
      })
      return { body: { ...done, items: lines, cleared: named(cleared), faults: importFaults(faults) } }
    },
  }),
]

const named = (cleared: Imported['cleared']): object =>
  Object.fromEntries(Object.entries(cleared).map(([column, count]) => [ITEM_FIELDS[column as Column], count]))
