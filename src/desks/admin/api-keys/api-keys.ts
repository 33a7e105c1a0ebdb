import type { Kysely } from 'kysely'
import { type Actor, recordAudit } from '../../../ground/audit/record.ts'
import type { Database } from '../../../ground/database/database.ts'
import { jsonList } from '../../../ground/database/json-list.ts'
import { MAX_DOMAINS } from '../../../ground/database/limits.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import { domainName } from '../../../ground/directory/reader-address.ts'
import { MINUTE } from '../../../ground/durations.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { ApiKeyTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { given } from '../../given.ts'
import { type ApiScope, mayWith, scopesIn, scopesText } from './api-scopes.ts'
import { isKey, keyHashOf, keyIdOf, newKeyText } from './key-text.ts'

/** A bearer key of the HTTP API, without its secret. Times are milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string
  /** Names the key in the audit and in the list of keys. */
  readonly name: string
  readonly scopes: readonly ApiScope[]
  readonly reach: Reach
  readonly createdAt: number
  readonly usedAt: number | null
  readonly revokedAt: number | null
}

export interface ApiKeyDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** The keys of the HTTP API. The command line makes them; the API looks them up. */
export const apiKeys = (deps: ApiKeyDeps) => ({
  make: given(deps, makeApiKey),
  list: given(deps, listApiKeys),
  revoke: given(deps, revokeApiKey),
  find: given(deps, findApiKey),
  still: given(deps, stillApiKey),
})

export type ApiKeys = ReturnType<typeof apiKeys>

export interface ApiKeyRequest {
  readonly name: string
  /** Not empty. */
  readonly scopes: readonly ApiScope[]
  /** As entered; undefined: all. */
  readonly domains: readonly string[] | undefined
}

/**
 * Makes a key. Only the caller gets its text: what is stored is a hash.
 *
 * @throws CodedError USAGE
 */
async function makeApiKey(
  deps: ApiKeyDeps,
  actor: Actor,
  request: ApiKeyRequest,
): Promise<{ readonly key: ApiKey; readonly text: string }> {
  const { name, scopes } = request
  requireName(name)
  const reach = reachOf(request.domains)
  const now = deps.clock()
  const { id, text } = newKeyText()
  const detail = `${scopesText(scopes)}, ${reach === undefined ? 'all domains' : reach.join(' ')}`
  await inTransaction(deps.state, async sql => {
    await insertKey(sql, {
      key_id: id,
      name,
      key_hash: keyHashOf(text),
      scope: mayWith(scopes, 'write') ? 'write' : 'read',
      scopes: scopesText(scopes),
      domains: reach === undefined ? null : JSON.stringify(reach),
      created_at: now,
      used_at: null,
      revoked_at: null,
    })
    await audit(sql, now, actor, 'key-make', { id, name }, detail)
  })
  return { key: { id, name, scopes, reach, createdAt: now, usedAt: null, revokedAt: null }, text }
}

/** Newest first. */
async function listApiKeys({ state }: ApiKeyDeps): Promise<ApiKey[]> {
  const rows = await state.sql
    .selectFrom('digest_api_key')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('key_id')
    .limit(MAX_LISTED)
    .execute()
  return rows.map(keyOf)
}

/**
 * Revokes a key: from now on it is refused. A key that is already revoked stays as it is.
 *
 * @throws CodedError API_KEY_UNKNOWN
 */
async function revokeApiKey(deps: ApiKeyDeps, actor: Actor, id: string): Promise<ApiKey> {
  const now = deps.clock()
  const row = await findRow(deps.state, id)
  if (!row) {
    throw new CodedError(
      'API_KEY_UNKNOWN',
      `There is no API key ${JSON.stringify(id)}; nothing was done. "amavis-digest keys api list" shows their ids.`,
    )
  }
  if (row.revoked_at !== null) return keyOf(row)
  await inTransaction(deps.state, async sql => {
    await markRevoked(sql, id, now)
    await audit(sql, now, actor, 'key-revoke', { id, name: row.name })
  })
  return { ...keyOf(row), revokedAt: now }
}

