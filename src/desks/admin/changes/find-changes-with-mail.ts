import type { Kysely } from 'kysely'
import type { HeldMail } from '../../../ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Page } from '../../../ground/database/walk-by-key.ts'
import type { Reach } from '../../../rules/reach/reach.ts'
import { findItems } from '../../../work/collect/items.ts'
import { withMail } from '../../../work/digest/make/candidates.ts'
import { type AuditDeps, type AuditLine, type AuditQuery, findAudit } from './find-changes.ts'

export interface ChangesDeps extends AuditDeps {
  readonly storage: Kysely<AmavisTables>
}

/** A line of the audit, with the message that it is about. */
export interface ChangeLine extends AuditLine {
  /** Undefined when amavis has removed it, or the line is about no message. Every string in it is hostile. */
  readonly mail: HeldMail | undefined
}

/** As `findAudit`, with what people know a message by. @throws CodedError REQUEST_INVALID, OUT_OF_REACH */
export async function findChanges(
  deps: ChangesDeps,
  reach: Reach,
  query: AuditQuery,
): Promise<Page<ChangeLine>> {
  const { rows, next } = await findAudit(deps, reach, query)
  return { rows: await withMails(deps, rows), next }
}

/** Reads the messages of lines by their keys, in one statement. */
export async function withMails(
  { state, storage }: Pick<ChangesDeps, 'state' | 'storage'>,
  lines: readonly AuditLine[],
): Promise<ChangeLine[]> {
  const items = await findItems(state, [...new Set(lines.flatMap(({ itemId }) => itemId ?? []))])
  const known = new Map((await withMail(storage, items)).map(({ item, mail }) => [item.itemId, mail]))
  return lines.map(line => ({ ...line, mail: known.get(line.itemId ?? '') }))
}
