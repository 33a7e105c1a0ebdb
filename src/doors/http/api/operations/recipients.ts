import { z } from 'zod'
import type { Desk } from '../../../../desks/admin/desk.ts'
import {
  explanationJson,
  noSettingsJson,
  settingsJson,
} from '../../../../desks/admin/settings/settings-json.ts'
import { component } from '../protocol/components.ts'
import { cursorOf, placeOf } from '../protocol/cursor.ts'
import { line, pageOf, paging } from '../protocol/fields.ts'
import { type Input, operation, type Reply } from '../protocol/operation.ts'
import { explanation, settings } from './settings-answer.ts'
import { settingsChange, settingsChangeOf, wholeSettings, wholeSettingsOf } from './settings-body.ts'

const settingsPage = component('SettingsPage', pageOf(settings))

const changedSettings = component(
  'ChangedSettings',
  z.object({ settings, warnings: z.array(z.string()).describe('About what was done all the same.') }),
)

const params = {
  scope: line(320).describe('A reader (alice@example.com), a domain (@example.com) or everybody (@).'),
}

const common = { tag: 'Recipients', isVersioned: true, params } as const

export const RECIPIENT_OPERATIONS = [
  operation({
    method: 'get',
    path: '/recipients',
    operationId: 'listSettings',
    tag: common.tag,
    summary: 'All that is set, for everybody, domains and readers',
    scope: 'read',
    query: { search: line(255).optional().describe('A part of the address or domain.'), ...paging },
    replies: { 200: { description: 'A part of the list.', schema: settingsPage } },
    handle: async ({ desk }, { query, by }) => {
      const { search, limit, cursor } = query
      const found = await desk.settings.list(by.reach, { search, limit, after: placeOf(cursor) })
      return { body: { items: found.rows.map(settingsJson), next: cursorOf(found.next) } }
    },
  }),
  operation({
    ...common,
    method: 'get',
    path: '/recipients/{scope}',
    operationId: 'getSettings',
    summary: 'What holds for a reader, a domain or everybody, and where it comes from',
    scope: 'read',
    replies: { 200: { description: 'What is set there, and what holds.', schema: explanation } },
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
    summary: 'Say all anew that is set for a reader, a domain or everybody',
    description: 'What is left out or null is as the wider scope says.',
    scope: 'write',
    body: wholeSettings,
    replies: { 200: { description: 'It was changed.', schema: changedSettings } },
    problems: ['SETTING_INVALID'],
    handle: ({ desk, clock }, input) => set(desk, input, wholeSettingsOf(input.body, clock())),
  }),
  operation({
    ...common,
    method: 'patch',
    path: '/recipients/{scope}',
    operationId: 'patchSettings',
    summary: 'Change what is set for a reader, a domain or everybody',
    description: 'What is left out stays; null is as the wider scope says.',
    scope: 'write',
    body: settingsChange,
    replies: { 200: { description: 'It was changed.', schema: changedSettings } },
    problems: ['SETTING_INVALID'],
    handle: ({ desk }, input) => set(desk, input, settingsChangeOf(input.body)),
  }),
  operation({
    ...common,
    method: 'delete',
    path: '/recipients/{scope}',
    operationId: 'deleteSettings',
    summary: 'Let the wider settings hold again',
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
