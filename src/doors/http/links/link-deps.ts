import type { LinkVisits } from '../../../desks/reader/link-visits.ts'
import type { ReaderDesk } from '../../../desks/reader/reader-desk.ts'
import type { AnswerDeps } from '../pages/answer.ts'

/** What each route of a link uses: `visits` turns the link into a visitor, and `reader` serves the visitor. */
export interface LinkDeps extends AnswerDeps {
  readonly visits: LinkVisits
  readonly reader: ReaderDesk
}
