import { formatTime, type Place } from '../../../ground/display/format.ts'
import { displayText } from '../../../ground/display/text.ts'
import { LONGEST_NOTE } from '../../../work/requests/request.ts'
import type { RequestSeen } from '../../../work/requests/requests-seen.ts'

/** Who has asked for a message, as the key of a sentence, with the times that it names. */
export interface RequestedModel {
  readonly key: `page.requested.${'own' | 'other' | 'program'}`
  readonly when: string | undefined
  /** Until when admins may decide. */
  readonly until: string | undefined
  /** Whether this reader may ask, too. */
  readonly mayJoin: boolean
}

/** @param request undefined: another program has asked */
export function requestedModel(
  { request, mayJoin }: { readonly request: RequestSeen | undefined; readonly mayJoin: boolean },
  place: Place,
): RequestedModel {
  if (!request) return { key: 'page.requested.program', when: undefined, until: undefined, mayJoin }
  return {
    key: request.askedByThisReader ? 'page.requested.own' : 'page.requested.other',
    when: formatTime(request.askedAt, 'moment', place),
    until: formatTime(request.expiresAt, 'moment', place),
    mayJoin,
  }
}

/** An admin's note, line by line; undefined: there is none. */
export function noteLines(note: string | undefined): readonly string[] | undefined {
  if (note === undefined) return undefined
  const lines = note.split(/\r\n?|\n/).map(line => displayText(line, LONGEST_NOTE))
  const written = lines.filter(line => line !== '')
  return written.length === 0 ? undefined : written
}
