import type { KyselyPlugin } from 'kysely'
import { expect, test } from 'vitest'
import { removeSchedule } from '../../../src/desks/admin/schedules/change-schedules.ts'
import { setSettings } from '../../../src/desks/admin/settings/change-settings.ts'
import { importSettings } from '../../../src/desks/admin/settings/import-settings.ts'
import { setOwnSettings } from '../../../src/desks/reader/settings/own-settings.ts'
import { ROOT } from '../../embedded/editors.ts'
import { withTransactions } from '../../embedded/other-transactions.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../embedded/schedules.ts'

type Deps = EmbeddedProgram['deps']

test.each<[string, (deps: Deps) => Promise<unknown>]>([
  ['an admin', deps => setSettings(deps, ROOT, '@example.com', { schedules: ['weekly'] })],
  ['a reader', deps => setOwnSettings(deps, 'alice@example.com', { schedules: ['weekly'] }, null)],
  ['a file', deps => importSettings(deps, ROOT, csv(), { skipBad: false, dryRun: false })],
])('a schedule that is removed while %s names it stays in no setting', async (_who, name) => {
  const { state, deps, rows } = await embeddedProgram()
  await setSchedules(
    state,
    scheduleOf('daily', { isDefault: true }),
    scheduleOf('weekly', { isOffered: true }),
  )
  const remove = () => removeSchedule(deps, ROOT, 'weekly', { evenIfUsed: true })
  await expect(name({ ...deps, state: beforeTransactions(state, remove) })).rejects.toMatchObject({
    code: 'EDIT_CONFLICT',
    message: expect.stringContaining('weekly was removed meanwhile'),
  })
  expect(await rows('digest_preference')).toEqual([])
})

test.each<[string, (deps: Deps) => Promise<unknown>]>([
  ['of a file', deps => importSettings(deps, ROOT, csv(), { skipBad: false, dryRun: false })],
  ['of a domain', deps => setSettings(deps, ROOT, '@example.com', { schedules: ['weekly'] })],
])('other changes of schedules do not wait while the settings %s are written', async (_, write) => {
  const { state, deps } = await embeddedProgram()
  await setSchedules(state, scheduleOf('daily', { isDefault: true }), scheduleOf('weekly'))
  const written: (string | undefined)[] = []
  const transformQuery: KyselyPlugin['transformQuery'] = ({ node }) => {
    if (node.kind === 'InsertQueryNode') written.push(node.into?.table.identifier.name)
    return node
  }
  const sql = state.sql.withPlugin({ transformQuery, transformResult: async ({ result }) => result })
  await write({ ...deps, state: { ...state, sql } })
  expect(written).toContain('digest_preference')
  expect(written.at(-1)).toBe('digest_watermark')
})

/** Does some work between the reading and the writing. */
function beforeTransactions(state: Deps['state'], work: () => Promise<unknown>): Deps['state'] {
  const begun = state.sql.transaction().setIsolationLevel('read committed')
  const execute: typeof begun.execute = async written => {
    await work()
    return begun.execute(written)
  }
  return withTransactions(state, execute)
}

async function* csv() {
  yield Buffer.from('scope,schedules\n@example.com,weekly\n')
}
