import type { ExpressionBuilder } from 'kysely'
import type { Database } from '../database/database.ts'
import { MINUTE } from '../durations.ts'
import type { SignInKind, StateTables } from '../state/state-tables.ts'
import type { SignInLimits } from './limits.ts'
import type { People, SignedIn } from './people.ts'
import { hashOfSecret, newSecret } from './secret.ts'

export interface SessionDeps<Person extends SignedIn = SignedIn> {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly people: People<Person>
  readonly limits: SignInLimits
}

/**
 * Milliseconds that another machine's clock may be ahead of ours. A time that is further in the future was written
 * while a clock was wrong. A row with such a time does not count: otherwise it would count until then.
 */
export const CLOCK_TOLERANCE = 5 * MINUTE

/** Begins a session. @returns its id, which only the browser keeps */
export async function beginSession(
  { state, clock, limits }: Omit<SessionDeps, 'people'>,
  person: SignedIn,
): Promise<string> {
  const id = newSecret()
  const now = clock()
  await state.sql
    .insertInto('digest_session')
    .values({
      session_hash: hashOfSecret(person.kind, id),
      kind: person.kind,
      admin: person.address,
      created_at: now,
      seen_at: now,
      expires_at: now + limits.sessionLifetime,
    })
    .execute()
  return id
}

/**
 * Finds out whose session it is.
 *
 * The session of a person who may no longer sign in is deleted, so it stays over even if that person may sign in again.
 *
 * @returns undefined when the session is over, or when there is none of this kind
 */
export async function personOfSession<Person extends SignedIn>(
  deps: SessionDeps<Person>,
  id: string,
): Promise<Person | undefined> {
  const now = deps.clock()
  const session = await findSession(deps, id)
  if (!session || session.expiresAt <= now || session.seenAt + deps.limits.idle <= now) return undefined
  if (session.seenAt > now + CLOCK_TOLERANCE) return undefined
  const person = await deps.people.still(session.address)
  if (!person) await endSession(deps, id)
  else if (session.seenAt + RECORD_EVERY <= now) await recordUse(deps, id, now)
  return person
}

export async function endSession(
  { state, people }: Pick<SessionDeps, 'state' | 'people'>,
  id: string,
): Promise<void> {
  await state.sql.deleteFrom('digest_session').where(isSession(people.kind, id)).execute()
}

/** Ends the sessions of one person on all devices. */
export async function endSessionsOf({ state }: Pick<SessionDeps, 'state'>, person: SignedIn): Promise<void> {
  await state.sql
    .deleteFrom('digest_session')
    .where('kind', '=', person.kind)
    .where('admin', '=', person.address)
    .execute()
}

/** The use of a session is written to its row once a minute at most. */
const RECORD_EVERY = MINUTE

async function findSession({ state, people }: SessionDeps, id: string) {
  const row = await state.sql
    .selectFrom('digest_session')
    .select(['admin', 'seen_at', 'expires_at'])
    .where(isSession(people.kind, id))
    .executeTakeFirst()
  return row && { address: row.admin, seenAt: Number(row.seen_at), expiresAt: Number(row.expires_at) }
}

async function recordUse({ state, people }: SessionDeps, id: string, now: number): Promise<void> {
  await state.sql
    .updateTable('digest_session')
    .set({ seen_at: now })
    .where(isSession(people.kind, id))
    .execute()
}

const isSession = (kind: SignInKind, id: string) => (row: ExpressionBuilder<StateTables, 'digest_session'>) =>
  row.and({ session_hash: hashOfSecret(kind, id), kind })
