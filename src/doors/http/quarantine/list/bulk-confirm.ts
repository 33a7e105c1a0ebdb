import type { QuarantineDesk } from '../../../../desks/quarantine/quarantine-desk.ts'
import { displayText } from '../../../../ground/display/text.ts'
import type { Viewer } from '../../../../rules/reach/viewer.ts'
import { MOST_IN_BULK } from '../../../../work/quarantine/bulk/bulk.ts'
import type { HeldListRequest } from '../../../../work/quarantine/held-list.ts'
import type { QuarantineHandler } from '../quarantine-visit.ts'
import { actIn } from './bulk-begin.ts'
import { type ListDeps, requestOf } from './list-page.ts'
import { listPath, listPlaceIn, listQuery } from './list-place.ts'
import { readQuery } from './search-query.ts'

/** GET /mail/bulk?act=delete&q=… and /admin/held/bulk: how many match, and whether all of them are meant. */
export const confirmBulk =
  ({ quarantine, clock }: ListDeps): QuarantineHandler =>
  async ({ query, root, viewer, timeZone, goTo, show }) => {
    const act = actIn(query)
    const place = { ...listPlaceIn(query), after: undefined }
    const at = clock()
    const { search } = readQuery(place.q, { now: at, timeZone })
    if (!search) return goTo(listPath(root, place))
    const { count, isMore } = await countMatching(quarantine, viewer, requestOf(place, search))
    show({
      page: 'bulk-confirm',
      model: ({ words, url }) => ({
        title: words.say(`quarantine.bulk.confirm${act === 'release' ? 'Release' : 'Delete'}`, { count }),
        hasAny: count > 0,
        most: isMore ? words.say('quarantine.bulk.most', { count: MOST_IN_BULK }) : undefined,
        q: displayText(place.q, LONGEST_SHOWN) || words.say('quarantine.bulk.all'),
        note: words.say(act === 'release' ? 'quarantine.bulk.leftOut' : 'quarantine.bulk.undone'),
        also:
          act === 'release' && viewer.as === 'admin' ? words.say('quarantine.bulk.alsoDangerous') : undefined,
        label: words.say(act === 'release' ? 'digest.release' : 'quarantine.list.delete'),
        act,
        at,
        fields: [...listQuery(place)].map(([name, value]) => ({ name, value })),
        action: url(`${root}/bulk`),
        backUrl: url(listPath(root, place)),
      }),
    })
  }

const LONGEST_SHOWN = 200

interface Matching {
  /** Messages, each for one recipient. */
  readonly count: number
  /** Whether there are more than can be done at a time. */
  readonly isMore: boolean
}

/** Counts page by page, and no further than what can be done at a time. */
async function countMatching(
  quarantine: Pick<QuarantineDesk, 'list'>,
  viewer: Viewer,
  request: HeldListRequest,
): Promise<Matching> {
  let count = 0
  let after: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { messages, next } = await quarantine.list(viewer, { ...request, limit: PAGE, after })
    for (const { recipients } of messages) count += recipients.length
    if (count > MOST_IN_BULK) return { count: MOST_IN_BULK, isMore: true }
    if (next === undefined) return { count, isMore: false }
    after = next
  }
  return { count, isMore: true }
}

const PAGE = 100

/** A search in much mail ends its pages early: those of twice as many messages are looked at. */
const MOST_PAGES = (2 * MOST_IN_BULK) / PAGE
