import { afterAll, beforeAll, expect, test } from 'vitest'
import { GTUBE } from '../servers/samples.ts'
import { hold, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ database: 'mariadb', amavisd: { partitionTag: '48' } })
})
afterAll(() => world?.[Symbol.asyncDispose]())

test('a message that amavisd holds is found, read, deleted for one recipient and released to the other', async () => {
  const [held] = await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Where is my mail' })
  const json = async (...args: readonly string[]) => {
    const { status, stdout } = await world.program.command(...args, '--json')
    return { exit: status, ...JSON.parse(stdout) }
  }
  const listed = await json('held', 'list', '--search', 'subject:"where is"')
  expect(listed).toMatchObject({
    exit: 0,
    held: [
      {
        mailId: held.mail_id,
        partitionTag: 48,
        recipient: 'alice@example.com',
        reader: 'alice@example.com',
        subject: 'Where is my mail',
        type: 'spam',
        state: 'held',
      },
      { mailId: held.mail_id, recipient: 'bob@example.com' },
    ],
    next: null,
  })
  expect(await json('held', 'show', held.mail_id, '--recipient', 'alice@example.com')).toMatchObject({
    mailId: held.mail_id,
    recipient: 'alice@example.com',
    recipients: [{ recipient: 'alice@example.com' }],
    rules: expect.any(Array),
    text: expect.stringContaining(GTUBE),
    attachments: [],
  })
  const forOne = [held.mail_id, '--recipient', 'alice@example.com']
  expect(await json('delete', ...forOne)).toEqual({ exit: 0, status: 'deleted' })
  expect(await json('release', held.mail_id, '--recipient', 'bob@example.com')).toMatchObject({
    status: 'released',
    reply: expect.stringMatching(/^250 2\.0\.0 from MTA/),
  })
  expect(world.mta.mails.map(({ to }) => to)).toEqual([['bob@example.com']])
  const states = async (search: string) =>
    (await json('held', 'list', '--search', search)).held.map(
      ({ recipient, state }: { recipient: string; state: string }) => `${recipient} ${state}`,
    )
  expect(await states('')).toEqual([])
  expect(await states('is:deleted is:released')).toEqual([
    'alice@example.com deleted',
    'bob@example.com released',
  ])
  expect(await json('delete', ...forOne, '--undo')).toEqual({ exit: 0, status: 'restored' })
  expect(await states('')).toEqual(['alice@example.com held'])
})
