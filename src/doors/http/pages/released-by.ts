import { displayAddress } from '../../../ground/display/address.ts'
import { formatTime, type Place } from '../../../ground/display/format.ts'
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
    key: by.reader === undefined ? 'page.releasedBy.admin' : 'page.releasedBy.reader',
    reader: by.reader === undefined ? '' : displayAddress(by.reader),
    when: formatTime(by.at, 'moment', place),
  }

/** The same in JSON. No address is the word `administrator`, because each has an `@`. */
export const releasedByJson = (by: ReleasedBy | undefined) =>
  by && { releasedBy: by.reader ?? 'administrator', releasedAt: new Date(by.at).toISOString() }
