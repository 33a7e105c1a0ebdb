import { expect, test } from 'vitest'
import { releasedSenders } from '../../../../src/desks/admin/figures/released-senders.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { insert, itemRow, releaseRow } from '../../../embedded/rows.ts'

test('names the senders whose mail is released most often, with their share; within a reach only', async () => {
  const program = await embeddedProgram()
  const { now } = program.time
  const receivedAt = now - HOUR
  const mails = [
    ['shop@shop.example', 'alice@example.com', true],
    ['shop@shop.example', 'alice@example.com', true],
    ['shop@shop.example', 'alina@example.org', false],
    ['news@news.example', 'alina@example.org', true],
    ['spam@spam.example', 'alice@example.com', false],
  ] as const
  const keys = await hold(
    program.storage,
    ...mails.map(([sender, recipient]) => ({ sender, recipient, receivedAt })),
  )
  await insert(
    program,
    'digest_item',
    keys.map(({ mailId, partitionTag, rseqnum }, index) =>
      itemRow(`${index}`, mails[index]?.[1] ?? '', now, {
        mail_id: mailId,
        partition_tag: partitionTag,
        rseqnum,
        mail_at: receivedAt,
      }),
    ),
  )
  const released = mails.flatMap(([, recipient, isReleased], index) =>
    isReleased ? [releaseRow(`${index}`, now, { requested_by: recipient })] : [],
  )
  await insert(program, 'digest_release', released)
  expect(await releasedSenders(program.deps, undefined, 14)).toEqual([
    { sender: 'shop@shop.example', released: 2, held: 3 },
    { sender: 'news@news.example', released: 1, held: 1 },
  ])
  expect(await releasedSenders(program.deps, ['example.com'], 14)).toEqual([
    { sender: 'shop@shop.example', released: 2, held: 2 },
  ])
})

test('a message with several readers counts once, held and released', async () => {
  const program = await embeddedProgram()
  const { now } = program.time
  const mail = { sender: 'shop@shop.example', recipient: 'sales@example.com', receivedAt: now - HOUR }
  const [key] = await hold(program.storage, mail)
  if (!key) throw new Error('nothing is held')
  const { mailId, partitionTag, rseqnum } = key
  const place = { mail_id: mailId, partition_tag: partitionTag, rseqnum }
  const fields = { ...place, recipient: 'sales@example.com', mail_at: now - HOUR, held_id: 'held' }
  await insert(program, 'digest_item', [
    itemRow('of-alice', 'alice@example.com', now, fields),
    itemRow('of-bob', 'bob@example.org', now, fields),
  ])
  await insert(program, 'digest_release', [releaseRow('held', now, { asked_item: 'of-bob' })])
  const once = [{ sender: 'shop@shop.example', released: 1, held: 1 }]
  expect(await releasedSenders(program.deps, undefined, 14)).toEqual(once)
  expect(await releasedSenders(program.deps, ['example.com'], 14)).toEqual(once)
})
