import type { AuditLine } from '../../../desk/audit.ts'
import type { Desk } from '../../../desk/desk.ts'
import { displayText } from '../../../display/text.ts'
import type { Writer } from '../admin-pages.ts'
import type { AdminHandler } from '../visit.ts'

export interface ChangesRouteDeps {
  readonly desk: Pick<Desk, 'findAudit'>
}

/** GET /admin/changes?after=PLACE: who did what. */
export const listChanges =
  ({ desk }: ChangesRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const after = query.get('after') ?? undefined
    const { rows, next } = await desk.findAudit(editor.reach, { after, limit: PER_PAGE })
    show({
      page: 'changes',
      section: 'changes',
      model: writer => ({
        changes: rows.map(line => auditRow(line, writer)),
        nextUrl: next && writer.url(`/admin/changes?${new URLSearchParams({ after: next })}`),
        firstUrl: after && writer.url('/admin/changes'),
      }),
    })
  }

const PER_PAGE = 50

/** One line of the audit. What it names was written by strangers, too. */
export const auditRow = (line: AuditLine, writer: Writer): object => ({
  at: writer.time(line.at),
  actor: displayText(line.actor, 100),
  from: line.remoteAddress ?? undefined,
  action: line.action,
  whom: line.recipient === null ? undefined : displayText(line.recipient, 100),
  outcome: line.outcome,
  detail: line.detail === null ? undefined : displayText(line.detail, 400),
})
