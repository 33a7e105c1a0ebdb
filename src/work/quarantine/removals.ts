import type { Actor } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

type State = Database<StateTables>

/** A deletion with us, by `heldId`. */
export interface Removal {
  readonly heldId: string
  /** `msgrcpt.rs` before it, without blanks. */
  readonly former: string
  readonly by: Pick<Actor, 'kind' | 'name'>
}

export async function findRemoval({ sql }: State, heldId: string): Promise<Removal | undefined> {
  const row = await sql
    .selectFrom('digest_removal')
    .selectAll()
    .where('held_id', '=', heldId)
    .executeTakeFirst()
  return row && { heldId, former: row.former.trim(), by: { kind: row.actor_kind, name: row.actor } }
}

/** Writes down what a message was before it is deleted, so that it can be restored. */
export async function rememberRemoval(
  { sql, dialect }: State,
  { heldId, former, by }: Removal,
  now: number,
): Promise<void> {
  const insert = sql.insertInto('digest_removal').values({
    held_id: heldId,
    former: former || ' ',
    actor_kind: by.kind,
    actor: by.name.slice(0, 320),
    removed_at: now,
  })
  await dialect.insertOrUpdate(insert, ['held_id'], ['former', 'actor_kind', 'actor', 'removed_at']).execute()
}

export async function forgetRemoval({ sql }: State, heldId: string): Promise<void> {
  await sql.deleteFrom('digest_removal').where('held_id', '=', heldId).execute()
}
