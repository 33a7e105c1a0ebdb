import { formatTime, type Place } from '../../../ground/display/format.ts'
import { personName } from '../../../ground/display/person-name.ts'
import type { ReleasedBy } from '../../../work/release/released-by.ts'

/** What the partial `released-by` shows. The template puts the sentence together, as it isolates addresses. */
export interface ReleasedByModel {
  /** Of the sentence. */
  readonly key: string
  readonly reader: string
  readonly when: string
}

export const releasedByModel = (by: ReleasedBy | undefined, place: Place): ReleasedByModel | undefined =>
  by && {
    key: nameOf(by) === undefined ? 'page.releasedBy.admin' : 'page.releasedBy.reader',
    reader: personName(nameOf(by) ?? ''),
    when: formatTime(by.at, 'moment', place),
  }

const nameOf = ({ reader, admin }: ReleasedBy): string | undefined => reader ?? admin

/** The same in JSON. No address is the word `administrator`, because each has an `@`. */
export const releasedByJson = (by: ReleasedBy | undefined) =>
  by && { releasedBy: by.reader ?? 'administrator', releasedAt: new Date(by.at).toISOString() }
