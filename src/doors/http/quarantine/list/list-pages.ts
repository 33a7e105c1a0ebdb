import type { QuarantineHandler } from '../quarantine-visit.ts'
import { postBulk, postList } from './bulk-begin.ts'
import { confirmBulk } from './bulk-confirm.ts'
import { showBulk } from './bulk-progress.ts'
import { type ListDeps, showList } from './list-page.ts'
import { showSummary } from './summary-page.ts'

/** A page of the list, below its own path (`/mail`, `/admin/held`). */
export interface ListPage {
  readonly path: string
  readonly get?: QuarantineHandler
  readonly post?: QuarantineHandler
}

/** The list of held messages and what belongs to it. Their paths come before that of a message. */
export const listPages = (deps: ListDeps): readonly ListPage[] => [
  { path: '', get: showList(deps), post: postList(deps) },
  { path: '/bulk', get: confirmBulk(deps), post: postBulk(deps) },
  { path: '/bulk/:id', get: showBulk(deps) },
  { path: '/summary', get: showSummary(deps) },
]
