import { expect, test } from 'vitest'
import { type ReleaseTogetherDeps, releaseTogether } from '../../../src/desks/reader/release-together.ts'
import { visitByLink } from '../../../src/desks/reader/visit-by-link.ts'
import { openWholeDigest as openPart } from '../../../src/desks/reader/whole-digest.ts'
import { DAY, HOUR } from '../../../src/ground/durations.ts'
import { noteMachine } from '../../../src/work/clicks/machine-readers.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { NOW } from '../../embedded/clock.ts'
import { type HeldMailSpec, hold, purge, updateRecipient } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { REFUSED, RELEASED, UNHEARD } from '../../embedded/scripted-transport.ts'

const ALICE = 'alice@example.com'

test('each ticked message has its own outcome, and its own audit row', async () => {
  const { deps, keys, idOf, release, storage, transport, rows } = await digestOf(
    { subject: 'Good' },
    { subject: 'Refused' },
    { subject: 'Unheard' },
    { subject: 'Elsewhere' },
    { subject: 'Purged' },
    { subject: 'Gone' },
    { subject: 'Risky', content: 'B' },
    { subject: 'Not ticked' },
  )
  await updateRecipient(storage, keyOf(keys, 3), { rs: 'R' })
  await purge(storage, keyOf(keys, 4))
  transport.answer = ({ mailId }) => {
    if (mailId === keys[1]?.mailId) return REFUSED
    if (mailId === keys[2]?.mailId) return UNHEARD
    return mailId === keys[5]?.mailId ? { outcome: 'gone', reply: '450 not there' } : RELEASED
  }
  const ids = [0, 1, 2, 3, 4, 5, 6].map(idOf)
  const { results } = await release(ids)
  expect(results.map(({ itemId }) => itemId)).toEqual(ids)
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ['released', null],
    ['failed', 'AMAVISD_REFUSED'],
    ['failed', 'RELEASE_UNCERTAIN'],
    ['already-released', null],
    ['failed', 'MESSAGE_GONE'],
    ['failed', 'MESSAGE_GONE'],
    ['left-out', 'CONFIRMATION_REQUIRED'],
  ])
  const audit = await rows('digest_audit')
  const outcomes = new Map(
    audit.filter(({ action }) => action === 'release').map(row => [row.item_id, row.outcome]),
  )
  expect(ids.map(id => outcomes.get(id))).toEqual([
    'released',
    'AMAVISD_REFUSED',
    'RELEASE_UNCERTAIN',
    'already-released',
    'MESSAGE_GONE',
    'MESSAGE_GONE',
    'CONFIRMATION_REQUIRED',
  ])
  expect(transport.requests.map(({ mailId }) => mailId).sort()).toEqual(
    [0, 1, 2, 5].map(index => keyOf(keys, index).mailId).sort(),
  )
  expect(deps.releasesAtOnce).toBe(2)
})

test('two tabs and a double click give one copy of each message', async () => {
  const { idOf, release, transport } = await digestOf({}, {}, {})
  const ids = [0, 1, 2].map(idOf)
  const all = await Promise.all([release([...ids, ...ids]), release(ids), release(ids.toReversed())])
  expect(transport.requests).toHaveLength(3)
  const statuses = all.flatMap(({ results }) => results.map(({ status }) => status)).sort()
  expect(statuses.filter(status => status === 'released')).toHaveLength(3)
  expect(statuses.filter(status => status === 'already-released')).toHaveLength(6)
})

test('no more messages are released at once than amavisd may be asked for', async () => {
  const { deps, idOf, release, transport } = await digestOf({}, {}, {}, {}, {})
  let now = 0
  let most = 0
  transport.answer = async () => {
    now += 1
    most = Math.max(most, now)
    await new Promise(resolve => setTimeout(resolve, 5))
    now -= 1
    return RELEASED
  }
  await release([0, 1, 2, 3, 4].map(idOf))
  expect(most).toBe(deps.releasesAtOnce)
})

test('while amavisd does not answer, the rest is queued and the page answers in time', async () => {
  const { idOf, release, transport, rows } = await digestOf({}, {}, {}, {}, { content: 'B' })
  const silence = Promise.withResolvers<typeof RELEASED>()
  transport.answer = () => silence.promise
  const ids = [0, 1, 2, 3, 4].map(idOf)
  const started = performance.now()
  const { results } = await release(ids, { releasePatience: 50 })
  expect(performance.now() - started).toBeLessThan(5_000)
  expect(results.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued', 'queued', 'left-out'])
  const states = async () => {
    const releases = new Map((await rows('digest_release')).map(row => [row.item_id, row.state]))
    return ids.map(id => releases.get(id))
  }
  expect(await states()).toEqual(['releasing', 'releasing', 'queued', 'queued', undefined])
  expect(transport.requests).toHaveLength(2)
  silence.resolve(RELEASED)
  await expect.poll(states).toEqual(['released', 'released', 'queued', 'queued', undefined])
})

test('a message of another digest, or of nobody, is not released and looks as if it were gone', async () => {
  const { idOf, release, transport } = await digestOf({}, { recipient: 'bob@example.com' })
  const { results } = await release([idOf(1), 'nonsense', idOf(0)])
  expect(results.map(({ status, code, entry }) => [status, code, entry === undefined])).toEqual([
    ['failed', 'MESSAGE_GONE', true],
    ['failed', 'MESSAGE_GONE', true],
    ['released', null, false],
  ])
  expect(transport.requests.map(({ recipient }) => recipient)).toEqual([ALICE])
})

test('a message that its own link could release no longer is refused here, too', async () => {
  const { idOf, release, transport, time, rows } = await digestOf({ receivedAt: NOW - 29 * DAY }, {})
  time.now += 2 * DAY
  const { results } = await release([idOf(0), idOf(1)])
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ['failed', 'LINK_EXPIRED'],
    ['released', null],
  ])
  expect(transport.requests).toHaveLength(1)
  expect((await rows('digest_audit')).map(row => [row.item_id, row.outcome])).toContainEqual([
    idOf(0),
    'LINK_EXPIRED',
  ])
})

