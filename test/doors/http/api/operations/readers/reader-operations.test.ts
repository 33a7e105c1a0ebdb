import { expect, test } from 'vitest'
import { ALICE, BOB, servedApi } from '../../served-api.ts'

test('readers are found, each with the waiting messages and the settings that apply', async () => {
  const { root, local, app, holdMail } = await servedApi()
  await holdMail()
  await app.collect()
  const addresses = async (query: string, caller = root) =>
    (await caller.call('GET', `/readers${query}`)).json.items.map((one: { address: string }) => one.address)
  expect(await addresses('')).toEqual([ALICE, BOB])
  expect(await addresses('?search=bob')).toEqual([BOB])
  expect(await addresses('?search=@example.com')).toEqual([ALICE])
  expect(await addresses('', local)).toEqual([ALICE])
  const first = await root.call('GET', '/readers?limit=1')
  expect(first.json).toMatchObject({
    items: [{ address: ALICE, waiting: 1, lastDigest: null, hasSettings: false }],
  })
  expect(await addresses(`?limit=1&cursor=${first.json.next}`)).toEqual([BOB])
  expect(await root.call('GET', '/readers/Alice@EXAMPLE.com')).toMatchObject({
    status: 200,
    json: {
      address: ALICE,
      settings: { language: { value: 'en', from: 'default' } },
      waiting: [
        { recipient: ALICE, mail: { subject: 'A message', kind: 'spam', score: 7.5, state: 'held' } },
      ],
    },
  })
  expect(await root.call('GET', '/readers/nobody')).toMatchObject({
    status: 400,
    json: { code: 'REQUEST_INVALID' },
  })
})

test('the directory’s answer names the readers of an address, and each step', async () => {
  const { root, local } = await servedApi({ directory: { recipientDelimiter: '+' } })
  const answer = await root.call('GET', '/readers/alice+x@example.com/directory')
  expect(answer).toMatchObject({
    status: 200,
    json: {
      address: 'alice+x@example.com',
      readers: [ALICE],
      off: [],
      by: [
        { is: 'extension', from: 'alice+x@example.com', to: ALICE, row: null },
        { is: 'mailbox', from: ALICE, to: ALICE, row: null },
      ],
      people: [{ address: ALICE, on: true }],
      outdated: null,
    },
  })
  expect(await local.call('GET', `/readers/${BOB}/directory`)).toMatchObject({
    status: 403,
    json: { code: 'OUT_OF_REACH' },
  })
  expect(await root.call('GET', '/readers/nobody/directory')).toMatchObject({
    status: 400,
    json: { code: 'REQUEST_INVALID' },
  })
})
