import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ReleaseRequest, ReleaseTransport } from '../../src/ground/amavisd/transport.ts'
import { releaseRequest } from '../ground/amavisd/release-request.ts'
import type { Amavisd } from '../servers/amavisd.ts'
import { type HeldRow, waitForHeld } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { ODD_RECIPIENTS } from '../servers/odd-recipients.ts'
import { spamMail } from '../servers/samples.ts'
import type { SmtpSink } from '../servers/smtp-sink.ts'
import type { Storage } from '../servers/storage.ts'

/** An amavisd for each kind of quarantine, the MTA behind them, and addresses that nobody listens on or answers at. */
export interface ReleaseWorld {
  readonly sql: Quarantine
  readonly file: Quarantine
  readonly gzip: Quarantine
  readonly sink: SmtpSink
  readonly nobody: AmPdpPlaces
  /** Takes connections and never answers. */
  readonly silent: AmPdpPlaces
}

export interface Quarantine {
  readonly amavisd: Amavisd
  readonly storage: Storage
}

export interface AmPdpPlaces {
  readonly amPdpPort: number
  readonly socketPath: string
}

export interface ReleaseTransportMaker {
  readonly name: string
  /** The Resent-From field of a message that `reader@example.org` asked for. */
  readonly resentFrom: string
  make(places: AmPdpPlaces, timeout: number): ReleaseTransport
}

