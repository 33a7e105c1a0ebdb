import type { Database } from '../../../ground/database/database.ts'
import { isFree } from '../../../ground/state/leases.ts'
import { digestsDueBy } from '../../../ground/state/pending-digests.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** Selects digests that are due by some time, for all readers or some. */
export interface DueDigests {
  /** Milliseconds since the epoch. */
  readonly dueAt: number
  /** Only the digests of these readers, at least one. */
  readonly readers?: readonly string[] | undefined
  /** Only digests, and no copies of them. */
  readonly withoutCopies?: boolean | undefined
}

/** The ids of digests that are due and not leased, or whose lease has run out; first those due the longest. */
export async function freeDigests(
  state: Database<StateTables>,
  due: DueDigests,
  now: number,
  limit: number,
): Promise<string[]> {
  const rows = await dueRows(state, due)
    .select('digest_id')
    .where(isFree(now))
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
  return rows.map(row => row.digest_id)
}

/** How many digests and copies are due, leased or not. */
export async function countDue(state: Database<StateTables>, due: DueDigests): Promise<number> {
  const row = await dueRows(state, due)
    .select(count => count.fn.countAll().as('digests'))
    .executeTakeFirstOrThrow()
  return Number(row.digests)
}

/** A digest that another process has leased. */
export interface DigestElsewhere {
  readonly digestId: string
  readonly owner: string
  readonly until: number
}

/** The due digests that other processes have leased, including processes that have died. */
export async function digestsElsewhere(
  state: Database<StateTables>,
  due: DueDigests,
  owner: string,
): Promise<DigestElsewhere[]> {
  const rows = await dueRows(state, due)
    .select(['digest_id', 'lease_owner', 'lease_until'])
    .where('lease_owner', 'is not', null)
    .where('lease_owner', '!=', owner)
    .execute()
  return rows.map(row => ({
    digestId: row.digest_id,
    owner: row.lease_owner ?? '',
    until: Number(row.lease_until),
  }))
}

const dueRows = (state: Database<StateTables>, { dueAt, readers, withoutCopies = false }: DueDigests) =>
  digestsDueBy(state, dueAt)
    .$if(readers !== undefined, query => query.where('reader', 'in', readers ?? []))
    .$if(withoutCopies, query => query.where('copy_of', 'is', null))
