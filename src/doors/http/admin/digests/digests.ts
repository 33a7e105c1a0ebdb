import type { ChangeLine } from '../../../../desks/admin/changes/find-changes-with-mail.ts'
import type { DigestQuery, DigestSummary } from '../../../../desks/admin/digests/find-digests.ts'
import type { PageRequest } from '../../../../desks/admin/listing/paging.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { DIGEST_STATES } from '../../../../ground/state/states.ts'
import type { Writer } from '../../web/writer.ts'
import { auditRow } from '../changes/changes.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { digestRow } from '../frame/digest-row.ts'
import { doneNotice } from '../frame/done-notice.ts'
import { type ListFilter, listPage } from '../frame/list-page.ts'
import { mailRows } from '../frame/mail-rows.ts'
import { readerAndStateFilter } from '../frame/reader-filter.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/digests?reader=ADDRESS&state=STATE&run=ID&after=PLACE */
export const listDigests = ({ desk }: DeskDeps): AdminHandler =>
  listPage({
    name: 'digests',
    filter: digestFilter,
    find: desk.digests.list,
    row: digestRow,
    extras: (_found, writer) => ({ allUrl: writer.url('/admin/digests') }),
  })

const byReaderAndState = readerAndStateFilter(DIGEST_STATES, 'admin.digest')

/** The overview links to the digests of one run. */
function digestFilter(query: URLSearchParams): ListFilter<DigestCriteria> {
  const { criteria, fields, model } = byReaderAndState(query)
  const run = /^[\w-]{1,32}$/.exec(query.get('run') ?? '')?.[0]
  return {
    criteria: criteria && { ...criteria, run },
    fields: run === undefined ? fields : { ...fields, run },
    model: writer => ({ ...model(writer), run }),
  }
}

type DigestCriteria = Omit<DigestQuery, keyof PageRequest>

/** GET /admin/digests/ID */
export const showDigest =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ request, editor, show }) => {
    const { digest, messages, audit, offers } = await desk.digests.find(
      editor.reach,
      String(request.params.id),
    )
    show({
      page: 'digest',
      section: 'digests',
      model: writer => ({
        ...digestRow(digest, writer),
        facts: factsOf(digest, writer),
        reply: digest.reply === null ? undefined : displayText(digest.reply, 1000),
        readByMachine: digest.canaryAt === null ? undefined : writer.time(digest.canaryAt),
        messages: mailRows(messages, editor.reach, writer),
        more: digest.itemCount > messages.length && messages.length > 0,
        // A link to this same page would lead nowhere.
        audit: audit.map((line: ChangeLine) => auditRow({ ...line, digestId: null }, writer)),
        mayResend: offers.resend,
        mayRetry: offers.retry,
        mayDrop: offers.drop,
        action: writer.url(`/admin/digests/${digest.id}`),
        backUrl: writer.url('/admin/digests'),
      }),
    })
  }

/** POST /admin/digests/ID: `do=resend`, `do=retry` or `do=drop`. */
export const postDigest =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ request, editor, form, goTo }) => {
    const id = String(request.params.id)
    const path = `/admin/digests/${id}`
    switch (form.get('do')) {
      case 'resend':
        await desk.digests.resend(editor, id)
        return goTo(path, 'resent')
      case 'retry':
        return goTo(path, doneNotice(await desk.stuck.retry({ kind: 'digest', what: [id], by: editor })))
      case 'drop':
        return goTo(path, doneNotice(await desk.stuck.drop({ kind: 'digest', what: [id], by: editor })))
      default:
        return goTo(path)
    }
  }

function factsOf(digest: DigestSummary, writer: Writer): object[] {
  const { words, time, number } = writer
  const fact = (key: string, value: string | undefined) =>
    value === undefined ? [] : [{ label: words.say(`admin.digests.${key}`), value }]
  const waits = digest.state === 'pending'
  return [
    ...fact('made', time(digest.createdAt)),
    ...fact('finished', digest.finishedAt === null ? undefined : time(digest.finishedAt)),
    ...fact('nextAttempt', waits ? time(digest.nextAttemptAt) : undefined),
    ...fact('schedule', digest.schedule ?? words.say('admin.digests.byHand')),
    ...fact('attempts', number(digest.attempts)),
    ...fact('messages', number(digest.itemCount)),
    ...fact('resent', digest.resent > 0 ? number(digest.resent) : undefined),
  ]
}
