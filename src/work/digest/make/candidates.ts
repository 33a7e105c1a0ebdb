import type { Kysely } from 'kysely'
import { findHeldMail, type HeldMail, heldMailKeyOf } from '../../../ground/amavis/held-mail.ts'
import { keptUntil, type Retention } from '../../../ground/amavis/retention.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { offerToReader } from '../../../rules/policy/offer.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { type Item, itemOf } from '../../collect/items.ts'

/** An item with what amavis says about its message now; `mail` is undefined when amavis no longer knows it. */
export interface Candidate {
  readonly item: Item
  readonly mail: HeldMail | undefined
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

/** Reads the messages of items again by their keys, many in one statement. */
export async function withMail(storage: Kysely<AmavisTables>, items: readonly Item[]): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const chunk of chunks(items)) {
    const mails = await findHeldMail(storage, chunk)
    candidates.push(...chunk.map(item => ({ item, mail: mails.get(heldMailKeyOf(item)) })))
  }
  return candidates
}

/** Whether a digest lists this message. */
export function isListable({ item, mail }: Candidate, rules: ListingRules, now: number): boolean {
  return keptUntil(rules.retention, item) > now && isOffered(mail, rules)
}

const isOffered = (mail: HeldMail | undefined, { policies }: ListingRules): boolean =>
  mail !== undefined && offerToReader(mail, policies) !== 'none'

/** Whether another program is about to release the message. If it does not, the next digest lists it. */
export const isUndecided = ({ mail }: Candidate): boolean => mail?.state === 'pending'

/**
 * Whether no digest will ever list the message, and no mail promises it: it was released, has left the quarantine, or may
 * no longer be released.
 */
export const isOver = (candidate: Candidate, rules: ListingRules, now: number): boolean =>
  !isListable(candidate, rules, now) && !isUndecided(candidate) && !isPromised(candidate, rules, now)

/** The retention was made shorter while a link is out that works for longer. It leads to the item. */
const isPromised = ({ item, mail }: Candidate, rules: ListingRules, now: number): boolean =>
  (item.promisedUntil ?? 0) > now && isOffered(mail, rules)
