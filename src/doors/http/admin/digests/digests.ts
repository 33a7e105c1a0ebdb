import type { AuditLine } from '../../../../desks/admin/changes/find-changes.ts'
import type { Desk } from '../../../../desks/admin/desk.ts'
import { DIGEST_STATES, type DigestSummary } from '../../../../desks/admin/digests/find-digests.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { auditRow } from '../changes/changes.ts'
import type { Writer } from '../frame/admin-pages.ts'
import { doneByHand } from '../frame/done-by-hand.ts'
import { digestBadge, mailRows } from '../frame/mail-rows.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { filterModel, whoseFilter } from '../frame/whose-filter.ts'
import { pathOf } from '../readers/settings-model.ts'

export interface DigestsRouteDeps {
  readonly desk: Desk
}

/** GET /admin/digests?reader=ADDRESS&state=STATE&after=PLACE */
export const listDigests =
  ({ desk }: DigestsRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const whose = whoseFilter(query)
    const state = DIGEST_STATES.find(one => one === query.get('state'))
    const isFault = whose.faults.length > 0
    const { rows, next } = isFault
      ? NONE
      : await desk.digests.list(editor.reach, {
          reader: whose.reader,
          state,
          after: query.get('after') ?? undefined,
          limit: PER_PAGE,
        })
    const filter = { reader: whose.text, state: state ?? '' }
    show(
      {
        page: 'digests',
        section: 'digests',
        model: writer => ({
          ...filterModel(whose, writer),
          action: writer.url('/admin/digests'),
          states: DIGEST_STATES.map(value => ({
            value,
            label: writer.words.say(`admin.digest.${value}`),
            selected: value === state,
          })),
          digests: rows.map(row => digestRow(row, writer)),
          nextUrl: next && writer.url(`/admin/digests?${new URLSearchParams({ ...filter, after: next })}`),
          firstUrl: query.has('after')
            ? writer.url(`/admin/digests?${new URLSearchParams(filter)}`)
            : undefined,
        }),
      },
      isFault ? 400 : 200,
    )
  }

/** GET /admin/digests/ID */
export const showDigest =
  ({ desk }: DigestsRouteDeps): AdminHandler =>
  async ({ request, editor, show }) => {
    const { digest, messages, audit } = await desk.digests.find(editor.reach, String(request.params.id))
    show({
      page: 'digest',
      section: 'digests',
      model: writer => ({
        ...digestRow(digest, writer),
        facts: factsOf(digest, writer),
        reply: digest.reply === null ? undefined : displayText(digest.reply, 1000),
        readByMachine: digest.canaryAt === null ? undefined : writer.time(digest.canaryAt),
        messages: mailRows(messages, writer),
        more: digest.itemCount > messages.length && messages.length > 0,
        // Where they lead to is here.
        audit: audit.map((line: AuditLine) => auditRow({ ...line, digestId: null }, writer)),
        mayResend: digest.state === 'sent',
        mayRetry: digest.state === 'pending' || digest.state === 'failed',
        mayDrop: digest.state === 'pending',
        action: writer.url(`/admin/digests/${digest.id}`),
        backUrl: writer.url('/admin/digests'),
      }),
    })
  }

/** POST /admin/digests/ID: `do=resend`, `do=retry` or `do=drop`. */
export const postDigest =
  ({ desk }: DigestsRouteDeps): AdminHandler =>
  async ({ request, editor, form, goTo }) => {
    const id = String(request.params.id)
    const path = `/admin/digests/${id}`
    switch (form.get('do')) {
      case 'resend':
        await desk.digests.resend(editor, id)
        return goTo(path, 'resent')
      case 'retry':
        return goTo(path, doneByHand(await desk.stuck.retry({ kind: 'digest', what: [id], by: editor })))
      case 'drop':
        return goTo(path, doneByHand(await desk.stuck.drop({ kind: 'digest', what: [id], by: editor })))
      default:
        return goTo(path)
    }
  }

const PER_PAGE = 50

/** What a filter finds that cannot be read. */
const NONE = { rows: [], next: undefined }

const digestRow = (digest: DigestSummary, writer: Writer): object => ({
  url: writer.url(`/admin/digests/${digest.id}`),
  readerUrl: writer.url(pathOf(digest.reader)),
  reader: displayAddress(digest.reader, 255),
  deliverTo: digest.deliverTo === digest.reader ? undefined : displayAddress(digest.deliverTo, 255),
  at: writer.time(digest.createdAt),
  state: digestBadge(digest.state, writer),
  messages: writer.number(digest.itemCount),
  schedule: digest.schedule ?? undefined,
  words: digest.reply === null ? undefined : displayText(digest.reply, 120),
})

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
