import type { Desk } from '../../../../../desks/admin/desk.ts'
import {
  explanationJson,
  noSettingsJson,
  settingsJson,
} from '../../../../../desks/admin/settings/settings-json.ts'
import { line } from '../../protocol/fields.ts'
import { listOperation } from '../../protocol/list-operation.ts'
import { type Input, operation, type Reply } from '../../protocol/operation.ts'
import { EXAMPLE } from '../parts/examples.ts'
import { explanation } from './explanation-answer.ts'
import { changedSettings, SCOPE_WORDS, settings } from './settings-answer.ts'
import { completeSettings, completeSettingsOf, settingsChange, settingsChangeOf } from './settings-body.ts'

const params = { scope: line(320).meta({ description: SCOPE_WORDS, example: EXAMPLE.reader }) }

const common = { tag: 'Recipients', isVersioned: true, params } as const

/** The operations on the settings of one scope. */
export const SETTINGS_OPERATIONS = [
  listOperation({
    path: '/recipients',
    operationId: 'listSettings',
    tag: common.tag,
    summary: 'Lists what is set for readers, domains and everybody',
    filters: {
      search: line(255)
        .optional()
        .meta({ description: 'A part of the address or domain.', example: 'example.com' }),
    },
    page: 'SettingsPage',
    item: settings,
    list: ({ desk }, { query, by }) => desk.settings.list(by.reach, query),
    json: settingsJson,
  }),
  operation({
    ...common,
    method: 'get',
    path: '/recipients/{scope}',
    operationId: 'getSettings',
    summary: 'Returns what applies to a scope, and where it comes from',
    scope: 'read',
    replies: { 200: { description: 'Returns what is set there, and what applies.', schema: explanation } },
    problems: ['SETTING_INVALID'],
    handle: async ({ desk }, { params, by }) => {
      const found = await desk.settings.explain(by.reach, params.scope)
      return { body: explanationJson(found), version: found.own?.version ?? 0 }
    },
  }),
  operation({
    ...common,
    method: 'put',
    path: '/recipients/{scope}',
    operationId: 'putSettings',
    summary: 'Replaces everything that is set for a scope',
    description: 'What is null or left out is inherited from the wider scope.',
    scope: 'write',
    body: completeSettings,
    replies: { 200: { description: 'Returns the changed settings.', schema: changedSettings } },
    problems: ['SETTING_INVALID'],
    handle: ({ desk, clock }, input) => set(desk, input, completeSettingsOf(input.body, clock())),
  }),
  operation({
    ...common,
    method: 'patch',
    path: '/recipients/{scope}',
    operationId: 'patchSettings',
    summary: 'Changes some settings of a scope',
    description: 'What is left out stays. Null inherits from the wider scope.',
    scope: 'write',
    body: settingsChange,
    replies: { 200: { description: 'Returns the changed settings.', schema: changedSettings } },
    problems: ['SETTING_INVALID'],
    handle: ({ desk }, input) => set(desk, input, settingsChangeOf(input.body)),
  }),
  operation({
    ...common,
    method: 'delete',
    path: '/recipients/{scope}',
    operationId: 'deleteSettings',
    summary: 'Removes everything that is set for a scope',
    description: 'The wider scopes apply again.',
    scope: 'write',
    replies: { 204: { description: 'Nothing is set there any more.' } },
    problems: ['SETTING_INVALID'],
    handle: async ({ desk }, { params, by, expected }) => {
      await desk.settings.remove(by, params.scope, expected)
      return {}
    },
  }),
]

async function set(
  desk: Desk,
  { params, by, expected }: Input<{ readonly scope: string }>,
  change: Parameters<Desk['settings']['set']>[2],
): Promise<Reply> {
  const { settings, warnings } = await desk.settings.set(by, params.scope, change, expected)
  const shown = settings.version === 0 ? noSettingsJson(settings.scope) : settingsJson(settings)
  return { body: { settings: shown, warnings }, version: settings.version }
}
