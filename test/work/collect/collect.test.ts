import { expect, test } from 'vitest'
import { findHeldMail } from '../../../src/ground/amavis/held-mail.ts'
import { hasMoreMessagesSince } from '../../../src/ground/amavis/messages.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { messageIdOf } from '../../../src/ground/mail/message-id.ts'
import { newId } from '../../../src/ground/state/id.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { itemOf } from '../../../src/work/collect/items.ts'
import { AT_ONCE, type Pace, unnoticed } from '../../../src/work/collect/pace.ts'
import { readWatermark } from '../../../src/work/collect/watermark.ts'
import { windowsAgain } from '../../../src/work/collect/windows.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { hold, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

const ALICE = 'alice@example.com'
const EARLIER = NOW - HOUR

test('held mail becomes items, each with its recipient as stored and its reader in canonical form', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  const [key] = await hold(
    storage,
    { recipient: 'Alice@Example.com', receivedAt: EARLIER, partitionTag: 7, rseqnum: 3, content: 'B' },
    { recipient: '"odd address"@example.com', receivedAt: EARLIER },
    { recipient: '用户@bücher.example', receivedAt: EARLIER },
  )
  expect(await collect(deps, NOW)).toBe(3)
  const items = await rows('digest_item')
  expect(items.find(item => item.mail_id === key?.mailId)).toEqual({
    item_id: expect.stringMatching(/^[\w-]{20}$/),
    partition_tag: 7,
    mail_id: key?.mailId,
    rseqnum: 3,
    recipient: 'Alice@Example.com',
    reader: ALICE,
    content: 'B',
    mail_at: EARLIER,
    collected_at: NOW,
    digest_id: null,
    held_id: null,
    listed_in: null,
    promised_until: null,
  })
  expect(items.map(item => item.reader)).toContain('用户@xn--bcher-kva.example')
})

test('mail that is not held is left alone', async () => {
  const { deps, storage } = await embeddedProgram()
  const spam = { recipient: ALICE, receivedAt: EARLIER }
  await hold(
    storage,
    { ...spam, messageContent: null },
    { ...spam, quarType: ' ' },
    { ...spam, quarType: '' },
    { ...spam, quarType: null },
    { ...spam, ds: 'P' },
    { ...spam, rs: 'R' },
    { ...spam, rs: 'D' },
    { ...spam, rs: 'p' },
    { ...spam, isLocal: 'N' },
    { ...spam, content: 'V' },
    { ...spam, recipient: '' },
    { ...spam, messageId: messageIdOf(newId(NOW), 'example.com') },
  )
  expect(await collect(deps, NOW)).toBe(0)
})

test('held mail is collected: new and viewed, bounced and discarded, without a score or a subject', async () => {
  const { deps, storage } = await embeddedProgram()
  const spam = { recipient: ALICE, receivedAt: EARLIER }
  await hold(
    storage,
    { ...spam, rs: 'V' },
    { ...spam, rs: 'v' },
    { ...spam, rs: '' },
    { ...spam, ds: 'B' },
    { ...spam, content: 'Y' },
    { ...spam, content: '?' },
    { ...spam, score: null, from: null, subject: null, messageId: null },
    { ...spam, messageId: '<amavis-digest.forged@example.com>' },
  )
  expect(await collect(deps, NOW)).toBe(8)
})

test('mail for recipients that are not local is collected if the configuration says so', async () => {
  const { deps, storage } = await embeddedProgram()
  await hold(storage, { recipient: ALICE, receivedAt: EARLIER, isLocal: 'N' })
  expect(await collect({ ...deps, filter: { ...deps.filter, localOnly: false } }, NOW)).toBe(1)
})

test('each recipient of a message has an item; one address of several partition tags has one reader', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  await hold(
    storage,
    { recipient: ALICE, receivedAt: EARLIER, mailId: 'shared', rseqnum: 1 },
    { recipient: 'bob@example.com', receivedAt: EARLIER, mailId: 'shared', rseqnum: 2 },
    { recipient: ALICE, receivedAt: EARLIER, mailId: 'shared', partitionTag: 1 },
  )
  expect(await collect(deps, NOW)).toBe(3)
  const items = await rows('digest_item')
  expect(new Set(items.map(item => item.item_id)).size).toBe(3)
  expect(items.filter(item => item.reader === ALICE)).toHaveLength(2)
})