/** The key with this text; undefined when there is none, or it is revoked. */
async function findApiKey({ state, clock }: ApiKeyDeps, text: string): Promise<ApiKey | undefined> {
  const id = keyIdOf(text)
  if (id === undefined) return undefined
  const row = await findRow(state, id)
  if (!row || !isKey(text, row.key_hash) || row.revoked_at !== null) return undefined
  const key = keyOf(row)
  const now = clock()
  if (key.usedAt === null || now - key.usedAt >= USED_EVERY) await recordUse(state, id, now)
  return key
}

/** The key with this id, for what somebody has begun with it; undefined once it is revoked. */
async function stillApiKey({ state }: ApiKeyDeps, id: string): Promise<ApiKey | undefined> {
  const row = await findRow(state, id)
  return row && row.revoked_at === null ? keyOf(row) : undefined
}

/** Far more keys than anybody makes. */
const MAX_LISTED = 1000

/** Limits the writes that a busy key costs. */
const USED_EVERY = MINUTE

function requireName(name: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,63}$/u.test(name)) return
  throw new CodedError(
    'USAGE',
    `A key's name is 1 to 64 letters, digits, dots, dashes, underscores and blanks; found ${JSON.stringify(name)}.`,
  )
}

function reachOf(domains: readonly string[] | undefined): Reach {
  if (domains === undefined || domains.length === 0) return undefined
  const reach = [...new Set(domains.map(requireDomain))]
  if (reach.length <= MAX_DOMAINS) return reach
  throw new CodedError(
    'USAGE',
    `A key is for ${MAX_DOMAINS} domains at most, or for all; found ${reach.length}.`,
  )
}

function requireDomain(text: string): string {
  const domain = domainName(text)
  if (domain !== undefined) return domain
  throw new CodedError(
    'USAGE',
    `Expected a domain such as example.com (a subdomain is one of its own); found ${JSON.stringify(text)}.`,
  )
}

async function insertKey(sql: Kysely<StateTables>, row: ApiKeyTable): Promise<void> {
  await sql.insertInto('digest_api_key').values(row).execute()
}

async function markRevoked(sql: Kysely<StateTables>, id: string, now: number): Promise<void> {
  await sql
    .updateTable('digest_api_key')
    .set({ revoked_at: now })
    .where('key_id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}

async function findRow(state: Database<StateTables>, id: string): Promise<ApiKeyTable | undefined> {
  return state.sql.selectFrom('digest_api_key').selectAll().where('key_id', '=', id).executeTakeFirst()
}

/** Ignores failures: reading has to work on a read-only database, and if the database is away, later queries say so. */
async function recordUse(state: Database<StateTables>, id: string, now: number): Promise<void> {
  try {
    await state.sql.updateTable('digest_api_key').set({ used_at: now }).where('key_id', '=', id).execute()
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
  }
}

const keyOf = (row: ApiKeyTable): ApiKey => ({
  id: row.key_id,
  name: row.name,
  scopes: scopesIn(row.scopes ?? row.scope),
  // A key whose domains cannot be read reaches nothing, rather than everything.
  reach: row.domains === null ? undefined : (jsonList(row.domains) ?? []),
  createdAt: Number(row.created_at),
  usedAt: row.used_at === null ? null : Number(row.used_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
})

async function audit(
  sql: Kysely<StateTables>,
  now: number,
  actor: Actor,
  action: 'key-make' | 'key-revoke',
  key: Pick<ApiKey, 'id' | 'name'>,
  details?: string,
): Promise<void> {
  const detail = `API key ${key.name} (${key.id})${details === undefined ? '' : `: ${details}`}`
  const outcome = action === 'key-make' ? 'made' : 'revoked'
  await recordAudit({ sql }, { actor, action, outcome, detail }, now)
}