test('once a machine was seen to read a digest, only the button releases', async () => {
  const { deps, digest, idOf, release, transport } = await digestOf({}, {})
  await noteMachine(deps, digest, null)
  const ids = [idOf(0), idOf(1)]
  const { results } = await release(ids, {}, false)
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ['left-out', 'CONFIRMATION_REQUIRED'],
    ['left-out', 'CONFIRMATION_REQUIRED'],
  ])
  expect(transport.requests).toEqual([])
  expect((await release(ids)).results.map(({ status }) => status)).toEqual(['released', 'released'])
})

test('more messages than a page lists are refused, and none of them is released', async () => {
  const { release, transport } = await digestOf({})
  const ids = Array.from({ length: 101 }, (_, index) => `item-${index}`)
  await expect(release(ids)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  expect(transport.requests).toEqual([])
})

test('a database that is away is a reason for all, and each is not waited for', async () => {
  const { idOf, release, storage, transport } = await digestOf({}, {}, {}, {})
  transport.answer = async () => {
    await storage.sql.schema.dropTable('msgrcpt').ifExists().execute()
    return RELEASED
  }
  const { results } = await release([0, 1, 2, 3].map(idOf), { releasesAtOnce: 1 })
  expect(results.map(({ status, code }) => [status, code])).toEqual([
    ['released', null],
    ['failed', 'TABLE_MISSING'],
    ['failed', 'TABLE_MISSING'],
    ['failed', 'TABLE_MISSING'],
  ])
})

test.each([
  ['a word of the subject', 'tap', ['Invoice 2481: your tap']],
  ['two words in any order, in capitals', 'YOUR invoice', ['Invoice 2481: your tap']],
  ['a name without its accents', 'jose', ['¿Café?']],
  ['an address', 'jose@cafe.example', ['¿Café?']],
  ['a part of a word', '248', ['Invoice 2481: your tap']],
  ['nothing but blanks', ' \t', ['Invoice 2481: your tap', '¿Café?', 'STRASSE']],
  ['a letter that others write as two', 'straße', ['STRASSE']],
  ['signs with a meaning elsewhere', '%', []],
])('finds messages by %s', async (_, find, subjects) => {
  const { deps, visitor, digest } = await digestOf(
    { subject: 'Invoice 2481: your tap', score: 5 },
    { subject: '¿Café?', from: 'José <jose@cafe.example>', sender: 'jose@cafe.example', score: 6 },
    { subject: 'STRASSE', score: 12 },
  )
  const found = await openPart(deps, visitor, digest, { page: 1, find })
  expect(found.entries.map(({ mail }) => mail?.subject)).toEqual(subjects)
  expect(found).toMatchObject({ total: subjects.length, all: 3 })
  const { wanted, dangerous, spam } = found.totals
  expect(wanted + dangerous + spam).toBe(subjects.length)
})

/** A digest for Alice of these messages, and its visitor. */
async function digestOf(...mails: readonly Partial<HeldMailSpec>[]) {
  const program = await embeddedProgram()
  const { deps } = program
  const keys = await hold(
    program.storage,
    ...mails.map(mail => ({ recipient: ALICE, receivedAt: NOW - HOUR, ...mail })),
  )
  await run({ ...deps, initial: 40 * DAY }, { schedule: undefined, readers: undefined, dueAt: NOW })
  const items = await program.rows('digest_item')
  const row = (await program.rows('digest_digest')).find(({ reader }) => reader === ALICE)
  if (!row) throw new Error('no digest was made')
  const shown = { digestId: row.digest_id, reader: row.reader, createdAt: Number(row.created_at) }
  const token = deps.urls.ofDigest(shown, NOW).digest.split('/').at(-1) ?? ''
  const { visitor, subject: digest } = await visitByLink(deps, 'digest', token)
  return {
    ...program,
    keys,
    visitor,
    digest,
    idOf: (index: number) => items.find(item => item.mail_id === keys[index]?.mailId)?.item_id ?? '',
    release: (itemIds: readonly string[], own: Partial<ReleaseTogetherDeps> = {}, pressed = true) =>
      releaseTogether({ ...deps, ...own }, visitor, digest, { itemIds, pressed, remoteAddress: null }),
  }
}

function keyOf<Key>(keys: readonly Key[], index: number): Key {
  const key = keys[index]
  if (!key) throw new Error(`there is no message ${index}`)
  return key
}
