import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { retentionOf } from '../../src/ground/amavis/retention.ts'
import { DAY } from '../../src/ground/durations.ts'
import { openKeyRing } from '../../src/ground/links/key-ring.ts'
import { createUrls } from '../../src/ground/links/urls.ts'
import { heldRows } from '../servers/held.ts'
import { ODD_RECIPIENTS } from '../servers/odd-recipients.ts'
import { SERVERS } from './databases.ts'
import { digestFor, withALabels } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import { PUBLIC_URL } from './program.ts'
import { nothingHappened, type ServedWorld, startServedWorld } from './served-world.ts'
import { hold } from './world.ts'

describe.each(SERVERS)('on %s', database => {
  let world: ServedWorld

  beforeAll(async () => {
    world = await startServedWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  describe('a release link', () => {
    test('shows the message on GET and HEAD, and changes nothing', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Shown' })
      const page = await world.get(release('Shown'))
      expect(page.status).toBe(200)
      expect(page.text).toContain('Shown')
      expect(page.text).toContain('<form method="post"')
      expect(await world.get(release('Shown'), JSON_ONLY)).toMatchObject({
        status: 200,
        json: { status: 'held', policy: 'release' },
      })
      const head = await follow(world.service, release('Shown'), { method: 'HEAD' })
      expect([head.status, head.text]).toEqual([200, ''])
      await nothingHappened(world)
      expect(await world.audit()).toEqual([])
    })

    test('releases one copy to its reader on POST, and then answers that it is already released', async () => {
      const both = ['alice@example.com', 'bob@example.com']
      const { release } = await world.digestOf(both, { subject: 'Wanted' })
      expect(await world.post(release('Wanted'))).toMatchObject({ status: 200, json: { status: 'released' } })
      expect(await world.post(release('Wanted'))).toMatchObject({
        status: 200,
        json: { status: 'already-released' },
      })
      expect(await world.get(release('Wanted'), JSON_ONLY)).toMatchObject({
        status: 200,
        json: { status: 'already-released' },
      })
      expect(copies()).toEqual([['alice@example.com']])
      expect(world.mta.mails[0]?.parsed.subject).toBe('Wanted')
      expect((await heldRows(world.storage)).map(row => [row.email, row.rs.trim()])).toEqual([
        ['alice@example.com', 'R'],
        ['bob@example.com', ''],
      ])
    })

    test('answers a browser with a page', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Page' })
      const page = await follow(world.service, release('Page'), {
        method: 'POST',
        headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
      })
      expect(page.status).toBe(200)
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(page.headers.get('vary')).toContain('Accept')
      expect(page.text).toContain('On its way')
    })

    test('clicked twenty times at once gives one copy, and all twenty get the answer', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Eager' })
      const answers = await Promise.all(Array.from({ length: 20 }, () => world.post(release('Eager'))))
      expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
      expect(answers.filter(answer => answer.json?.status === 'released')).toHaveLength(1)
      expect(answers.filter(answer => answer.json?.status === 'already-released')).toHaveLength(19)
      expect(copies()).toEqual([['alice@example.com']])
      expect(await world.audit()).toHaveLength(20)
    })

    test('clicked by two readers at once, in two processes, gives one copy to the recipient and names the first', async () => {
      const [sales, bob] = ['sales@example.com', 'bob@example.com']
      const { release } = await world.digestOf(sales, { subject: 'Shared' })
      const links = [release('Shared'), await linkOfAnotherReader(sales, bob)]
      await using second = await (await world.configure({})).serve()
      const post = { method: 'POST', headers: { ...JSON_ONLY, ...FORM } }
      const answers = await Promise.all(
        [world.service, second].map((at, index) => follow(at, links[index] ?? '', post)),
      )
      expect(answers.map(answer => answer.status)).toEqual([200, 200])
      const first = answers[0]?.json?.status === 'released' ? sales : bob
      const [mine, theirs] = first === sales ? answers : answers.toReversed()
      expect(mine?.json).toEqual({ status: 'released' })
      expect(theirs?.json).toEqual({
        status: 'already-released',
        releasedBy: first,
        releasedAt: expect.any(String),
      })
      expect(copies()).toEqual([[sales]])
      const page = await world.get(links[first === sales ? 1 : 0] ?? '')
      expect(page.text).toMatch(new RegExp(`Released by .?${first}.? on `))
    })

    test('in a copy for a deputy releases for the reader, and the audit says by whose copy', async () => {
      const [reader, deputy] = ['alice@example.com', 'deputy@example.net']
      const set = await world.program.command('recipients', 'set', reader, '--copy-to', deputy)
      expect(set.status).toBe(0)
      await hold(world, reader, { subject: 'Copied' })
      expect(await world.run('--recipient', reader)).toMatchObject({
        digests: 1,
        items: 1,
        sent: 1,
        failed: 0,
      })
      const copy = world.digests.mails.find(({ parsed }) => parsed.subject?.startsWith(`For ${reader}: `))
      expect(copy?.to).toEqual([deputy])
      const [link = ''] = /https:\S+\/release\/\S+/.exec(copy?.parsed.text ?? '') ?? []
      expect(await world.post(link)).toMatchObject({ status: 200, json: { status: 'released' } })
      expect(copies()).toEqual([[reader]])
      expect((await world.audit()).filter(({ action }) => action === 'release')).toMatchObject([
        {
          actor: reader,
          recipient: reader,
          detail: expect.stringMatching(`^by the copy for ${deputy}; 250 `),
        },
      ])
      await world.program.command('recipients', 'remove', reader)
      expect(await world.get(link, JSON_ONLY)).toMatchObject({ status: 403 })
    })

    test('works for unusual addresses, which also get their digest', async () => {
      const readers = ODD_RECIPIENTS.map(({ stored }) => stored)
      for (const { sent } of ODD_RECIPIENTS) await hold(world, sent, { subject: 'Odd' })
      const result = await world.run(...readers.flatMap(reader => ['--recipient', reader]))
      expect(result).toMatchObject({ digests: readers.length, sent: readers.length })
      for (const reader of readers) {
        const [mail] = world.digests.mails.filter(({ to }) => to.map(withALabels).includes(reader))
        expect(mail?.to.map(withALabels)).toEqual([reader])
        expect(mail?.parsed.to?.map(({ address = '' }) => withALabels(address))).toEqual([reader])
        const { release } = digestFor(world.digests.mails, reader)
        expect(await world.post(release('Odd'))).toMatchObject({ status: 200, json: { status: 'released' } })
      }
      expect(copies()).toEqual(readers.map(reader => [reader]))
    })

    test('shows what another program has done with the message in the meantime', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Elsewhere' })
      await world.storage.query("UPDATE msgrcpt SET rs = 'R'")
      expect(await world.post(release('Elsewhere'))).toMatchObject({
        status: 200,
        json: { status: 'already-released' },
      })
      await world.storage.query("UPDATE msgrcpt SET rs = 'D'")
      expect(await world.post(release('Elsewhere'))).toMatchObject({
        status: 404,
        json: { code: 'MESSAGE_GONE' },
      })
      expect(world.mta.mails).toEqual([])
    })

    test.each([
      { what: 'its text', tables: ['quarantine'] },
      { what: 'its rows', tables: ['quarantine', 'msgrcpt', 'msgs'] },
    ])('to a purged message ($what) answers that it is gone', async ({ tables }) => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Purged' })
      for (const table of tables) await world.storage.query(`DELETE FROM ${table}`)
      expect(await world.post(release('Purged'))).toMatchObject({
        status: 404,
        json: { status: 'failed', code: 'MESSAGE_GONE' },
      })
      const page = await world.get(release('Purged'))
      expect(page.status).toBe(404)
      expect(page.text).toContain('no longer')
      expect(world.mta.mails).toEqual([])
    })

    test('releases nothing if its row now belongs to another recipient', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Mine' })
      await world.storage.query(
        "UPDATE maddr SET email = 'eve@example.com' WHERE id IN (SELECT rid FROM msgrcpt)",
      )
      expect(await world.post(release('Mine'))).toMatchObject({ status: 404, json: { code: 'MESSAGE_GONE' } })
      expect(world.mta.mails).toEqual([])
    })

    test('reports a refusal by the next mail server, keeps its reply for the admin, and works again', async () => {
      const { release } = await world.digestOf('alice@example.com', { subject: 'Refused' })
      world.mta.answerRecipient('alice@example.com', '550 5.1.1 No such user here')
      expect(await world.post(release('Refused'))).toMatchObject({
        status: 502,
        json: { status: 'failed', code: 'AMAVISD_REFUSED' },
      })
      expect((await world.audit())[0]?.detail).toContain('550 5.1.1 No such user here')
      world.mta.recover()
      expect(await world.post(release('Refused'))).toMatchObject({
        status: 200,
        json: { status: 'released' },
      })
      expect(copies()).toEqual([['alice@example.com']])
    })
  })

  const copies = () => world.mta.mails.map(mail => mail.to)

  /** Gives the message of a reader to another reader, too, as a directory does. */
  async function linkOfAnotherReader(recipient: string, reader: string): Promise<string> {
    await world.state.query(`INSERT INTO digest_item (item_id, partition_tag, mail_id, rseqnum, recipient, reader, content,
        mail_at, collected_at, digest_id, held_id)
      SELECT 'of-another', partition_tag, mail_id, rseqnum, recipient, '${reader}', content, mail_at, collected_at,
        digest_id, item_id FROM digest_item WHERE reader = '${recipient}'`)
    const now = Date.now()
    const keys = openKeyRing(world.program.keyFile, now, error => {
      throw error
    })
    const urls = createUrls({ publicUrl: PUBLIC_URL, lifetime: DAY, retention: retentionOf(DAY) }, keys)
    return urls.release({ itemId: 'of-another', recipient, reader, mailAt: now, kind: 'spam' }, now, now).url
  }
})
