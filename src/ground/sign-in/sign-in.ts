import type { ExpressionBuilder } from 'kysely'
import type { Logger } from 'pino'
import type { Admin } from '../../rules/reach/admins.ts'
import { recordAudit } from '../audit/record.ts'
import { CodedError } from '../errors.ts'
import type { StateTables } from '../state/state-tables.ts'
import { hashOfSecret, newSecret } from './secret.ts'
import { AHEAD, beginSession, endSession, type SessionDeps } from './sessions.ts'

export interface SignInDeps extends SessionDeps {
  readonly log: Logger
  /** Sends a sign-in link to an admin. @returns the server's refusal, if it refused */
  readonly mailLink: (mail: LinkMail) => Promise<string | undefined>
}

export interface LinkMail {
  readonly admin: Admin
  readonly token: string
  /** When it was asked for. */
  readonly at: number
  readonly remoteAddress: string
  /** BCP 47 tags in the order of preference. */
  readonly languages: readonly string[]
}

export interface LinkRequest {
  /** As a stranger typed it. */
  readonly address: string
  /** The secret that the browser keeps. */
  readonly browser: string
  readonly remoteAddress: string
  readonly languages: readonly string[]
}

/** Milliseconds that a link works. */
export const LINK_LIFETIME = 15 * 60_000

/** Milliseconds that a browser is known to be an admin's after it was signed in with. */
export const KNOWN_FOR = 180 * 86_400_000

/**
 * Mails a link to whoever is an admin, and does nothing for others. Whoever asked must not be able to tell the two
 * apart: answer first, and let this be done afterwards.
 */
export async function askForLink(deps: SignInDeps, request: LinkRequest): Promise<void> {
  const admin = deps.admins.find(request.address)
  if (!admin) {
    deps.log.info(
      { remoteAddress: request.remoteAddress },
      'a sign-in link was asked for, for nobody who is an admin',
    )
    return
  }
  const now = deps.clock()
  if (await isTooMany(deps, admin, request.browser, now)) return recordTooMany(deps, admin, request, now)
  const token = newSecret()
  await addLink(deps, { admin, token, browser: request.browser, now })
  const refusal = await mail(deps, { ...request, admin, token, at: now })
  await record(deps, admin, request, refusal === undefined ? 'sent' : 'SMTP_UNREACHABLE', refusal)
}

/** Looks at a link without using it up: mail scanners do that too. @throws CodedError SIGN_IN_FAILED */
export async function openLink(deps: SignInDeps, token: string, browser: string): Promise<void> {
  const row = await deps.state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where('token_hash', '=', hashOfSecret(token))
    .where('browser_hash', '=', hashOfSecret(browser))
    .where('used_at', 'is', null)
    .where(isAlive(deps.clock()))
    .executeTakeFirst()
  if (!row || !deps.admins.find(row.admin)) throw failed()
}

/**
 * Uses a link up and begins a session under a fresh id; the one that this browser had ends.
 * @returns the session's id
 * @throws CodedError SIGN_IN_FAILED
 */
export async function signIn(
  deps: SignInDeps,
  token: string,
  browser: string,
  { session, remoteAddress }: { readonly session: string | undefined; readonly remoteAddress: string },
): Promise<string> {
  if (!(await useUp(deps, token, browser))) throw failed()
  const admin = await adminOfLink(deps, token)
  if (!admin) throw failed()
  if (session !== undefined) await endSession(deps, session)
  const id = await beginSession(deps, admin)
  await recordAudit(
    deps.state,
    { actor: actorOf(admin, remoteAddress), action: 'sign-in', outcome: 'done' },
    deps.clock(),
  )
  return id
}

/** Links that nobody has used yet open nothing any more. */
export async function endLinksOf({ state }: Pick<SignInDeps, 'state'>, admin: Admin): Promise<void> {
  await state.sql
    .deleteFrom('digest_sign_in')
    .where('admin', '=', admin.address)
    .where('used_at', 'is', null)
    .execute()
}

const isAlive = (now: number) => (row: ExpressionBuilder<StateTables, 'digest_sign_in'>) =>
  row.and([row('expires_at', '>', now), row('expires_at', '<=', now + LINK_LIFETIME + AHEAD)])

export const actorOf = (admin: Admin, remoteAddress: string | null) =>
  ({ kind: 'admin', name: admin.address, remoteAddress }) as const

const failed = () =>
  new CodedError(
    'SIGN_IN_FAILED',
    'This sign-in link was used, is older than 15 minutes, or was asked for in another browser. Ask for a new one.',
  )

