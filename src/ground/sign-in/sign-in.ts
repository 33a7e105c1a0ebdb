import type { ExpressionBuilder } from 'kysely'
import type { Logger } from 'pino'
import { type Actor, recordAudit } from '../audit/record.ts'
import type { Refusals } from '../audit/refusals.ts'
import { inTransaction } from '../database/transaction.ts'
import { MINUTE } from '../durations.ts'
import { CodedError } from '../errors.ts'
import { networkOf } from '../network/network.ts'
import type { StateTables } from '../state/state-tables.ts'
import { isTooMany, type SignInLimits } from './limits.ts'
import { ANY_BROWSER, mailedLinks } from './mailed-links.ts'
import type { MethodKind } from './methods.ts'
import type { SignedIn } from './people.ts'
import { hashOfSecret, newSecret } from './secret.ts'
import { beginSession, CLOCK_TOLERANCE, endSession, type SessionDeps } from './sessions.ts'

export interface SignInDeps<Person extends SignedIn = SignedIn> extends SessionDeps<Person> {
  readonly log: Logger
  readonly refusals: Pick<Refusals, 'add' | 'log'>
  /** Sends a sign-in link. @returns the server's refusal, if it refused */
  readonly mailLink: (mail: LinkMail) => Promise<string | undefined>
}

