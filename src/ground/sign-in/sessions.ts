import type { Admin, Admins } from '../../rules/reach/admins.ts'
import type { Database } from '../database/database.ts'
import type { StateTables } from '../state/state-tables.ts'
import { hashOfSecret, newSecret } from './secret.ts'

export interface SessionDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly admins: Admins
}

/**
 * Milliseconds that another machine's clock may be ahead of ours. What is further in the future was written while a clock
 * was wrong: it would live until then.
 */
export const AHEAD = 5 * 60_000

/** Milliseconds that a session lasts, whatever is done in it. */
export const SESSION_LIFETIME = 12 * 3_600_000

/** Begins a session. @returns its id, which the browser alone keeps */
export async function beginSession({ state, clock }: SessionDeps, admin: Admin): Promise<string> {
  const id = newSecret()
  const now = clock()
  await state.sql
    .insertInto('digest_session')
    .values({
      session_hash: hashOfSecret(id),
      admin: admin.address,
      created_at: now,
      seen_at: now,
      expires_at: now + SESSION_LIFETIME,
    })
    .execute()
  return id
}

/**
 * Whose session it is; undefined when there is none such, it is over, or its admin is none any more: then it ends for
 * good, should that admin come back.
 */
export async function adminOfSession(deps: SessionDeps, id: string): Promise<Admin | undefined> {
  const now = deps.clock()
  const hash = hashOfSecret(id)
  const session = await findSession(deps.state, hash)
  if (!session || session.expiresAt <= now || session.seenAt + IDLE <= now) return undefined
  if (session.seenAt > now + AHEAD) return undefined
  const admin = deps.admins.find(session.admin)
  if (!admin) await endSession(deps, id)
  else if (session.seenAt + SEEN_EVERY <= now) await seen(deps.state, hash, now)
  return admin
}

export async function endSession({ state }: Pick<SessionDeps, 'state'>, id: string): Promise<void> {
  await state.sql.deleteFrom('digest_session').where('session_hash', '=', hashOfSecret(id)).execute()
}

/** On all devices. */
export async function endSessionsOf({ state }: Pick<SessionDeps, 'state'>, admin: Admin): Promise<void> {
  await state.sql.deleteFrom('digest_session').where('admin', '=', admin.address).execute()
}

/** Milliseconds after which a session that nobody uses is over. */
const IDLE = 2 * 3_600_000

/** Milliseconds: a session's row is written once a minute at most. */
const SEEN_EVERY = 60_000

async function findSession(state: Database<StateTables>, hash: string) {
  const row = await state.sql
    .selectFrom('digest_session')
    .select(['admin', 'seen_at', 'expires_at'])
    .where('session_hash', '=', hash)
    .executeTakeFirst()
  return row && { admin: row.admin, seenAt: Number(row.seen_at), expiresAt: Number(row.expires_at) }
}

async function seen(state: Database<StateTables>, hash: string, now: number): Promise<void> {
  await state.sql
    .updateTable('digest_session')
    .set({ seen_at: now })
    .where('session_hash', '=', hash)
    .execute()
}
