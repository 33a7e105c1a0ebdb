import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../../src/ground/database/connect.ts'
import type { Database } from '../../../src/ground/database/database.ts'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { messageIdOf } from '../../../src/ground/mail/message-id.ts'
import { migrate } from '../../../src/ground/state/migrate.ts'
import type { StateTables } from '../../../src/ground/state/state-tables.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { type Item, itemOf } from '../../../src/work/collect/items.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliverUntilDone } from '../../../src/work/digest/send/deliver-until-done.ts'
import { expireDigests } from '../../../src/work/digest/send/expire.ts'
import { MailsAtOnce } from '../../../src/work/digest/send/mails-at-once.ts'
import {
  openReleaseLink,
  openWholeDigest,
  releaseByLink,
  settingsByLink,
} from '../../desks/reader/by-link.ts'
import { hold, recipientStatus } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'
import { DEFERRED, RELEASED } from '../../embedded/scripted-transport.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { retryDue } from '../../work/release/retry-due.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const POSTED = { confirmed: false, again: false, pressed: false, remoteAddress: null }

test("after yesterday's backup was restored, nothing is lost, and released mail is neither listed nor released again", async () => {
  await using world = await restorable()
  const { program, time } = world
  await held(world, ALICE, 'before, listed before')
  await digest(world)
  await held(world, ALICE, 'before, waiting')
  await collected(world)
  await world.backUp()

  time.now += 2 * HOUR
  await held(world, ALICE, 'after, released', 'after, listed')
  await digest(world)
  const sent = await linksOf(world)
  expect(await click(world, sent, 'after, released')).toBe('released')
  expect(await click(world, sent, 'before, listed before')).toBe('released')

  await world.restore()
  time.now += 22 * HOUR
  await held(world, ALICE, 'after the restore')
  await digest(world)
  // Messages listed in a digest after the backup are listed again: nothing is left to show that they were.
  expect(program.mailer.attempts).toHaveLength(3)
  expect(await subjectsWaiting(world)).toEqual(['after the restore', 'after, listed', 'before, waiting'])

  // Mails sent after the backup still lead to their messages.
  await expect(click(world, sent, 'after, released')).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
  expect(await click(world, sent, 'before, listed before')).toBe('already-released')
  expect(await click(world, sent, 'after, listed')).toBe('released')
  expect(program.transport.requests).toHaveLength(3)
})

test('a digest that is pending in the backup is sent as the same mail or, if too old, frees its messages', async () => {
  for (const later of [HOUR, 2 * DAY]) {
    await using world = await restorable()
    await held(world, ALICE, 'first')
    await run(world.deps(), { schedule: undefined, readers: undefined, dueAt: world.time.now })
    await world.backUp()
    await deliverUntilDone(world.deps(), { dueAt: world.time.now })
    await world.restore()
    world.time.now += later
    await expireDigests(world.deps())
    await deliverUntilDone(world.deps(), { dueAt: world.time.now })
    const ids = world.program.mailer.attempts.map(mail => mail.messageId)
    const [row] = await world.rows('digest_digest')
    const own = messageIdOf(row?.digest_id ?? '', 'example.com')
    if (later === HOUR) expect(ids).toEqual([own, own])
    else {
      expect(ids).toEqual([own])
      expect(row?.state).toBe('failed')
      await digest(world)
      expect(world.program.mailer.attempts.at(-1)?.messageId).not.toBe(own)
      expect(await subjectsWaiting(world)).toEqual(['first'])
    }
  }
})

test('a release that is queued in the backup is not repeated if it was done meanwhile', async () => {
  await using world = await restorable()
  const { program, time } = world
  const [key] = await held(world, ALICE, 'wanted')
  await digest(world)
  const sent = await linksOf(world)
  program.transport.answer = () => DEFERRED
  expect(await click(world, sent, 'wanted')).toBe('queued')
  await world.backUp()
  program.transport.answer = () => RELEASED
  time.now += HOUR
  await retryDue(world.deps())
  if (!key) throw new Error('nothing is held')
  expect(await recipientStatus(program.storage, key)).toBe('R')

  await world.restore()
  time.now += HOUR
  await retryDue(world.deps())
  expect(program.transport.requests).toHaveLength(2)
  expect(await world.rows('digest_release')).toMatchObject([{ state: 'released' }])
})