test('collecting twice, and from several processes at once, adds nothing twice', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  await hold(storage, ...Array.from({ length: 700 }, () => ({ recipient: ALICE, receivedAt: EARLIER })))
  await Promise.all([collect(deps, NOW), collect(deps, NOW), collect(deps, NOW)])
  expect(await collect(deps, NOW)).toBe(0)
  expect(await rows('digest_item')).toHaveLength(700)
})

test('the first window goes back as far as configured, later ones as far as the overlap', async () => {
  const { deps, storage } = await embeddedProgram()
  const at = (receivedAt: number) => hold(storage, { recipient: ALICE, receivedAt })
  await at(NOW - DAY - MINUTE)
  await at(NOW - DAY + MINUTE)
  expect(await collect(deps, NOW)).toBe(1)

  // These were finished late: amavisd stores the time at which it began.
  await at(NOW - deps.overlap + MINUTE)
  await at(NOW - deps.overlap - MINUTE)
  expect(await collect(deps, NOW + MINUTE)).toBe(1)
})

test('a service finds late mail, too, and does its work piece by piece', async () => {
  const { deps, storage } = await embeddedProgram()
  const { signal } = new AbortController()
  await collect(deps, NOW, unnoticed(signal))
  await hold(storage, { recipient: ALICE, receivedAt: NOW - deps.overlap + MINUTE })
  const { piece, ...pace } = unnoticed(signal)
  let pieces = 0
  const counted: Pace['piece'] = work => {
    pieces += 1
    return piece(work)
  }
  expect(await collect(deps, NOW + MINUTE, { ...pace, piece: counted })).toBe(1)
  expect(pieces).toBeGreaterThan(2)
})

test('where the overlap holds more than it may, a service passes over what is of middle age', async () => {
  const { deps, storage } = await embeddedProgram()
  const { signal } = new AbortController()
  await collect(deps, NOW, unnoticed(signal))
  for (const hour of [0, 1])
    await hold(storage, { recipient: ALICE, receivedAt: NOW - deps.overlap / 2 + hour * SECOND })
  expect(await collect(deps, NOW + SECOND, unnoticed(signal, 1))).toBe(0)
  expect(await collect(deps, NOW + 2 * SECOND, unnoticed(signal, 10))).toBe(2)
})

test('a service that is told to stop ends after a piece, and collects the rest the next time', async () => {
  const { deps, storage } = await embeddedProgram()
  await collect(deps, NOW, unnoticed(new AbortController().signal))
  await hold(storage, { recipient: ALICE, receivedAt: NOW })
  const stop = new AbortController()
  stop.abort()
  expect(await collect(deps, NOW + MINUTE, unnoticed(stop.signal))).toBe(0)
  expect(await readWatermark(deps.state)).toBe(NOW)
  expect(await collect(deps, NOW + 2 * MINUTE, unnoticed(new AbortController().signal))).toBe(1)
})

test('where very much was received, a service looks again at a part of it: when it has become old', async () => {
  const { deps, storage } = await embeddedProgram()
  const thinned: Pace = { ...AT_ONCE, windows: async (_, ...times) => windowsAgain(...times) }
  await collect(deps, NOW, thinned)
  await hold(storage, { recipient: ALICE, receivedAt: NOW - MINUTE / 2 })
  const found: number[] = []
  for (let minute = 1; minute <= 16; minute += 1)
    if ((await collect(deps, NOW + minute * MINUTE, thinned)) > 0) found.push(minute)
  expect(found).toEqual([1])
  await hold(storage, { recipient: ALICE, receivedAt: NOW + 7 * MINUTE })
  for (let minute = 17; minute <= 23; minute += 1)
    if ((await collect(deps, NOW + minute * MINUTE, thinned)) > 0) found.push(minute)
  expect(found).toEqual([1, 23])
})

