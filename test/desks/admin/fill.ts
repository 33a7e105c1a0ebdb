import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import type { StateTables } from '../../../src/ground/state/state-tables.ts'
import type { EmbeddedDatabase } from '../../embedded/database.ts'
import { hold } from '../../embedded/held-mail.ts'
import { digestRow, insert, itemRow, releaseRow } from '../../embedded/rows.ts'

export const HOSTILE = '"><script>alert(1)</script>\u202Egpj.exe'

/** A reader whose address contains characters that are special in URLs, HTML and SQL. */
export const ODD = '"a/b?c#d%25&e=<i>"@example.com'

/** Fills the tables with some of everything: digests and releases in several states, waiting mail and clicks. */
export async function fillDesk(database: EmbeddedDatabase, now: number): Promise<void> {
  const world = { state: database.state }
  const receivedAt = now - DAY
  const recipients = ['alice@example.com', 'alice@example.com', ODD, 'alina@example.org']
  const keys = await hold(
    database.storage,
    ...recipients.map(recipient => ({
      recipient,
      receivedAt,
      subject: HOSTILE,
      from: `${HOSTILE} <x@y.example>`,
    })),
  )
  const digestOf = ['sent', null, null, null]
  await insert(
    world,
    'digest_item',
    keys.map(({ mailId }, index) =>
      itemRow(`item${index}`, recipients[index] ?? '', now, {
        mail_id: mailId,
        mail_at: receivedAt,
        digest_id: digestOf[index] ?? null,
      }),
    ),
  )
  await insert(world, 'digest_digest', [
    digestRow('sent', 'alice@example.com', now - 3000, { canary_at: now }),
    digestRow('pending', 'alice@example.com', now - 2000, {
      state: 'pending',
      finished_at: null,
      next_attempt_at: now + MINUTE,
      reply: `451 ${HOSTILE}`,
    }),
    digestRow('failed', ODD, now - 1000, { state: 'failed', reply: '550 5.1.1 No such user' }),
    digestRow('others', 'alina@example.org', now),
  ])
  await insert(world, 'digest_release', [
    releaseRow('item0', now - 3000),
    releaseRow('item1', now - 2000, { state: 'failed', code: 'AMAVISD_REFUSED', reply: `550 ${HOSTILE}` }),
    releaseRow('item2', now - 1000, { state: 'uncertain' }),
    releaseRow('item3', now, {
      state: 'queued',
      requested_by: 'alina@example.org',
      next_attempt_at: now + MINUTE,
    }),
  ])
  await insert(world, 'digest_click', [click('1', 'example.com', 'GET'), click('2', 'example.org', 'POST')])

  function click(id: string, domain: string, method: string): StateTables['digest_click'] {
    return {
      click_id: id,
      at: now - 1000,
      digest_id: 'sent',
      domain,
      page: id === '1' ? 'canary' : 'release',
      method,
      after_ms: 1000,
    }
  }
}
