import { expect, test } from 'vitest'
import { releaseByAdmin } from '../../../../src/desks/admin/releases/release-by-admin.ts'
import { dropByHand, retryByHand } from '../../../../src/desks/admin/stuck/by-hand.ts'
import { chunks } from '../../../../src/ground/database/chunks.ts'
import { releaseNews } from '../../../../src/work/digest/show/release-news.ts'
import { NOW } from '../../../embedded/clock.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { releaseItem } from '../../../embedded/release-item.ts'
import { insert, itemRow, releaseRow } from '../../../embedded/rows.ts'
import { DEFERRED, REFUSED } from '../../../embedded/scripted-transport.ts'

const ALICE = 'alice@example.com'

test('readers see the outcome of what they asked for, not of what an admin asked for', async () => {
  const program = await embeddedProgram()
  const { deps, state, time, transport } = program
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: time.now })
  const news = async () => (await releaseNews(state, [ALICE], 0)).map(({ what }) => what)
  const askers = async () => (await program.rows('digest_release')).map(row => row.asked_by)
  transport.answer = () => REFUSED

  await releaseByAdmin(deps, { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false })
  expect(await askers()).toEqual(['root'])
  expect(await news()).toEqual([])

  const [item] = await program.rows('digest_item')
  const itemId = item?.item_id ?? ''
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  await releaseItem(deps, { itemId, actor, requestedBy: ALICE, confirmed: false, again: false })
  expect(await askers()).toEqual([ALICE])
  expect(await news()).toEqual(['refused'])

  const sendNow = async () => ({ digests: 0, sent: 0 })
  await retryByHand({ ...deps, sendNow }, { what: [itemId], by: ROOT })
  expect(await askers()).toEqual([ALICE])
  expect(await news()).toEqual(['refused'])
  expect(transport.requests.map(({ requestedBy }) => requestedBy)).toEqual([ALICE, ALICE, ALICE])
})

test('a reader who asks for a release that an admin has queued sees its outcome', async () => {
  const program = await embeddedProgram()
  const { deps, state, time, transport } = program
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: time.now })
  transport.answer = () => DEFERRED
  await releaseByAdmin(deps, { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false })
  const [item] = await program.rows('digest_item')
  const itemId = item?.item_id ?? ''
  const actor = { kind: 'reader', name: ALICE, remoteAddress: null } as const
  const clicked = { itemId, actor, requestedBy: ALICE, confirmed: false, again: false }
  expect(await releaseItem(deps, clicked)).toMatchObject({ status: 'queued' })
  const sendNow = async () => ({ digests: 0, sent: 0 })
  await dropByHand({ ...deps, sendNow }, { what: [itemId], by: ROOT })
  expect(await releaseNews(state, [ALICE], 0)).toMatchObject([{ what: 'stopped' }])
})

test('a release from before it was recorded who asked counts as the reader’s', async () => {
  const program = await embeddedProgram()
  const { deps, state, time, transport } = program
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: time.now })
  transport.answer = () => REFUSED
  await releaseByAdmin(deps, { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false })
  await state.sql.updateTable('digest_release').set({ asked_by: null }).execute()
  expect(await releaseNews(state, [ALICE], 0)).toHaveLength(1)
})

test('of more releases than one statement returns, the latest are returned, whosever they are', async () => {
  const program = await embeddedProgram()
  const old = Array.from({ length: 1000 }, (_, index) => ({
    id: `old-${index}`,
    reader: ALICE,
    at: NOW + index,
  }))
  for (const chunk of chunks([...old, { id: 'new', reader: 'bob@example.com', at: NOW + 5000 }])) {
    const items = chunk.map(({ id, reader }) => itemRow(id, reader, NOW))
    await insert(program, 'digest_item', items)
    const releases = chunk.map(({ id, reader, at }) =>
      releaseRow(id, NOW, { state: 'failed', requested_by: reader, finished_at: at }),
    )
    await insert(program, 'digest_release', releases)
  }
  const news = await releaseNews(program.state, [ALICE, 'bob@example.com'], NOW - 1)
  const told = news.map(({ item }) => item.itemId)
  expect(told).toHaveLength(1000)
  expect(told).toContain('new')
  expect(told).not.toContain('old-0')
})
