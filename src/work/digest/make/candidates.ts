import type { Kysely } from 'kysely'
import {
  findHeldMail,
  findJudgedMail,
  type HeldMail,
  heldMailKeyOf,
  type JudgedMail,
} from '../../../ground/amavis/held-mail.ts'
import { keptUntil, type Retention } from '../../../ground/amavis/retention.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import { lastRequestStates } from '../../../ground/state/last-requests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { type Item, itemOf } from '../../collect/items.ts'

/** An item with what amavis says about its message now; `mail` is undefined when amavis no longer knows it. */
export interface Candidate<Mail extends JudgedMail = HeldMail> {
  readonly item: Item
  readonly mail: Mail | undefined
  /** Where an admin has to be asked for it: what has become of that. Undefined: it may be asked for. */
  readonly asked?: 'undecided' | 'refused' | undefined
}

/** What decides whether a message is listed. */
export interface ListingRules {
  readonly policies: Policies
  readonly retention: Retention
}

/** The items of these readers that are not in a digest yet. */
export async function pendingItems(
  state: Database<StateTables>,
  readers: readonly string[],
): Promise<Item[]> {
  if (readers.length === 0) return []
  const rows = await waitingItems(state).selectAll().where('reader', 'in', readers).execute()
  return rows.map(itemOf)
}

/**
 * So many items are read, locked or claimed by one statement. SQLite takes 32,766 values, and an item is up to three of
 * them.
 */
export const MOST_ITEMS = 10_000

/** A candidate without what is only shown of its message. */
export type JudgedCandidate = Candidate<JudgedMail>

/** Reads the messages of items again by their keys, many in one statement. */
export const withMail = (storage: Kysely<AmavisTables>, items: readonly Item[]): Promise<Candidate[]> =>
  readAgain(items, chunk => findHeldMail(storage, chunk))

/** As `withMail`, with only what decides whether, and where, a digest lists a message. */
export const withJudgedMail = (
  storage: Kysely<AmavisTables>,
  items: readonly Item[],
): Promise<JudgedCandidate[]> => readAgain(items, chunk => findJudgedMail(storage, chunk))

async function readAgain<Mail extends JudgedMail>(
  items: readonly Item[],
  find: (items: readonly Item[]) => Promise<ReadonlyMap<string, Mail>>,
): Promise<Candidate<Mail>[]> {
  const candidates: Candidate<Mail>[] = []
  for (const chunk of chunks(items, MOST_ITEMS)) {
    const mails = await find(chunk)
    for (const item of chunk) candidates.push({ item, mail: mails.get(heldMailKeyOf(item)) })
  }
  return candidates
}

type CandidateDeps = RequestDeps & { readonly storage: Kysely<AmavisTables> }

/** As `withMail`, with what has become of the requests for messages that an admin has to be asked for. */
export const candidatesFor = async (deps: CandidateDeps, items: readonly Item[]): Promise<Candidate[]> =>
  withRequests(deps, await withMail(deps.storage, items))

/** As `candidatesFor`, to decide which of these items a digest lists, not to show them. */
export const judgedCandidates = async (
  deps: CandidateDeps,
  items: readonly Item[],
): Promise<JudgedCandidate[]> => withRequests(deps, await withJudgedMail(deps.storage, items))

async function withRequests<Mail extends JudgedMail>(
  deps: RequestDeps,
  candidates: Candidate<Mail>[],
): Promise<Candidate<Mail>[]> {
  const standings = await standingsOfRequests(deps, candidates)
  if (standings.size === 0) return candidates
  return candidates.map(candidate => ({ ...candidate, asked: standings.get(candidate.item.heldId) }))
}

/** The `heldId` of those of these messages that an admin has refused to their readers. */
export async function refusedAmong(
  deps: RequestDeps,
  candidates: readonly JudgedCandidate[],
): Promise<ReadonlySet<string>> {
  const standings = await standingsOfRequests(deps, candidates)
  return new Set([...standings].flatMap(([heldId, asked]) => (asked === 'refused' ? [heldId] : [])))
}

export interface RequestDeps {
  readonly state: Database<StateTables>
  readonly policies: Policies
}

/** By `heldId`. Where no policy is `request`, nothing is looked up. */
async function standingsOfRequests(
  { state, policies }: RequestDeps,
  candidates: readonly JudgedCandidate[],
): Promise<ReadonlyMap<string, 'undecided' | 'refused'>> {
  const askable = candidates.filter(({ mail }) => mail && offerToReader(mail, policies) === 'request')
  const states = await lastRequestStates(
    state,
    askable.map(({ item }) => item.heldId),
  )
  return new Map(
    [...states].flatMap(([heldId, requestState]) => {
      const asked = STANDINGS[requestState]
      return asked ? [[heldId, asked] as const] : []
    }),
  )
}

/** `msgrcpt.rs` may not say p yet. A request that has ended otherwise leaves the message to be asked for. */
const STANDINGS: Readonly<Record<string, 'undecided' | 'refused' | undefined>> = {
  waiting: 'undecided',
  refused: 'refused',
}

/** Whether a digest lists this message. */
export function isListable(candidate: JudgedCandidate, rules: ListingRules, now: number): boolean {
  return keptUntil(rules.retention, candidate.item) > now && isOffered(candidate, rules)
}

const isOffered = ({ mail, asked }: JudgedCandidate, { policies }: ListingRules): boolean =>
  mail !== undefined && asked === undefined && offerToReader(mail, policies) !== 'none'

/** Whether an admin is about to decide on the message. If nobody does, the next digest lists it. */
export const isUndecided = ({ mail, asked }: JudgedCandidate): boolean =>
  mail?.state === 'pending' || asked === 'undecided'

/**
 * Whether no digest will ever list the message, and no mail promises it: it was released or refused, has left the
 * quarantine, or may no longer be released.
 */
export const isOver = (candidate: JudgedCandidate, rules: ListingRules, now: number): boolean =>
  !isListable(candidate, rules, now) && !isUndecided(candidate) && !isPromised(candidate, rules, now)

/** The retention was made shorter while a link is out that works for longer. It leads to the item. */
const isPromised = (candidate: JudgedCandidate, rules: ListingRules, now: number): boolean =>
  (candidate.item.promisedUntil ?? 0) > now && isOffered(candidate, rules)
