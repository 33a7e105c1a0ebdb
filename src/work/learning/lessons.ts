import type { Selectable } from 'kysely'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import type { LessonTable, StateTables } from '../../ground/state/state-tables.ts'
import type { Lesson } from './lesson.ts'

type State = Database<StateTables>

/** What the filter was told about messages, by `heldId`. */
export async function findLessons(
  { sql }: State,
  heldIds: readonly string[],
): Promise<ReadonlyMap<string, Lesson>> {
  const found = new Map<string, Lesson>()
  for (const chunk of chunks(heldIds)) {
    const rows = await sql.selectFrom('digest_lesson').selectAll().where('held_id', 'in', chunk).execute()
    for (const row of rows) found.set(row.held_id, lessonOf(row))
  }
  return found
}

const lessonOf = ({ verdict, actor, at, state }: Selectable<LessonTable>): Lesson => ({
  verdict,
  by: actor,
  at: Number(at),
  state,
})

/**
 * Claims a message to be taught: of simultaneous calls with the same `seen`, one gets it.
 *
 * @param seen the lesson as it was read
 */
export async function claimLesson(
  state: State,
  heldId: string,
  seen: Lesson | undefined,
  lesson: Lesson,
): Promise<boolean> {
  if (seen) return replace(state, heldId, seen, lesson)
  // The same row of another call is skipped. Only one of them turns it from "failed" into "asked".
  const untold = { ...lesson, state: 'failed' } as const
  const insert = state.sql.insertInto('digest_lesson').values({ held_id: heldId, ...valuesOf(untold) })
  await state.dialect.insertNew(insert, ['held_id']).execute()
  return replace(state, heldId, untold, lesson)
}

/** Writes down what became of it, unless somebody has said something else since. */
export const endLesson = (
  state: State,
  heldId: string,
  claimed: Lesson,
  end: 'taught' | 'failed',
): Promise<boolean> => replace(state, heldId, claimed, { ...claimed, state: end })

async function replace({ sql }: State, heldId: string, seen: Lesson, lesson: Lesson): Promise<boolean> {
  const { numUpdatedRows } = await sql
    .updateTable('digest_lesson')
    .set(valuesOf(lesson))
    .where('held_id', '=', heldId)
    .where('at', '=', seen.at)
    .where('verdict', '=', seen.verdict)
    .where('state', '=', seen.state)
    .where('actor', '=', seen.by.slice(0, LONGEST))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const valuesOf = ({ verdict, by, at, state }: Lesson) => ({
  verdict,
  actor: by.slice(0, LONGEST),
  at,
  state,
})

/** Characters that our column holds. */
const LONGEST = 320