test('whether very much was received is said exactly', async () => {
  const { storage } = await embeddedProgram()
  await hold(storage, ...[1, 2, 3].map(minute => ({ recipient: ALICE, receivedAt: NOW + minute * MINUTE })))
  const since = (minute: number, count: number) =>
    hasMoreMessagesSince(storage.sql, (NOW + minute * MINUTE) / SECOND, count)
  expect(await since(1, 2)).toBe(true)
  expect(await since(1, 3)).toBe(false)
  expect(await since(2, 2)).toBe(false)
})

test('with another filter, all of the overlap is looked at', async () => {
  const { deps, storage } = await embeddedProgram()
  const thinned: Pace = { ...AT_ONCE, windows: async (_, ...times) => windowsAgain(...times) }
  await collect(deps, NOW, thinned)
  await hold(storage, { recipient: ALICE, receivedAt: NOW - 10 * MINUTE })
  expect(await collect(deps, NOW + SECOND, thinned)).toBe(0)
  const others = { ...deps, filter: { ...deps.filter, localOnly: !deps.filter.localOnly } }
  expect(await collect(others, NOW + SECOND, thinned)).toBe(1)
})

test('after a long stop nothing is lost, however long it was', async () => {
  const { deps, storage } = await embeddedProgram()
  await collect(deps, NOW)
  await hold(
    storage,
    ...[1, 30, 49, 71, 200].map(hours => ({ recipient: ALICE, receivedAt: NOW + hours * HOUR })),
  )
  expect(await collect(deps, NOW + 240 * HOUR)).toBe(5)
})

test('a message from an amavisd whose clock is ahead is collected at once', async () => {
  const { deps, storage } = await embeddedProgram()
  await hold(storage, { recipient: ALICE, receivedAt: NOW + HOUR })
  expect(await collect(deps, NOW)).toBe(1)
})

test('a clock that was set back leaves no gap', async () => {
  const { deps, storage } = await embeddedProgram()
  await collect(deps, NOW + DAY)
  await hold(storage, { recipient: ALICE, receivedAt: NOW })
  expect(await collect(deps, NOW)).toBe(1)
})

test('a clock that was far ahead once leaves no gap: the true time is looked at again', async () => {
  const { deps, storage } = await embeddedProgram()
  await collect(deps, NOW + 300 * DAY)
  await hold(storage, { recipient: ALICE, receivedAt: NOW - deps.overlap - HOUR })
  expect(await collect(deps, NOW)).toBe(1)
  // From then on its own watermark counts again.
  await hold(storage, { recipient: ALICE, receivedAt: NOW - deps.overlap - HOUR })
  expect(await collect(deps, NOW + MINUTE)).toBe(0)
})

test('a recipient that is no address is logged once, although the overlap returns it again', async () => {
  const { deps, storage } = await embeddedProgram()
  const { log, lines } = readableLog()
  await hold(
    storage,
    { recipient: 'undisclosed', receivedAt: NOW - MINUTE },
    { recipient: ALICE, receivedAt: NOW - MINUTE },
  )
  expect(await collect({ ...deps, log }, NOW)).toBe(1)
  for (const later of [1, 2, 3]) await collect({ ...deps, log }, NOW + later * MINUTE)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ messages: 1, recipients: ['undisclosed'] }])
})

test('unlisted mail that finished late, or has no time, is logged once, too', async () => {
  const { deps, storage } = await embeddedProgram()
  const { log, lines } = readableLog()
  await collect({ ...deps, log }, NOW)
  await hold(
    storage,
    { recipient: 'postmaster', receivedAt: NOW - 2 * MINUTE },
    { recipient: 'root', receivedAt: 0 },
    { recipient: 'abuse', receivedAt: NOW + 300 * DAY },
  )
  for (const later of [1, 2, 3]) await collect({ ...deps, log }, NOW + later * MINUTE)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ messages: 3 }])
})

