import type { AuditLine } from '../../../../desks/admin/changes/find-changes.ts'
import { AUDIT_ACTIONS } from '../../../../ground/audit/record.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../frame/admin-pages.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { listPage } from '../frame/list-page.ts'
import { readerFilter } from '../frame/reader-filter.ts'
import { shownScope } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/changes?reader=ADDRESS&after=PLACE: who did what. */
export const listChanges = ({ desk }: DeskDeps): AdminHandler =>
  listPage({ name: 'changes', filter: readerFilter, find: desk.changes.list, row: auditRow })

/** One line of the audit. It may name what strangers wrote, too. */
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

/** The actions that the locales name. Another version may have written a line with an action unknown to this one. */
const ACTIONS: ReadonlySet<string> = new Set(AUDIT_ACTIONS)

const whomWords = (recipient: string, writer: Writer): string =>
  recipient === EVERYBODY ? shownScope(EVERYBODY, writer) : displayText(recipient, 100)