/** What every release transport must do, tested on a real amavisd. */
export function releaseTransportContract(maker: ReleaseTransportMaker, world: () => ReleaseWorld): void {
  const transport = (at: Quarantine = world().sql) => maker.make(at.amavisd, 20_000)

  describe(`releasing by ${maker.name}`, () => {
    afterEach(() => {
      world().sink.recover()
      world().sink.clear()
    })

    test('delivers one copy, only to the recipient that is named', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com', 'bob@example.com', 'carol@example.com'])
      const answer = await transport().release(requestFor(held, { recipient: 'bob@example.com' }))
      expect(answer).toMatchObject({ outcome: 'released' })
      expect(answer.reply).toMatch(/^250 2\.0\.0 from MTA\(/)
      expect(sink.mails.map(mail => mail.to)).toEqual([['bob@example.com']])
      expect(sink.mails[0]?.parsed.subject).toBe(held.subject)
    })

    test('names in the message who asked for it, if it can', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      await transport().release(requestFor(held, { requestedBy: 'reader@example.org' }))
      expect(sink.mails[0]?.raw.toString()).toContain(`Resent-From: ${maker.resentFrom}\r\n`)
    })

    test('releases from a file quarantine', async () => {
      const { file, sink } = world()
      const [held] = await hold(file, ['alice@example.com'])
      expect(held).toMatchObject({ quar_type: 'F', quar_loc: `spam/${held.mail_id}` })
      const answer = await transport(file).release(requestFor(held))
      expect(answer).toMatchObject({ outcome: 'released' })
      expect(sink.mails[0]?.parsed.subject).toBe(held.subject)
    })

    test('releases from a gzipped file quarantine', async () => {
      const { gzip, sink } = world()
      const [held] = await hold(gzip, ['alice@example.com'])
      expect(held).toMatchObject({ quar_type: 'Z', quar_loc: `spam-${held.mail_id}.gz` })
      const answer = await transport(gzip).release(requestFor(held))
      expect(answer).toMatchObject({ outcome: 'released' })
      expect(sink.mails[0]?.parsed.subject).toBe(held.subject)
    })

    test('needs the partition tag of the message', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      expect(held.partition_tag).toBe(7)
      expect(await transport().release(requestFor(held, { partitionTag: 8 }))).toMatchObject({
        outcome: 'gone',
      })
      expect(sink.mails).toEqual([])
    })

    test.each(ODD_RECIPIENTS)('delivers a copy to $sent', async ({ sent, stored }) => {
      const { sql, sink } = world()
      const [held] = await hold(sql, [sent])
      expect(held.email).toBe(stored)
      const answer = await transport().release(requestFor(held))
      expect(answer).toMatchObject({ outcome: 'released' })
      expect(sink.mails.map(mail => mail.to)).toEqual([[stored]])
    })

    test('a wrong secret is refused, and the reply does not repeat it', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      const answer = await transport().release(requestFor(held, { secretId: 'WrongSecret1' }))
      expect(answer).toMatchObject({ outcome: 'refused' })
      expect(answer.reply).toContain('does not match')
      expect(answer.reply).not.toContain('WrongSecret1')
      expect(sink.mails).toEqual([])
    })

    test('an unknown mail id is refused', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      const answer = await transport().release(requestFor(held, { mailId: 'UnknownId123' }))
      expect(answer).toMatchObject({ outcome: 'refused' })
      expect(answer.reply).not.toContain(held.secret_id)
      expect(sink.mails).toEqual([])
    })

    test('a purged message is gone', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      await sql.storage.query('DELETE FROM quarantine WHERE mail_id = ?', [held.mail_id])
      expect(await transport().release(requestFor(held))).toMatchObject({ outcome: 'gone' })
      expect(sink.mails).toEqual([])
    })

    test('a removed quarantine file is gone', async () => {
      const { gzip, sink } = world()
      const [held] = await hold(gzip, ['alice@example.com'])
      rmSync(join(gzip.amavisd.quarantineDir, held.quar_loc ?? ''))
      expect(await transport(gzip).release(requestFor(held))).toMatchObject({ outcome: 'gone' })
      expect(sink.mails).toEqual([])
    })

    test('an unreadable quarantine table defers the release', async () => {
      const { sql } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      await sql.storage.query('RENAME TABLE quarantine TO quarantine_away')
      try {
        expect(await transport().release(requestFor(held))).toMatchObject({ outcome: 'deferred' })
      } finally {
        await sql.storage.query('RENAME TABLE quarantine_away TO quarantine')
      }
      expect(await transport().release(requestFor(held))).toMatchObject({ outcome: 'released' })
    })

    test('an unreachable next MTA defers the release', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      await sink.stop()
      try {
        expect(await transport().release(requestFor(held))).toMatchObject({ outcome: 'deferred' })
      } finally {
        await sink.start()
      }
      // A child of amavisd that broke off a release keeps its session with the sink, and answers 451 when it finds the
      // session closed. Nothing was sent then, so asking again is safe.
      await expect.poll(async () => (await transport().release(requestFor(held))).outcome).toBe('released')
      expect(sink.mails).toHaveLength(1)
    })

    test.each([
      { reply: '451 4.2.1 Mailbox is busy', outcome: 'deferred' },
      { reply: '550 5.1.1 No such user', outcome: 'refused' },
    ])('the next MTA answers $reply: $outcome', async ({ reply, outcome }) => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      sink.answerRecipient('alice@example.com', reply)
      const atRecipient = await transport().release(requestFor(held))
      sink.recover()
      sink.answerData(reply)
      const atData = await transport().release(requestFor(held))
      expect(atRecipient).toMatchObject({ outcome })
      expect(atRecipient.reply).toContain(reply)
      expect(atData).toMatchObject({ outcome })
    })

    test('many requests at once all get through amavisd’s few children', async () => {
      const { sql, sink } = world()
      const [held] = await hold(sql, ['alice@example.com'])
      const shared = transport()
      const recipients = Array.from({ length: 8 }, (_, index) => `reader${index}@example.com`)
      const answers = await Promise.all(
        recipients.map(recipient => shared.release(requestFor(held, { recipient }))),
      )
      expect(answers.map(answer => answer.outcome)).toEqual(recipients.map(() => 'released'))
      expect(sink.mails.flatMap(mail => mail.to).sort()).toEqual(recipients)
    })

    test('can probe amavisd more often than it has children, without blocking a release', async () => {
      const { sql, sink } = world()
      for (let look = 0; look < 10; look += 1) expect(await transport().probe()).toBe(undefined)
      const [held] = await hold(sql, ['alice@example.com'])
      expect(await transport().release(requestFor(held))).toMatchObject({ outcome: 'released' })
      expect(sink.mails).toHaveLength(1)
    })

    test('finds out by a probe that nobody listens', async () => {
      expect(await maker.make(world().nobody, 5_000).probe()).toMatch(/ECONNREFUSED|ENOENT|Can't connect/)
    })

    test('if nobody listens, amavisd is unreachable and was not asked', async () => {
      const answer = await maker.make(world().nobody, 5_000).release(A_REQUEST)
      expect(answer).toMatchObject({ outcome: 'unreachable', asked: false })
    })

    test('if amavisd does not answer, it is unreachable after the timeout, but was asked', async () => {
      const started = performance.now()
      const answer = await maker.make(world().silent, 500).release(A_REQUEST)
      expect(answer).toMatchObject({ outcome: 'unreachable', asked: true })
      expect(performance.now() - started).toBeLessThan(5_000)
    })
  })
}

/** A request that no amavisd gets to read. */
const A_REQUEST = releaseRequest()

const requestFor = (held: HeldRow, fields: Partial<ReleaseRequest> = {}): ReleaseRequest =>
  releaseRequest({
    mailId: held.mail_id,
    secretId: held.secret_id,
    partitionTag: held.partition_tag,
    quarantineType: held.quar_type,
    quarantineLocation: held.quar_loc,
    recipient: held.email,
    ...fields,
  })

let held = 0

/** Sends spam to amavisd, and waits for its rows. */
async function hold({ amavisd, storage }: Quarantine, to: string[]): Promise<[HeldRow, ...HeldRow[]]> {
  held += 1
  const subject = `Held ${held}`
  await inject(amavisd.smtpPort, { from: 'sam@sender.example.net', to }, spamMail({ subject }))
  return waitForHeld(storage, row => row.subject === subject)
}
