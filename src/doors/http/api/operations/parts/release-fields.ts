import { z } from 'zod'
import type { ReleaseState } from '../../../../../ground/state/states.ts'
import type { ReleaseRow } from '../../../../../work/release/claims.ts'
import { choice, isoTime, isoTimeOrNull, time, timeOrNull } from '../../protocol/fields.ts'
import { EXAMPLE } from './examples.ts'

const STATES: Readonly<Record<ReleaseState, string>> = {
  releasing: 'amavisd is being asked.',
  queued: 'amavisd will be asked again.',
  released: 'amavisd has released the message.',
  failed: 'amavisd refused, or the release was given up.',
  uncertain: "amavisd's answer was lost. A copy may have been delivered.",
}

export const releaseState = choice('What became of the release.', STATES)

/** The properties of a release in every answer. */
export const releaseFields = {
  state: releaseState,
  requestedBy: z.string().describe('The reader or the admin who asked for the release.'),
  requestedAt: time.describe('When the release was asked for.'),
  finishedAt: timeOrNull.describe('When the release succeeded or failed. Null until then.'),
  code: z.string().nullable().describe('Why the release failed or waits. Null otherwise.'),
  reply: z.string().nullable().describe("amavisd's last reply. Null when there was none."),
}

/** Returns `releaseFields` of a release. */
export const releaseFieldsJson = (found: Omit<ReleaseRow, 'claimId' | 'leaseUntil'>) => ({
  state: found.state,
  requestedBy: found.askedBy,
  requestedAt: isoTime(found.requestedAt),
  finishedAt: isoTimeOrNull(found.finishedAt),
  code: found.code,
  reply: found.reply,
})

/** An example of `releaseFields`. */
export const RELEASE_EXAMPLE = {
  state: 'released',
  requestedBy: EXAMPLE.reader,
  requestedAt: EXAMPLE.releasedAt,
  finishedAt: EXAMPLE.releasedAt,
  code: null,
  reply: '250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4fXk2B1cQz',
} as const
