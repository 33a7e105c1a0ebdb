import type { Selectable } from 'kysely'
import type { Actor } from '../../ground/audit/record.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { DeletionTable, StateTables } from '../../ground/state/state-tables.ts'
import { isHelpDesk, type Viewer } from '../../rules/reach/viewer.ts'

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
  return row && deletionOf(row)
}

/**
 * The deletions of some of these messages, by `heldId`, as far as they say whether the viewer may take them back: an
 * admin may always.
 */
export async function deletionsOf(
  { sql }: State,
  viewer: Viewer,
  heldIds: readonly string[],
): Promise<ReadonlyMap<string, Deletion>> {
  if (viewer.as === 'admin') return new Map()
  const found = new Map<string, Deletion>()
  for (const chunk of chunks(heldIds)) {
    const rows = await sql.selectFrom('digest_deletion').selectAll().where('held_id', 'in', chunk).execute()
    for (const row of rows) found.set(row.held_id, deletionOf(row))
  }
  return found
}

/**
 * Whether a viewer may take a deletion back: an admin any; a reader what a reader has deleted, with us or, where nobody
 * of us has recorded it, with another program.
 */
export const mayTakeBack = (viewer: Viewer, deletion: Deletion | undefined): boolean =>
  viewer.as === 'admin' || deletion === undefined || deletion.by.kind === 'reader'

/** What the help desk deletes for a reader is the reader's, who may take it back. */
export const deleterOf = (viewer: Viewer): Deletion['by'] =>
  isHelpDesk(viewer) ? { ...viewer.actor, kind: 'reader' } : viewer.actor

const deletionOf = ({ held_id, former, actor_kind, actor }: Selectable<DeletionTable>): Deletion => ({
  heldId: held_id,
  former: former.trim(),
  by: { kind: actor_kind, name: actor },
})

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
