import type { LinkVisits } from '../../../desks/reader/link-visits.ts'
import type { ReaderDesk } from '../../../desks/reader/reader-desk.ts'
import type { AnswerDeps } from '../pages/answer.ts'

/** What each route of a link is made of: the door turns the link into a visitor, and the desk serves that one. */
export interface LinkDeps extends AnswerDeps {
  readonly visits: LinkVisits
  readonly reader: ReaderDesk
}
