import { expect, test } from 'vitest'
import { removeSettings, setSettings } from '../../../src/desks/admin/settings/change-settings.ts'
import { importItems } from '../../../src/desks/admin/settings/import-settings.ts'
import { notifyDestinationsChanged } from '../../../src/work/settings/destination-notices.ts'
import { ROOT } from '../../embedded/editors.ts'
import { prefer } from '../../embedded/preferences.ts'
import { embeddedProgram } from '../../embedded/program.ts'

const ALICE = 'alice@example.com'
const DEPUTY = 'deputy@example.net'

test('the reader and whoever gets copies are told of them, and told again when they end', async () => {
  const { deps, mailer } = await world()
  await setSettings(deps, ROOT, ALICE, { copyTo: [DEPUTY] })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, DEPUTY])
  const [mail] = mailer.attempts
  expect(mail?.subject).toBe('Who gets copies of digests has changed')
  expect(mail?.text).toContain(`${ALICE}. Before: nobody. Now: ${DEPUTY}.`)
  mailer.attempts.length = 0
  await removeSettings(deps, ROOT, ALICE)
  expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, DEPUTY])
})

test('where the digests of a reader go elsewhere, that mailbox is told, too', async () => {
  const { deps, mailer, state } = await world()
  await prefer(state, ALICE, { deliver_to: 'home@example.org', language: 'de' })
  await setSettings(deps, ROOT, ALICE, { copyTo: [DEPUTY] })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE, 'home@example.org', DEPUTY])
  expect(mailer.attempts[0]?.text).toContain('Bisher: niemand.')
})

test('for a domain its admins and whoever gets copies are told, each once', async () => {
  const { deps, mailer } = await world()
  await setSettings(deps, ROOT, '@example.com', { copyTo: ['help@example.com', 'post@example.com'] })
  expect(mailer.attempts.map(({ to }) => to)).toEqual([
    'root@example.org',
    'post@example.com',
    'help@example.com',
  ])
})

test('an import tells each of those concerned once, in one mail', async () => {
  const { deps, mailer } = await world()
  const items = ['alice', 'bob'].map(name => ({
    scope: `${name}@example.com`,
    change: { copyTo: [DEPUTY] },
    expected: undefined,
  }))
  const imported = await importItems(deps, ROOT, items, { skipBad: false, dryRun: false })
  expect(imported).toMatchObject({ set: 2, redirected: 0 })
  expect(mailer.attempts.map(({ to }) => to).sort()).toEqual([ALICE, 'bob@example.com', DEPUTY])
  const [deputys] = mailer.attempts.filter(({ to }) => to === DEPUTY)
  expect(deputys?.text).toContain(`bob@example.com. Before: nobody. Now: ${DEPUTY}.`)
})

test('a change of other settings tells nobody', async () => {
  const { deps, mailer } = await world()
  await setSettings(deps, ROOT, ALICE, { copyTo: [DEPUTY] })
  mailer.attempts.length = 0
  await setSettings(deps, ROOT, ALICE, { language: 'de', copyTo: [DEPUTY] })
  expect(mailer.attempts).toEqual([])
})

async function world() {
  const program = await embeddedProgram()
  const admins = [
    { address: 'root@example.org' },
    { address: 'post@example.com', domains: ['example.com'] },
    { address: 'other@example.net', domains: ['example.net'] },
  ]
  const deps: typeof program.deps = {
    ...program.deps,
    onDestinationChanged: (by, changes) =>
      notifyDestinationsChanged({ ...program.deps, admins }, by, changes),
  }
  return { ...program, deps }
}
