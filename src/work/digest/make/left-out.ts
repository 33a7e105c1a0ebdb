import type { ReaderSettings } from '../../../rules/settings/reader-settings.ts'
import type { JudgedCandidate } from './candidates.ts'

/** Whether a reader's digests leave a message out, because its sender is on a block list and the reader wants it so. */
export const isLeftOut = (
  { mail }: Pick<JudgedCandidate, 'mail'>,
  settings: Pick<ReaderSettings, 'leaveOutBlocked'> | undefined,
): boolean => settings?.leaveOutBlocked === true && mail?.because.detail === 'blockListed'
