import { displayAddress } from '../../../../ground/display/address.ts'
import { displayText } from '../../../../ground/display/text.ts'
import { type BulkOutcome, type BulkProgress, MOST_IN_BULK } from '../../../../work/quarantine/bulk/bulk.ts'
import { problemOf } from '../../pages/page-problems.ts'
import type { Writer } from '../../web/writer.ts'
import { messagePath } from '../message-show.ts'
import type { QuarantineHandler, QuarantineVisit } from '../quarantine-visit.ts'
import type { ListDeps } from './list-page.ts'
import { listPath, listPlaceIn } from './list-place.ts'

/**
 * GET /mail/bulk/ID and /admin/held/bulk/ID: how far it is, and an outcome for each message. The browser asks again by
 * itself until it is over, but not with `?still=yes`.
 */
export const showBulk =
  ({ quarantine }: ListDeps): QuarantineHandler =>
  async ({ params, query, root, viewer, show }) => {
    const { id = '' } = params
    const progress = await quarantine.bulk(viewer, id)
    const list = query.get('list') ?? ''
    const isStill = query.get('still') === 'yes'
    const own = `${root}/bulk/${encodeURIComponent(id)}`
    const pathWith = (fields: Readonly<Record<string, string>>) =>
      `${own}?${new URLSearchParams({ ...(list !== '' && { list }), ...fields })}`
    const back = listPath(root, listPlaceIn(new URLSearchParams(list)))
    show({
      page: 'bulk',
      refresh: progress.isOver || isStill ? undefined : SECONDS,
      model: writer => ({
        ...progressModel(progress, writer),
        stillUrl: progress.isOver || isStill ? undefined : writer.url(pathWith({ still: 'yes' })),
        renewUrl: !progress.isOver && isStill ? writer.url(pathWith({ still: 'yes' })) : undefined,
        rows: progress.outcomes.map(outcome => outcomeModel(outcome, { root, viewer }, writer)),
        // What is undone leads back there.
        action: writer.url(back),
        backUrl: writer.url(back),
      }),
    })
  }

const SECONDS = 2

function progressModel({ act, total, done, isOver, isCut }: BulkProgress, { words }: Writer): object {
  const key = act === 'release' ? ['releasing', 'released'] : ['deleting', 'deleted']
  return {
    title: words.say(`quarantine.bulk.${key[isOver ? 1 : 0]}`),
    progress: words.say('quarantine.bulk.progress', { done, total }),
    most: isCut ? words.say('quarantine.bulk.most', { count: MOST_IN_BULK }) : undefined,
    total,
    done,
  }
}

function outcomeModel(
  { ref, recipient, subject, status, code }: BulkOutcome,
  { root, viewer }: Pick<QuarantineVisit, 'root' | 'viewer'>,
  { words, url }: Writer,
) {
  // Its kind may be dangerous, or an admin is about to decide on it: its page says which.
  const isRefused = code === 'POLICY_REFUSED' && viewer.as === 'reader'
  return {
    url: url(messagePath(root, ref)),
    subject: displayText(subject, MAX_SUBJECT) || words.say('display.noSubject'),
    recipient: displayAddress(recipient, LONGEST_ADDRESS),
    label: words.say(
      code === 'RELEASE_UNCERTAIN'
        ? 'page.together.uncertain'
        : isRefused
          ? 'page.digest.refused'
          : `quarantine.bulk.status.${status}`,
    ),
    mood: MOODS[status],
    why: status === 'failed' && code !== null && !isRefused ? problemOf(code, words).what : undefined,
    undo: status === 'deleted' ? `restore:${ref}` : undefined,
  }
}

const MAX_SUBJECT = 120
const LONGEST_ADDRESS = 255

const MOODS = {
  released: 'good',
  'already-released': 'good',
  queued: 'wait',
  requested: 'wait',
  failed: 'bad',
  deleted: 'good',
  restored: 'good',
  'being-released': 'wait',
  'left-out': 'wait',
  waiting: 'none',
} as const satisfies Record<BulkOutcome['status'], string>
