import type { Desk } from '../../../../desks/admin/desk.ts'
import { RELEASE_STATES, type ReleaseSummary } from '../../../../desks/admin/releases/find-releases.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../frame/admin-pages.ts'
import { doneByHand } from '../frame/done-by-hand.ts'
import { releaseBadge } from '../frame/mail-rows.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { filterModel, whoseFilter } from '../frame/whose-filter.ts'
import { pathOf } from '../readers/settings-model.ts'

export interface ReleasesRouteDeps {
  readonly desk: Desk
}

/** GET /admin/releases?reader=ADDRESS&state=STATE&after=PLACE */
export const listReleases =
  ({ desk }: ReleasesRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const whose = whoseFilter(query)
    const state = RELEASE_STATES.find(one => one === query.get('state'))
    const isFault = whose.faults.length > 0
    const { rows, next } = isFault
      ? NONE
      : await desk.releases.list(editor.reach, {
          reader: whose.reader,
          state,
          after: query.get('after') ?? undefined,
          limit: PER_PAGE,
        })
    const filter = { reader: whose.text, state: state ?? '' }
    show(
      {
        page: 'releases',
        section: 'releases',
        model: writer => ({
          ...filterModel(whose, writer),
          action: writer.url('/admin/releases'),
          postAction: writer.url('/admin/releases'),
          states: RELEASE_STATES.map(value => ({
            value,
            label: writer.words.say(`admin.release.${value}`),
            selected: value === state,
          })),
          releases: rows.map(row => releaseRow(row, writer)),
          nextUrl: next && writer.url(`/admin/releases?${new URLSearchParams({ ...filter, after: next })}`),
          firstUrl: query.has('after')
            ? writer.url(`/admin/releases?${new URLSearchParams(filter)}`)
            : undefined,
        }),
      },
      isFault ? 400 : 200,
    )
  }

/**
 * POST /admin/releases: `do=retry` or `do=drop` with `item=ID`. What may have been delivered already, by now, is asked
 * about first, whatever the page showed: `again=yes` is the answer.
 */
export const postRelease =
  ({ desk }: ReleasesRouteDeps): AdminHandler =>
  async ({ editor, form, show, goTo }) => {
    const item = form.get('item') ?? ''
    const request = { kind: 'release', what: [item], by: editor } as const
    if (form.get('do') === 'drop') return goTo('/admin/releases', doneByHand(await desk.stuck.drop(request)))
    const again = form.get('again') === 'yes'
    const done = await desk.stuck.retry({ ...request, again })
    if (!again && done[0]?.code === 'RELEASE_UNCERTAIN') {
      return show({
        page: 'release-again',
        section: 'releases',
        model: writer => ({
          item,
          action: writer.url('/admin/releases'),
          backUrl: writer.url('/admin/releases'),
        }),
      })
    }
    goTo('/admin/releases', doneByHand(done))
  }

const PER_PAGE = 50

/** What a filter finds that cannot be read. */
const NONE = { rows: [], next: undefined }

const releaseRow = (release: ReleaseSummary, writer: Writer): object => ({
  item: release.itemId,
  mail: release.mail && mailModelOf(release.mail, writer.words, writer.place),
  mailId: release.mailId === null ? undefined : displayText(release.mailId, 64),
  recipient: release.recipient === null ? undefined : displayAddress(release.recipient, 255),
  readerUrl: release.reader === null ? undefined : writer.url(pathOf(release.reader)),
  by: displayAddress(release.askedBy, 255),
  at: writer.time(release.requestedAt),
  state: releaseBadge(release.state, writer),
  code: release.code ?? undefined,
  reply: release.reply === null ? undefined : displayText(release.reply, 300),
  attempts: writer.number(release.attempts),
  nextAttempt:
    release.state === 'queued' && release.nextAttemptAt !== null
      ? writer.time(release.nextAttemptAt)
      : undefined,
  mayRetry:
    release.state === 'queued' ||
    release.state === 'uncertain' ||
    (release.state === 'failed' && release.code !== 'MESSAGE_GONE'),
  mayDrop: release.state === 'queued',
})
