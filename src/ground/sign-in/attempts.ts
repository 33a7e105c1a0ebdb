import { createHash } from 'node:crypto'
import type { Database } from '../database/database.ts'
import { readerAddress } from '../directory/reader-address.ts'
import { MINUTE } from '../durations.ts'
import { networkOf } from '../network/network.ts'
import { newId } from '../state/id.ts'
import { inTurn } from '../state/in-turn.ts'
import type { SignInKind, StateTables } from '../state/state-tables.ts'
import {
  type Attempter,
  type FailedAttempt,
  KNOWN_FOR,
  mayNotTry,
  NETWORK_SPAN,
  REMEMBERED_FAILURES,
} from './attempt-limits.ts'
import { hashOfSecret } from './secret.ts'
import { CLOCK_TOLERANCE } from './sessions.ts'

export interface AttemptDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

export interface AttemptRequest {
  readonly kind: SignInKind
  /** As somebody typed it. */
  readonly name: string
  /** The secret that the browser keeps. */
  readonly browser: string
  readonly remoteAddress: string
}

/** An attempt that the limits allow. */
export interface OpenAttempt {
  readonly id: string
  /** Whether the person has signed in there before. */
  readonly isKnown: boolean
}

/**
 * Counts an attempt, before the server is asked: so that of many at once, in any number of processes, no more are made
 * than are allowed.
 *
 * @returns undefined if it is one too many
 */
export async function beginAttempt(
  { state, clock }: AttemptDeps,
  { kind, name, browser, remoteAddress }: AttemptRequest,
): Promise<OpenAttempt | undefined> {
  const now = clock()
  const who = {
    nameHash: hashOfName(name),
    browserHash: hashOfSecret(kind, browser),
    network: networkOf(remoteAddress),
  }
  const isKnownByLink = await hasUsedLink({ state }, kind, name, who.browserHash, now)
  return inTurn(state, 'signing-in', async sql => {
    const attempter = await whoAsks(sql, who, isKnownByLink, now)
    if (mayNotTry(await counted(sql, attempter, now), attempter, now)) return undefined
    const id = newId(now)
    await sql
      .insertInto('digest_attempt')
      .values({
        attempt_id: id,
        name_hash: who.nameHash,
        browser_hash: who.browserHash,
        network: who.network,
        at: now,
        expires_at: now + REMEMBERED_FAILURES,
        outcome: 'asked',
      })
      .execute()
    return { id, isKnown: attempter.isKnownBrowser || attempter.isKnownNetwork }
  })
}

/** Notes what the server said. An attempt about which it said nothing does not count. */
export async function endAttempt(
  { state, clock }: AttemptDeps,
  { id }: OpenAttempt,
  outcome: 'accepted' | 'refused' | 'unanswered',
): Promise<void> {
  if (outcome === 'unanswered') {
    await state.sql.deleteFrom('digest_attempt').where('attempt_id', '=', id).execute()
    return
  }
  const keptFor = outcome === 'accepted' ? KNOWN_FOR : REMEMBERED_FAILURES
  await state.sql
    .updateTable('digest_attempt')
    .set({ outcome, expires_at: clock() + keptFor })
    .where('attempt_id', '=', id)
    .execute()
}

/**
 * 32 bits, in which hardly any two names are alike. Somebody may type a password where the name belongs: this is too
 * little to find it out by trial.
 */
const hashOfName = (name: string): string =>
  createHash('sha256').update(name.trim().toLowerCase()).digest('hex').slice(0, 8)

type Sql = Pick<Database<StateTables>, 'sql'>['sql']

/** Whether somebody has signed in by a link that was mailed to this address, in this browser. */
async function hasUsedLink(
  { state }: Pick<AttemptDeps, 'state'>,
  kind: SignInKind,
  name: string,
  browserHash: string,
  now: number,
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where('kind', '=', kind)
    .where('admin', '=', readerAddress(name.trim()) ?? '')
    .where('created_at', '>', now - KNOWN_FOR)
    .where('browser_hash', '=', browserHash)
    .where('used_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

async function whoAsks(
  sql: Sql,
  who: Pick<Attempter, 'nameHash' | 'browserHash' | 'network'>,
  isKnownByLink: boolean,
  now: number,
): Promise<Attempter> {
  const rows = await sql
    .selectFrom('digest_attempt')
    .select(['browser_hash', 'network'])
    .where('name_hash', '=', who.nameHash)
    .where('at', '>', now - KNOWN_FOR)
    .where('outcome', '=', 'accepted')
    .where(row => row.or([row('browser_hash', '=', who.browserHash), row('network', '=', who.network)]))
    .limit(MOST)
    .execute()
  return {
    ...who,
    isKnownBrowser: isKnownByLink || rows.some(row => row.browser_hash === who.browserHash),
    isKnownNetwork: rows.some(row => row.network === who.network),
  }
}

async function counted(sql: Sql, who: Attempter, now: number) {
  const recent = (span: number) =>
    sql
      .selectFrom('digest_attempt')
      .where('at', '>', now - span)
      .where('at', '<=', now + CLOCK_TOLERANCE)
  const count = async (span: number, network?: string): Promise<number> => {
    const rows = await recent(span)
      .select('attempt_id')
      .where('outcome', '!=', 'accepted')
      .$if(network !== undefined, query => query.where('network', '=', network ?? ''))
      .limit(MOST)
      .execute()
    return rows.length
  }
  const rows = await recent(REMEMBERED_FAILURES)
    .select(['at', 'browser_hash', 'network', 'outcome'])
    .where('name_hash', '=', who.nameHash)
    .orderBy('at', 'desc')
    .limit(MOST)
    .execute()
  const attempts = rows.map(row => ({
    at: Number(row.at),
    nameHash: who.nameHash,
    browserHash: row.browser_hash,
    network: row.network,
    isSuccess: row.outcome === 'accepted',
  }))
  return {
    ofName: failuresSinceSuccess(attempts),
    ofNetwork: await count(NETWORK_SPAN, who.network),
    ofAll: await count(MINUTE),
  }
}

/** A success shows that the failures before it, in the same browser, were slips of the same person. @param attempts newest first */
function failuresSinceSuccess(attempts: readonly (FailedAttempt & { readonly isSuccess: boolean })[]) {
  const succeeded = new Set<string>()
  return attempts.filter(attempt => {
    if (attempt.isSuccess) succeeded.add(attempt.browserHash)
    return !attempt.isSuccess && !succeeded.has(attempt.browserHash)
  })
}

/** Rows. The limits allow fewer than 700 failures a day by one name. */
const MOST = 1000
