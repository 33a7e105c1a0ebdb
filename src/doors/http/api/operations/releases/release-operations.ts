import { rowFilters } from '../../protocol/fields.ts'
import { listOperation } from '../../protocol/list-operation.ts'
import { byHandOperation } from '../parts/by-hand-operation.ts'
import { releaseState } from '../parts/release-fields.ts'
import { release, releaseJson } from './release-answer.ts'
import { releaseMessage } from './release-message-operation.ts'

const tag = 'Releases'

/** The operations on releases. */
export const RELEASE_OPERATIONS = [
  listOperation({
    path: '/releases',
    operationId: 'listReleases',
    tag,
    summary: 'Lists releases, newest first',
    filters: rowFilters(releaseState, 'queued'),
    page: 'ReleasePage',
    item: release,
    list: ({ desk }, { query, by }) => desk.releases.list(by.reach, query),
    json: releaseJson,
  }),
  releaseMessage,
  byHandOperation({
    kind: 'release',
    verb: 'retry',
    operationId: 'retryRelease',
    tag,
    summary: 'Asks amavisd again',
    description:
      'Applies to a release that waits, failed or is uncertain. If the answer was lost, a second copy may arrive.',
  }),
  byHandOperation({
    kind: 'release',
    verb: 'drop',
    operationId: 'dropRelease',
    tag,
    summary: 'Gives up a waiting release',
    description: 'amavisd is not asked again.',
  }),
]