export interface LinkMail {
  readonly person: SignedIn
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

/**
 * Mails a link if the address belongs to a person who may sign in, and does nothing otherwise. Strangers must not be
 * able to tell the two cases apart: answer the request first, and call this afterwards.
 */
export async function askForLink(deps: SignInDeps, request: LinkRequest): Promise<void> {
  const person = await deps.people.find(request.address)
  if (!person) return deps.refusals.add(refusalOf(deps, request, 'nobody-found'))
  const now = deps.clock()
  if (await mayNotHaveMore(deps, person, request, now)) {
    deps.refusals.log(refusalOf(deps, request, 'too-many'))
    return recordTooMany(deps, person, request, now)
  }
  const token = newSecret()
  const browserHash = hashOfSecret(person.kind, request.browser)
  await addLink(deps, { person, token, browserHash, network: networkOf(request.remoteAddress), now })
  const refusal = await mail(deps, { ...request, person, token, at: now })
  await record(deps, person, request, refusal === undefined ? 'sent' : 'SMTP_UNREACHABLE', refusal)
}

/** A sign-in link that works in any browser. */
export interface PrintedLink {
  readonly person: SignedIn
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * Makes a link for a person whom no mail reaches, or whom strangers keep from getting one. It works once, in any
 * browser, and counts towards no limit.
 *
 * @returns undefined for an address with which nobody may sign in
 */
export async function printLink(
  deps: Omit<SignInDeps, 'log' | 'refusals' | 'mailLink'>,
  by: Actor,
  address: string,
): Promise<PrintedLink | undefined> {
  const person = await deps.people.find(address)
  if (!person) return undefined
  const now = deps.clock()
  const token = newSecret()
  await inTransaction(deps.state, async sql => {
    const state = { ...deps.state, sql }
    await addLink({ ...deps, state }, { person, token, browserHash: ANY_BROWSER, network: null, now })
    const entry = { actor: by, action: 'sign-in-ask', recipient: person.address, outcome: 'printed' } as const
    await recordAudit(state, entry, now)
  })
  return { person, token, expiresAt: now + deps.limits.linkLifetime }
}

/** Checks a link without using it up, because mail scanners open links too. @throws CodedError SIGN_IN_FAILED */
export async function openLink(deps: SignInDeps, token: string, browser: string): Promise<void> {
  const row = await deps.state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where(isUsableLink(deps, token, browser, deps.clock()))
    .executeTakeFirst()
  if (!row || !(await deps.people.still(row.admin))) throw failed(deps.limits)
}

/**
 * Uses up a link and begins a session with a new id. The previous session of this browser ends.
 *
 * @returns the session's id
 * @throws CodedError SIGN_IN_FAILED
 */
export async function signIn(
  deps: SignInDeps,
  token: string,
  browser: string,
  { session, remoteAddress }: { readonly session: string | undefined; readonly remoteAddress: string },
): Promise<string> {
  if (!(await useUp(deps, token, browser))) throw failed(deps.limits)
  const person = await personOfLink(deps, token)
  if (!person) throw failed(deps.limits)
  if (session !== undefined) await endSession(deps, session)
  const id = await beginSession(deps, person)
  await recordAudit(
    deps.state,
    { actor: actorOf(person, remoteAddress), action: 'sign-in', outcome: 'done' },
    deps.clock(),
  )
  return id
}

/**
 * Begins a session of a person whom a server has vouched for. The previous session of this browser ends.
 *
 * @returns the session's id
 */
export async function signInBy(
  deps: SessionDeps,
  person: SignedIn,
  method: MethodKind,
  { session, remoteAddress }: Parameters<typeof signIn>[3],
): Promise<string> {
  if (session !== undefined) await endSession(deps, session)
  const id = await beginSession(deps, person)
  await recordAudit(
    deps.state,
    { actor: actorOf(person, remoteAddress), action: 'sign-in', outcome: 'done', detail: method },
    deps.clock(),
  )
  return id
}

/** Ends the links of one person that nobody has used yet. The rows stay: the limits count them. */
export async function endLinksOf(
  { state, clock }: Pick<SignInDeps, 'state' | 'clock'>,
  person: SignedIn,
): Promise<void> {
  const now = clock()
  await state.sql
    .updateTable('digest_sign_in')
    .set({ expires_at: now })
    .where(isLinkOf(person))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .execute()
}

export const actorOf = (person: SignedIn, remoteAddress: string | null) =>
  ({ kind: person.kind, name: person.address, remoteAddress }) as const

type LinkRow = ExpressionBuilder<StateTables, 'digest_sign_in'>

/** An unused, unexpired link of this kind that was asked for in this browser. */
const isUsableLink =
  ({ people: { kind }, limits }: SignInDeps, token: string, browser: string, now: number) =>
  (row: LinkRow) =>
    row.and([
      row('token_hash', '=', hashOfSecret(kind, token)),
      row('kind', '=', kind),
      row('browser_hash', 'in', [hashOfSecret(kind, browser), ANY_BROWSER]),
      row('used_at', 'is', null),
      row('expires_at', '>', now),
      row('expires_at', '<=', now + limits.linkLifetime + CLOCK_TOLERANCE),
    ])

const isLinkOf =
  ({ kind, address }: SignedIn) =>
  (row: LinkRow) =>
    row.and({ kind, admin: address })

const failed = ({ linkLifetime }: SignInLimits) =>
  new CodedError(
    'SIGN_IN_FAILED',
    `This sign-in link was already used, is older than ${linkLifetime / MINUTE} minutes, or was asked for in another browser. Ask for a new one.`,
  )

const refusalOf = (
  { people }: SignInDeps,
  { remoteAddress }: Pick<LinkRequest, 'remoteAddress'>,
  outcome: string,
) => ({ what: 'sign-in-link', kind: people.kind, outcome, remoteAddress }) as const

async function mayNotHaveMore(
  deps: SignInDeps,
  person: SignedIn,
  { browser, remoteAddress }: LinkRequest,
  now: number,
): Promise<boolean> {
  const browserHash = hashOfSecret(person.kind, browser)
  const links = await mailedLinks(deps.state, person, now)
  const isKnownNow = await isKnown(deps, person, browserHash, now)
  const asker = { browserHash, network: networkOf(remoteAddress), isKnown: isKnownNow }
  return isTooMany(deps.limits, links, asker, now)
}

async function isKnown(
  { state, limits }: SignInDeps,
  person: SignedIn,
  hash: string,
  now: number,
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where(isLinkOf(person))
    .where('created_at', '>', now - limits.knownFor)
    .where('browser_hash', '=', hash)
    .where('used_at', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Records it once a minute at most: otherwise strangers could fill the table. */
async function recordTooMany(
  deps: SignInDeps,
  person: SignedIn,
  request: LinkRequest,
  now: number,
): Promise<void> {
  const recorded = await deps.state.sql
    .selectFrom('digest_audit')
    .select('audit_id')
    .where('at', '>', now - MINUTE)
    .where('action', '=', 'sign-in-ask')
    .where('outcome', '=', 'too-many')
    .where('actor_kind', '=', person.kind)
    .where('actor', '=', person.address)
    .limit(1)
    .executeTakeFirst()
  if (!recorded) await record(deps, person, request, 'too-many')
}

/** Mails a link, and removes it if that fails: it must not count as one of the person's links. */
async function mail(deps: SignInDeps, link: LinkMail): Promise<string | undefined> {
  let sent = false
  try {
    const refusal = await deps.mailLink(link)
    sent = refusal === undefined
    return refusal
  } finally {
    if (!sent) await removeLink(deps, link)
  }
}

async function removeLink({ state }: SignInDeps, { person, token }: LinkMail): Promise<void> {
  await state.sql
    .deleteFrom('digest_sign_in')
    .where('token_hash', '=', hashOfSecret(person.kind, token))
    .where('kind', '=', person.kind)
    .execute()
}

async function addLink(
  { state, limits }: Pick<SignInDeps, 'state' | 'limits'>,
  link: {
    readonly person: SignedIn
    readonly token: string
    readonly browserHash: string
    readonly network: string | null
    readonly now: number
  },
): Promise<void> {
  const { person, token, browserHash, network, now } = link
  await state.sql
    .insertInto('digest_sign_in')
    .values({
      token_hash: hashOfSecret(person.kind, token),
      kind: person.kind,
      admin: person.address,
      browser_hash: browserHash,
      network,
      created_at: now,
      expires_at: now + limits.linkLifetime,
      used_at: null,
    })
    .execute()
}

/**
 * In one statement, so that only one of two simultaneous clicks succeeds. The row stays and marks the browser as known.
 */
async function useUp(deps: SignInDeps, token: string, browser: string): Promise<boolean> {
  const now = deps.clock()
  const used = await deps.state.sql
    .updateTable('digest_sign_in')
    .set({
      used_at: now,
      expires_at: now + deps.limits.knownFor,
      browser_hash: hashOfSecret(deps.people.kind, browser),
    })
    .where(isUsableLink(deps, token, browser, now))
    .executeTakeFirst()
  return used.numUpdatedRows === 1n
}

async function personOfLink({ state, people }: SignInDeps, token: string): Promise<SignedIn | undefined> {
  const row = await state.sql
    .selectFrom('digest_sign_in')
    .select('admin')
    .where('token_hash', '=', hashOfSecret(people.kind, token))
    .where('kind', '=', people.kind)
    .executeTakeFirst()
  return row && people.still(row.admin)
}

async function record(
  { state, clock }: SignInDeps,
  person: SignedIn,
  { remoteAddress }: LinkRequest,
  outcome: string,
  detail?: string,
): Promise<void> {
  const actor = actorOf(person, remoteAddress)
  await recordAudit(
    state,
    { actor, action: 'sign-in-ask', outcome, ...(detail === undefined ? {} : { detail }) },
    clock(),
  )
}