test.each([
  '',
  'postmaster',
  '@',
  'a@',
  '@example.com',
  ' @ ',
  'two words@example.com',
  'nul\0@example.com',
  'bell\u0007@example.com',
  'line\r\nbreak@example.com',
  `${'x'.repeat(300)}@example.com`,
  `${'用'.repeat(400)}@example.com`,
  'a@example.com/path',
])('held mail for %j is logged, and holds up nobody', async recipient => {
  const { deps, storage, rows } = await embeddedProgram()
  const { log, lines } = readableLog()
  await hold(storage, { recipient, receivedAt: EARLIER }, { recipient: ALICE, receivedAt: EARLIER })
  expect(await collect({ ...deps, log }, NOW)).toBe(1)
  expect(await rows('digest_item')).toMatchObject([{ reader: ALICE }])
  expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ messages: 1, recipients: [recipient.slice(0, 320)] })
})

test('a row that a strict database would refuse does not become an item', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  const asked: string[] = []
  const everybody = {
    find(addresses: readonly string[]) {
      asked.push(...addresses)
      return directoryWith({ [ALICE]: [ALICE] }).find(addresses)
    },
  }
  const spam = { recipient: ALICE, receivedAt: EARLIER }
  await hold(
    storage,
    { ...spam, recipient: 'nul\0@example.com' },
    { ...spam, recipient: `${'x'.repeat(321)}@example.com` },
    { ...spam, mailId: 'm'.repeat(65) },
    { ...spam, content: 'S'.repeat(9) },
    spam,
  )
  expect(await collect({ ...deps, directory: everybody }, NOW)).toBe(1)
  expect(await rows('digest_item')).toHaveLength(1)
  expect(asked).toEqual([ALICE])
})

test('incomplete rows are skipped', async () => {
  const { deps, storage } = await embeddedProgram()
  const spam = { recipient: ALICE, receivedAt: EARLIER }
  const [childless, fatherless, unaddressed] = await hold(storage, spam, spam, spam, spam)
  const ofMessage = (table: 'msgs' | 'msgrcpt', key?: { mailId: string }) =>
    storage.sql
      .deleteFrom(table)
      .where('mail_id', '=', key?.mailId ?? '')
      .execute()
  await ofMessage('msgrcpt', childless)
  await ofMessage('msgs', fatherless)
  await storage.sql
    .updateTable('msgrcpt')
    .set({ rid: 4711 })
    .where('mail_id', '=', unaddressed?.mailId ?? '')
    .execute()
  await storage.sql
    .insertInto('quarantine')
    .values({ partition_tag: 0, mail_id: 'nobodys', chunk_ind: 1, mail_text: 'Subject: x' })
    .execute()
  expect(await collect(deps, NOW)).toBe(1)
})

test('a row without a content code takes that of its message', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  const blank = { recipient: ALICE, receivedAt: EARLIER, content: ' ' }
  await hold(storage, { ...blank, messageContent: 'V' })
  const [banned] = await hold(storage, { ...blank, messageContent: 'B' })
  expect(await collect(deps, NOW)).toBe(1)
  const items = await rows('digest_item')
  expect(items).toMatchObject([{ mail_id: banned?.mailId, content: 'B' }])
  expect([...(await findHeldMail(deps.storage, items.map(itemOf))).values()]).toMatchObject([
    { content: 'B', kind: 'banned' },
  ])
})

test('our own digests are not listed, whatever the case of their domain; those of other servers are', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  const from = (domain: string) => ({
    recipient: ALICE,
    receivedAt: EARLIER,
    messageId: messageIdOf(newId(NOW), domain),
  })
  await hold(storage, from('example.com'), from('EXAMPLE.com'))
  const [theirs] = await hold(storage, from('example.org'))
  expect(await collect(deps, NOW)).toBe(1)
  expect(await rows('digest_item')).toMatchObject([{ mail_id: theirs?.mailId }])
})

test('an item stays as it is when another tool touches the row', async () => {
  const { deps, storage, rows } = await embeddedProgram()
  const [key] = await hold(storage, { recipient: ALICE, receivedAt: EARLIER })
  await collect(deps, NOW)
  if (key) await updateRecipient(storage, key, { rs: 'V' })
  await collect(deps, NOW)
  expect(await rows('digest_item')).toHaveLength(1)
})
