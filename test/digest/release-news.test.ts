import { expect, test } from 'vitest'
import { releaseNews } from '../../src/digest/release-news.ts'
import { releaseByAdmin } from '../../src/release/release-by-admin.ts'
import { releaseMessage } from '../../src/release/release-message.ts'
import { retryByHand } from '../../src/status/by-hand.ts'
import { ROOT } from '../embedded/editors.ts'
import { hold } from '../embedded/held-mail.ts'
import { embeddedProgram } from '../embedded/program.ts'
import { REFUSED } from '../embedded/scripted-transport.ts'

const ALICE = 'alice@example.com'

test('readers are told of what they have asked for, and not of what an admin has', async () => {
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
  await releaseMessage(deps, { itemId, actor, requestedBy: ALICE, confirmed: false, again: false })
  expect(await askers()).toEqual([ALICE])
  expect(await news()).toEqual(['refused'])

  const sendNow = async () => ({ digests: 0, sent: 0 })
  await retryByHand({ ...deps, sendNow }, { what: [itemId], by: ROOT })
  expect(await askers()).toEqual([ALICE])
  expect(await news()).toEqual(['refused'])
  expect(transport.requests.map(({ requestedBy }) => requestedBy)).toEqual([ALICE, ALICE, ALICE])
})

test('a release of before it was written down who asked is the reader’s', async () => {
  const program = await embeddedProgram()
  const { deps, state, time, transport } = program
  const [key] = await hold(program.storage, { recipient: ALICE, receivedAt: time.now })
  transport.answer = () => REFUSED
  await releaseByAdmin(deps, { mailId: key?.mailId ?? '', recipient: ALICE, by: ROOT, again: false })
  await state.sql.updateTable('digest_release').set({ asked_by: null }).execute()
  expect(await releaseNews(state, [ALICE], 0)).toHaveLength(1)
})
