import type { Directory } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { isReader } from '../../ground/directory/readers-of.ts'
import { CodedError } from '../../ground/errors.ts'
import { type Admin, helpDeskViewer } from '../../rules/reach/admins.ts'
import { reaches } from '../../rules/reach/reach.ts'
import type { HelpDeskViewer } from '../../rules/reach/viewer.ts'
import { type LookDeps, recordLook } from '../../work/looks/record-look.ts'
import type { ChangesDeps } from '../admin/changes/find-changes-with-mail.ts'
import { given } from '../given.ts'
import type { QuarantineDesk } from '../quarantine/quarantine-desk.ts'
import type { Preferences } from '../reader/settings/own-preferences.ts'
import type { SenderDesk } from '../senders/sender-desk.ts'
import { lastLookAt, looksAt } from './looks.ts'
import { recordedQuarantine } from './recorded-quarantine.ts'
import { asTheReader, sendersSeen } from './senders-seen.ts'

export interface HelpDeskDeps extends ChangesDeps, LookDeps {
  readonly directory: Directory
  readonly quarantine: QuarantineDesk
  readonly senders: Pick<SenderDesk, 'mayUse' | 'ownersOf' | 'lists'>
  /** The settings as their reader sees them. */
  readonly preferencesOf: (reader: string) => Promise<Preferences>
}

/** What somebody may do who looks at a reader's pages and is not the reader, and what the reader is told of it. */
export const helpDesk = (deps: HelpDeskDeps) => ({
  viewerOf: given(deps, viewerOf),
  quarantine: recordedQuarantine(deps),
  settings: given(deps, settingsSeen),
  hasSenders: (viewer: HelpDeskViewer): boolean => deps.senders.mayUse(asTheReader(viewer)),
  senders: given(deps, sendersSeen),
  looksAt: given(deps, looksAt),
  lastLookAt: given(deps, lastLookAt),
})

export type HelpDesk = ReturnType<typeof helpDesk>

/**
 * An admin, or somebody of the help desk, as one who sees what a reader sees.
 *
 * @param address as it was written
 * @throws CodedError READER_UNKNOWN, alike for somebody whom the directory does not know and for a reader who is out of
 * reach; DIRECTORY_UNREACHABLE
 */
async function viewerOf(
  { directory }: HelpDeskDeps,
  admin: Admin,
  address: string,
  remoteAddress: string | null,
): Promise<HelpDeskViewer> {
  const reader = readerAddress(address)
  if (reader === undefined || !reaches(admin.reach, reader)) throw unknown()
  const answer = (await directory.find([reader])).get(reader)
  if (!answer) throw away()
  if (!isReader(answer, reader)) throw unknown()
  return helpDeskViewer(admin, reader, remoteAddress)
}

const unknown = () =>
  new CodedError('READER_UNKNOWN', 'There is no such reader in the domains that are yours.')

const away = () =>
  new CodedError(
    'DIRECTORY_UNREACHABLE',
    'The directory that knows the readers cannot be reached. Try again in a minute.',
  )

/**
 * A reader's settings, to be looked at: without the words by which the reader knows our mails, because who knows them
 * could forge one, and without what waits, which may have been sent to other domains.
 */
async function settingsSeen(deps: HelpDeskDeps, viewer: HelpDeskViewer): Promise<Preferences> {
  const preferences = await deps.preferencesOf(viewer.visitor.reader)
  await recordLook(deps, viewer, 'settings')
  return { ...preferences, phrase: { chosen: '', held: '' }, waiting: NOT_TOLD }
}

const NOT_TOLD: Preferences['waiting'] = {
  total: 0,
  isAtLeast: false,
  kinds: [],
  expiresAt: undefined,
  onItsWay: 0,
  earlier: 0,
  isEarlierAtLeast: false,
}
