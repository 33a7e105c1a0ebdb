import type { Page } from '../../web/page.ts'
import type { QuarantineHandler } from '../quarantine-visit.ts'
import { postBulk, postList } from './bulk-begin.ts'
import { confirmBulk } from './bulk-confirm.ts'
import { showBulk } from './bulk-progress.ts'
import { type ListDeps, showList } from './list-page.ts'
import { showSummary } from './summary-page.ts'

/**
 * The list of held messages and what belongs to it, by their paths below the list's own (`/mail`, `/admin/held`). They
 * come before that of a message.
 */
export const listPages = (deps: ListDeps): readonly Page<QuarantineHandler>[] => [
  { path: '', get: showList(deps), post: postList(deps) },
  { path: '/bulk', get: confirmBulk(deps), post: postBulk(deps) },
  { path: '/bulk/:id', get: showBulk(deps) },
  { path: '/summary', get: showSummary(deps) },
]
