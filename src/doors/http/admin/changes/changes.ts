import type { AuditLine } from '../../../../desks/admin/changes/find-changes.ts'
import type { Desk } from '../../../../desks/admin/desk.ts'
import { AUDIT_ACTIONS } from '../../../../ground/audit/record.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../frame/admin-pages.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { filterModel, whoseFilter } from '../frame/whose-filter.ts'
import { shownScope } from '../readers/settings-model.ts'

export interface ChangesRouteDeps {
  readonly desk: Desk
}

/** GET /admin/changes?reader=ADDRESS&after=PLACE: who did what. */
export const listChanges =
  ({ desk }: ChangesRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const after = query.get('after') ?? undefined
    const whose = whoseFilter(query)
    const isFault = whose.faults.length > 0
    const { rows, next } = isFault
      ? { rows: [], next: undefined }
      : await desk.changes.list(editor.reach, { reader: whose.reader, after, limit: PER_PAGE })
    const path = (place: object) => `/admin/changes?${new URLSearchParams({ reader: whose.text, ...place })}`
    show(
      {
        page: 'changes',
        section: 'changes',
        model: writer => ({
          ...filterModel(whose, writer),
          action: writer.url('/admin/changes'),
          states: undefined,
          changes: rows.map(line => auditRow(line, writer)),
          nextUrl: next && writer.url(path({ after: next })),
          firstUrl: after && writer.url(path({})),
        }),
      },
      isFault ? 400 : 200,
    )
  }

const PER_PAGE = 50

/** One line of the audit. What it names was written by strangers, too. */
export const auditRow = (line: AuditLine, writer: Writer): object => ({
  at: writer.time(line.at),
  actor: displayText(line.actor, 100),
  from: line.remoteAddress ?? undefined,
  code: line.action,
  action: ACTIONS.has(line.action) ? writer.words.say(`admin.changes.actions.${line.action}`) : line.action,
  digestUrl: line.digestId === null ? undefined : writer.url(`/admin/digests/${line.digestId}`),
  mailId: line.mailId === null ? undefined : displayText(line.mailId, 64),
  whom: line.recipient === null ? undefined : whomWords(line.recipient, writer),
  outcome: line.outcome,
  detail: line.detail === null ? undefined : displayText(line.detail, 400),
})

/** That there are words for; a line may be of another version. */
const ACTIONS: ReadonlySet<string> = new Set(AUDIT_ACTIONS)

const whomWords = (recipient: string, writer: Writer): string =>
  recipient === EVERYBODY ? shownScope(EVERYBODY, writer) : displayText(recipient, 100)
