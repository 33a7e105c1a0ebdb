import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { askForRelease } from '../../../src/work/requests/ask-for-release.ts'
import { openRequest } from '../../../src/work/requests/open-request.ts'
import { ALICE, atStep, BOB, requestsWorld } from './requests-world.ts'

const byAlice = {
  visitor: asReader(ALICE),
  actor: { kind: 'reader', name: ALICE, remoteAddress: null },
} as const

test.each([
  ['R', 'released'],
  ['D', 'gone'],
])('a message that becomes %s while it is asked for is told truthfully', async (rs, state) => {
  const { ask, url, rows } = await requestsWorld()
  atStep('request-written', () => {
    using database = new DatabaseSync(url.replace('sqlite://', ''))
    database.exec(`UPDATE msgrcpt SET rs = '${rs}'`)
  })
  if (rs === 'R') expect(await ask(ALICE)).toEqual({ status: 'already-released', request: undefined })
  else await expect(ask(ALICE)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(await rows('digest_request')).toMatchObject([{ state, open_held_id: null }])
  expect(await rows('digest_audit')).toContainEqual(
    expect.objectContaining({ action: 'request', outcome: rs === 'R' ? 'already-released' : 'MESSAGE_GONE' }),
  )
})

test('a request that a crash has kept from being marked is marked by the sweep', async () => {
  const { deps, itemOf, sweep, status, ask } = await requestsWorld()
  await openRequest(deps, { ...(await itemOf(ALICE)), content: 'B' }, [await itemOf(ALICE)], deps.clock())
  expect(await status()).toBe('')
  await sweep()
  expect(await status()).toBe('p')
  expect(await ask(BOB)).toMatchObject({ status: 'requested', request: { state: 'waiting' } })
})

test('only a reader of the message who may release asks, and only for what the policy lets them ask for', async () => {
  const { deps, itemOf, rows } = await requestsWorld({ content: 'S' })
  await expect(askForRelease(deps, await itemOf(ALICE), byAlice)).rejects.toMatchObject({
    code: 'POLICY_REFUSED',
  })
  const stranger = { ...byAlice, visitor: asReader('eve@example.com') }
  await expect(askForRelease(deps, await itemOf(ALICE), stranger)).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
  const looking = { ...byAlice, visitor: { ...asReader(ALICE), may: ['read'] as const } }
  await expect(askForRelease(deps, await itemOf(ALICE), looking)).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
  expect(await rows('digest_request')).toEqual([])
})
