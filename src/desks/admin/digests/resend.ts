import type { Kysely } from 'kysely'
import { recordAudit } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { DigestState } from '../../../ground/state/states.ts'
import { type Editor, reaches } from '../../../rules/reach/reach.ts'

export interface ResendDeps {
  readonly state: Database<StateTables>
  /** How long a link works, in milliseconds. */
  readonly lifetime: number
  readonly clock: () => number
}

export interface Resent {
  readonly digestId: string
  readonly reader: string
  /** How often this digest was resent, this time included. */
  readonly times: number
}

/**
 * Makes a delivered digest due again. It goes out under a new Message-ID and lists what can still be released. Its
 * links keep the expiry that was promised. If it cannot be delivered again, its messages are not affected. Its copies
 * are not sent again with it; each can be by its own id.
 *
 * @throws CodedError DIGEST_UNKNOWN (also when it is out of reach), RESEND_REFUSED
 */
export async function resendDigest(deps: ResendDeps, by: Editor, digestId: string): Promise<Resent> {
  const now = deps.clock()
  const digest = await findDigest(deps.state, digestId)
  if (!digest || !reaches(by.reach, digest.reader)) {
    throw new CodedError('DIGEST_UNKNOWN', `There is no digest ${JSON.stringify(digestId)}.`)
  }
  const refusal = refusalOf(digest, deps.lifetime, now)
  if (refusal !== undefined) throw new CodedError('RESEND_REFUSED', refusal)
  const entry = {
    actor: by.actor,
    action: 'resend',
    recipient: digest.reader,
    digestId,
    outcome: 'due',
    detail: `digest ${digestId}`,
  } as const
  await inTransaction(deps.state, async sql => {
    if (!(await makePendingAgain(sql, digest, now))) throw new CodedError('RESEND_REFUSED', ON_ITS_WAY)
    await recordAudit({ sql }, entry, now)
  })
  return { digestId, reader: digest.reader, times: (digest.resent ?? 0) + 1 }
}

type KnownDigest = Pick<DigestTable, 'digest_id' | 'reader' | 'state' | 'created_at' | 'resent'>

function findDigest(state: Database<StateTables>, digestId: string): Promise<KnownDigest | undefined> {
  return state.sql
    .selectFrom('digest_digest')
    .select(['digest_id', 'reader', 'state', 'created_at', 'resent'])
    .where('digest_id', '=', digestId)
    .executeTakeFirst()
}

function refusalOf(digest: KnownDigest, lifetime: number, now: number): string | undefined {
  if (digest.state !== 'sent') return NOT_DELIVERED[digest.state]
  if (Number(digest.created_at) + lifetime > now) return undefined
  return 'Its links have expired. Send the reader a new digest instead: it lists what still waits.'
}

const ON_ITS_WAY = 'It is already on its way: see "amavis-digest status".'

const NOT_DELIVERED = {
  pending: ON_ITS_WAY,
  failed: 'It could not be delivered, and its messages wait for the next digest. Try it again instead.',
  empty:
    'It was never sent; its reply says why. Send the reader a new digest instead: it lists what still waits.',
  dropped: 'An admin dropped it before it was sent. Send the reader a new digest instead.',
} as const satisfies Record<Exclude<DigestState, 'sent'>, string>

/** @returns false when somebody else has resent it meanwhile */
async function makePendingAgain(sql: Kysely<StateTables>, seen: KnownDigest, now: number): Promise<boolean> {
  const times = seen.resent ?? 0
  const result = await sql
    .updateTable('digest_digest')
    .set({
      state: 'pending',
      resent: times + 1,
      send_at: now,
      attempts: 0,
      next_attempt_at: now,
      lease_owner: null,
      lease_until: null,
    })
    .where('digest_id', '=', seen.digest_id)
    .where('state', '=', 'sent')
    .where(row => (seen.resent === null ? row('resent', 'is', null) : row('resent', '=', times)))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