test('the page and the settings of a digest that is not in the backup say that it is gone', async () => {
  await using world = await restorable()
  await held(world, BOB, 'of a digest before')
  await digest(world)
  await world.backUp()
  await held(world, ALICE, 'of a digest after')
  await digest(world)
  const digests = await world.rows('digest_digest')
  const tokens = digests.map(row => {
    const shown = { digestId: row.digest_id, reader: row.reader, createdAt: Number(row.created_at) }
    const links = world.deps().urls.ofDigest(shown, world.time.now)
    return { reader: row.reader, digest: tokenOf(links.digest), preferences: tokenOf(links.preferences) }
  })
  await world.restore()
  const tokensOf = (reader: string) =>
    tokens.find(token => token.reader === reader) ?? { digest: '', preferences: '' }
  await openWholeDigest(world.deps(), tokensOf(BOB).digest, 1)
  await settingsByLink(world.deps()).open(tokensOf(BOB).preferences)
  const gone = { code: 'MESSAGE_GONE' }
  await expect(openWholeDigest(world.deps(), tokensOf(ALICE).digest, 1)).rejects.toMatchObject(gone)
  await expect(settingsByLink(world.deps()).open(tokensOf(ALICE).preferences)).rejects.toMatchObject(gone)
})

/** A program whose own tables are in a separate file, which can be backed up and restored. */
interface Restorable extends AsyncDisposable {
  readonly program: EmbeddedProgram
  readonly time: EmbeddedProgram['time']
  deps(): EmbeddedProgram['deps']
  rows: EmbeddedProgram['rows']
  backUp(): Promise<void>
  restore(): Promise<void>
}

async function restorable(): Promise<Restorable> {
  const program = await embeddedProgram()
  const folder = temporaryFolder()
  const file = join(folder, 'state.sqlite')
  const backup = join(folder, 'backup.sqlite')
  const open = () => connect<StateTables>('state', `sqlite://${file}`)
  let state: Database<StateTables> = open()
  await migrate(state)
  return {
    program,
    time: program.time,
    deps: () => {
      const { works, clock } = program.deps
      return { ...program.deps, state, mailsAtOnce: new MailsAtOnce(4, { state, works, clock }) }
    },
    rows: async table => (await state.sql.selectFrom(table).selectAll().execute()) as never,
    async backUp() {
      await sql`vacuum into ${backup}`.execute(state.sql)
    },
    async restore() {
      await state[Symbol.asyncDispose]()
      for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix)
      copyFileSync(backup, file)
      state = open()
    },
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  }
}

const held = ({ program, time }: Restorable, recipient: string, ...subjects: string[]) =>
  hold(program.storage, ...subjects.map(subject => ({ recipient, subject, receivedAt: time.now - MINUTE })))

async function digest(world: Restorable): Promise<void> {
  await run(world.deps(), { schedule: undefined, readers: undefined, dueAt: world.time.now })
  await deliverUntilDone(world.deps(), { dueAt: world.time.now })
}

const collected = async (world: Restorable): Promise<void> => {
  await collect(world.deps(), world.time.now)
}

/** The release links of all collected items, by subject, as in mails. */
async function linksOf(world: Restorable): Promise<Map<string, string>> {
  const items = (await world.rows('digest_item')).map(itemOf)
  const subjects = await subjectsOf(world, items)
  const { urls } = world.deps()
  const link = (item: Item) => tokenOf(urls.release(item, world.time.now, world.time.now).url)
  return new Map(items.map(item => [subjects.get(item.mailId) ?? '', link(item)]))
}

async function click(
  world: Restorable,
  links: ReadonlyMap<string, string>,
  subject: string,
): Promise<string> {
  const token = links.get(subject) ?? ''
  await openReleaseLink(world.deps(), token)
  const { outcome } = await releaseByLink(world.deps(), token, POSTED)
  return outcome.status
}

/** The subjects that the last digest lists. */
async function subjectsWaiting(world: Restorable): Promise<string[]> {
  const last = (await world.rows('digest_digest')).sort((a, b) => (a.digest_id < b.digest_id ? -1 : 1)).at(-1)
  const items = (await world.rows('digest_item')).filter(item => item.digest_id === last?.digest_id)
  return [...(await subjectsOf(world, items.map(itemOf))).values()].sort()
}

async function subjectsOf({ program }: Restorable, items: readonly Item[]): Promise<Map<string, string>> {
  const rows = await program.storage.sql.selectFrom('msgs').select(['mail_id', 'subject']).execute()
  const wanted = new Set(items.map(item => item.mailId))
  return new Map(
    rows.flatMap(row =>
      wanted.has(String(row.mail_id)) ? [[String(row.mail_id), String(row.subject ?? '')]] : [],
    ),
  )
}

const tokenOf = (url: string): string => url.split('/').at(-1) ?? ''
