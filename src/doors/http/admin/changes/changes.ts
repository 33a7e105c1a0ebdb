import type { ChangeLine } from '../../../../desks/admin/changes/find-changes-with-mail.ts'
import { AUDIT_ACTIONS } from '../../../../ground/audit/record.ts'
import { personName } from '../../../../ground/display/person-name.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../../web/writer.ts'
import { breakable } from '../frame/breakable.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { listPage } from '../frame/list-page.ts'
import { readerFilter } from '../frame/reader-filter.ts'
import { shownScope } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { detailWords } from './detail-words.ts'
import { outcomeBadge } from './outcome-words.ts'

/** GET /admin/changes?reader=ADDRESS&after=PLACE: who did what. */
export const listChanges = ({ desk }: DeskDeps): AdminHandler =>
  listPage({ name: 'changes', filter: readerFilter, find: desk.changes.listWithMail, row: auditRow })

/** One line of the audit. It may name what strangers wrote, too. */
export const auditRow = (line: ChangeLine, writer: Writer): object => ({
  at: writer.time(line.at),
  actor: actorName(line, writer),
  actorParts: breakable(actorName(line, writer)),
  from: line.remoteAddress ?? undefined,
  code: line.action,
  action: ACTIONS.has(line.action)
    ? writer.words.say(`admin.changes.actions.${line.action}`)
    : writer.words.say('admin.changes.otherAction'),
  digestUrl: line.digestId === null ? undefined : writer.url(`/admin/digests/${line.digestId}`),
  mailId: line.mailId === null ? undefined : displayText(line.mailId, 64),
  subject: subjectOf(line, writer),
  whom: line.recipient === null ? undefined : shownScope(line.recipient, writer),
  whomParts: line.recipient === null ? undefined : breakable(shownScope(line.recipient, writer)),
  outcomeCode: line.outcome,
  // A refusal is what an admin wanted; with other actions, a server has refused.
  outcome: outcomeBadge(
    line.action === 'refuse' && line.outcome === 'refused' ? 'done' : line.outcome,
    writer,
  ),
  ...detailWords(line, writer),
})

/** The actions that the locales name. Another version may have written a line with an action unknown to this one. */
const ACTIONS: ReadonlySet<string> = new Set(AUDIT_ACTIONS)

const actorName = ({ actor }: ChangeLine, { words }: Writer): string =>
  actor === 'unknown' ? words.say('admin.changes.somebody') : personName(actor)

/** The subject of the message that a line is about; undefined if it is about none. */
function subjectOf({ mail, itemId }: ChangeLine, { words, place }: Writer): string | undefined {
  if (itemId === null) return undefined
  return mail ? mailModelOf(mail, words, place).subject : words.say('admin.mailGone')
}
