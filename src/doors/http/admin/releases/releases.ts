import type { ReleaseSummary } from '../../../../desks/admin/releases/find-releases.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { personName } from '../../../../ground/display/person-name.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { RELEASE_STATES } from '../../../../ground/state/states.ts'
import { mailModelOf } from '../../pages/page-mail.ts'
import type { Writer } from '../../web/writer.ts'
import { releaseBadge } from '../frame/badges.ts'
import { breakable } from '../frame/breakable.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { doneNotice } from '../frame/done-notice.ts'
import { listPage } from '../frame/list-page.ts'
import { readerAndStateFilter } from '../frame/reader-filter.ts'
import { pathOf } from '../frame/scope-page.ts'
import type { AdminHandler } from '../frame/visit.ts'

/** GET /admin/releases?reader=ADDRESS&state=STATE&after=PLACE */
export const listReleases = ({ desk }: DeskDeps): AdminHandler =>
  listPage({
    name: 'releases',
    filter: readerAndStateFilter(RELEASE_STATES, 'admin.release'),
    find: desk.releases.list,
    row: releaseRow,
    extras: (_found, writer) => ({ postAction: writer.url('/admin/releases') }),
  })

/**
 * POST /admin/releases: `do=retry` or `do=drop` with `item=ID`. If the message may already have been delivered,
 * whatever the page showed, the admin is asked to confirm first; `again=yes` confirms.
 */
export const postRelease =
  ({ desk }: DeskDeps): AdminHandler =>
  async ({ editor, form, show, goTo }) => {
    const item = form.get('item') ?? ''
    const request = { kind: 'release', what: [item], by: editor } as const
    if (form.get('do') === 'drop') return goTo('/admin/releases', doneNotice(await desk.stuck.drop(request)))
    const again = form.get('again') === 'yes'
    const outcomes = await desk.stuck.retry({ ...request, again })
    if (!again && outcomes[0]?.code === 'RELEASE_UNCERTAIN') {
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
    goTo('/admin/releases', doneNotice(outcomes))
  }

const releaseRow = (release: ReleaseSummary, writer: Writer): object => ({
  item: release.heldId,
  mail: release.mail && mailModelOf(release.mail, writer.words, writer.place),
  mailId: release.mailId === null ? undefined : displayText(release.mailId, 64),
  recipient: release.recipient === null ? undefined : displayAddress(release.recipient, 255),
  recipientParts: release.recipient === null ? undefined : breakable(displayAddress(release.recipient, 255)),
  readerUrl: release.reader === null ? undefined : writer.url(pathOf(release.reader)),
  by: personName(release.askedBy),
  byParts: breakable(personName(release.askedBy)),
  at: writer.time(release.requestedAt),
  state: releaseBadge(release.state, writer),
  code: release.code ?? undefined,
  reply: release.reply === null ? undefined : displayText(release.reply, 300),
  attempts: writer.number(release.attempts),
  nextAttempt:
    release.state === 'queued' && release.nextAttemptAt !== null
      ? writer.time(release.nextAttemptAt)
      : undefined,
  mayRetry: release.offers.retry,
  mayDrop: release.offers.drop,
})
