import type { Database } from '../../../ground/database/database.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'

/** The reply in the row of a digest that could not be rendered begins with it. */
export const NOT_RENDERED = 'not rendered'

/**
 * Finds out whether digests wait because a template cannot be rendered with what they show.
 *
 * @throws CodedError TEMPLATE_INVALID if there are any
 */
export async function requireRendered({ sql }: Database<StateTables>): Promise<void> {
  const waiting = await sql
    .selectFrom('digest_digest')
    .select('reply')
    .where('state', '=', 'pending')
    .where('attempts', '>', 0)
    .where('reply', 'like', `${NOT_RENDERED}%`)
    .limit(1)
    .executeTakeFirst()
  if (!waiting) return
  throw new CodedError(
    'TEMPLATE_INVALID',
    `A digest waits, because it could not be rendered: ${waiting.reply}`,
  )
}
