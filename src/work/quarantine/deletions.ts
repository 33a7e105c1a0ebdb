import type { Actor } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

type State = Database<StateTables>

/** A deletion with us, by `heldId`. */
export interface Deletion {
  readonly heldId: string
  /** `msgrcpt.rs` before it, without blanks. */
  readonly former: string
  readonly by: Pick<Actor, 'kind' | 'name'>
}

export async function findDeletion({ sql }: State, heldId: string): Promise<Deletion | undefined> {
  const row = await sql
    .selectFrom('digest_deletion')
    .selectAll()
    .where('held_id', '=', heldId)
    .executeTakeFirst()
  return row && { heldId, former: row.former.trim(), by: { kind: row.actor_kind, name: row.actor } }
}

/** Writes down what a message was before it is deleted, so that it can be restored. */
export async function rememberDeletion(
  { sql, dialect }: State,
  { heldId, former, by }: Deletion,
  now: number,
): Promise<void> {
  const insert = sql.insertInto('digest_deletion').values({
    held_id: heldId,
    former: former || ' ',
    actor_kind: by.kind,
    actor: by.name.slice(0, 320),
    deleted_at: now,
  })
  await dialect.insertOrUpdate(insert, ['held_id'], ['former', 'actor_kind', 'actor', 'deleted_at']).execute()
}

export async function forgetDeletion({ sql }: State, heldId: string): Promise<void> {
  await sql.deleteFrom('digest_deletion').where('held_id', '=', heldId).execute()
}