/**
 * Links of one admin that wait to be used. Whoever knows the address may ask for links, so the last places are kept
 * for browsers in which this admin has signed in before: strangers cannot keep an admin out of these.
 */
const MOST_LINKS = { ofBrowser: 3, beforeStrangers: 7, ofAll: 10 } as const

async function isTooMany(deps: SignInDeps, admin: Admin, browser: string, now: number): Promise<boolean> {
  const hash = hashOfSecret(browser)
  const open = await openLinks(deps, admin, now)
  if (open.length >= MOST_LINKS.ofAll) return true
  if (open.filter(of => of === hash).length >= MOST_LINKS.ofBrowser) return true
  return open.length >= MOST_LINKS.beforeStrangers && !(await isKnown(deps, admin, hash, now))
}

/** @returns for each link, the hash of the browser that has asked for it */
async function openLinks({ state }: SignInDeps, admin: Admin, now: number): Promise<string[]> {
  const rows = await state.sql
    .selectFrom('digest_sign_in')
    .select('browser_hash')
    .where('admin', '=', admin.address)
    .where('created_at', '>', now - LINK_LIFETIME)
    .where('created_at', '<=', now + AHEAD)
    .where('used_at', 'is', null)
    .limit(MOST_LINKS.ofAll)
    .execute()
  return rows.map(row => row.browser_hash)
}

async function isKnown({ state }: SignInDeps, admin: Admin, hash: string, now: number): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where('admin', '=', admin.address)
    .where('created_at', '>', now - KNOWN_FOR)
    .where('browser_hash', '=', hash)
    .where('used_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Once a minute: strangers could fill the table. */
async function recordTooMany(
  deps: SignInDeps,
  admin: Admin,
  request: LinkRequest,
  now: number,
): Promise<void> {
  const told = await deps.state.sql
    .selectFrom('digest_audit')
    .select('audit_id')
    .where('at', '>', now - MINUTE)
    .where('action', '=', 'sign-in-ask')
    .where('outcome', '=', 'too-many')
    .where('actor', '=', admin.address)
    .limit(1)
    .executeTakeFirst()
  if (!told) await record(deps, admin, request, 'too-many')
}

/** Milliseconds. */
const MINUTE = 60_000

/** A link that could not be mailed takes no place. */
async function mail(deps: SignInDeps, link: LinkMail): Promise<string | undefined> {
  let sent = false
  try {
    const refusal = await deps.mailLink(link)
    sent = refusal === undefined
    return refusal
  } finally {
    if (!sent) await removeLink(deps, link.token)
  }
}

async function removeLink({ state }: SignInDeps, token: string): Promise<void> {
  await state.sql.deleteFrom('digest_sign_in').where('token_hash', '=', hashOfSecret(token)).execute()
}

async function addLink(
  { state }: SignInDeps,
  { admin, token, browser, now }: { admin: Admin; token: string; browser: string; now: number },
): Promise<void> {
  await state.sql
    .insertInto('digest_sign_in')
    .values({
      token_hash: hashOfSecret(token),
      admin: admin.address,
      browser_hash: hashOfSecret(browser),
      created_at: now,
      expires_at: now + LINK_LIFETIME,
      used_at: null,
    })
    .execute()
}

/** One statement: of two clicks at once, one is the first. The row stays, so that the browser is known. */
async function useUp({ state, clock }: SignInDeps, token: string, browser: string): Promise<boolean> {
  const now = clock()
  const used = await state.sql
    .updateTable('digest_sign_in')
    .set({ used_at: now, expires_at: now + KNOWN_FOR })
    .where('token_hash', '=', hashOfSecret(token))
    .where('browser_hash', '=', hashOfSecret(browser))
    .where('used_at', 'is', null)
    .where(isAlive(now))
    .executeTakeFirst()
  return used.numUpdatedRows === 1n
}

async function adminOfLink({ state, admins }: SignInDeps, token: string): Promise<Admin | undefined> {
  const row = await state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where('token_hash', '=', hashOfSecret(token))
    .executeTakeFirst()
  return row && admins.find(row.admin)
}

async function record(
  { state, clock }: SignInDeps,
  admin: Admin,
  { remoteAddress }: LinkRequest,
  outcome: string,
  detail?: string,
): Promise<void> {
  const actor = actorOf(admin, remoteAddress)
  await recordAudit(
    state,
    { actor, action: 'sign-in-ask', outcome, ...(detail === undefined ? {} : { detail }) },
    clock(),
  )
}
