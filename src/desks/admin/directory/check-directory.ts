import type { Directory } from '../../../ground/directory/directory.ts'
import { isDirectoryAway } from '../../../ground/directory/unless-away.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import {
  type SettingsWithoutReader,
  settingsWithoutReader,
} from '../../../work/settings/settings-without-reader.ts'
import type { DirectoryDeps } from './explain-address.ts'
import { firstWaitingAddress, type Unread, unreadMail } from './unread-mail.ts'

export interface CheckDirectoryDeps extends DirectoryDeps {
  /** `directory.kind` of the configuration. */
  readonly directoryKind: string
  readonly clock: () => number
}

/** What an admin needs to know of the directory. */
export interface DirectoryCheck {
  readonly kind: string
  readonly answer: DirectoryAnswer
  /** The messages that wait and that nobody gets a digest about. */
  readonly unread: Unread
  /** Settings that no longer count, because their address does not read its own mail. */
  readonly idleSettings: readonly SettingsWithoutReader[]
}

/** Whether the directory answers, after so many milliseconds. */
export type DirectoryAnswer =
  | { readonly ok: true; readonly took: number }
  | { readonly ok: false; readonly took: number; readonly code: ErrorCode; readonly message: string }

/** Checks whether the directory answers now, and what its last known answers leave unread. Changes nothing. */
export async function checkDirectory(deps: CheckDirectoryDeps): Promise<DirectoryCheck> {
  const { state, directory, directoryKind: kind } = deps
  return {
    kind,
    answer: await answerOf(deps, (await firstWaitingAddress(state)) ?? ANY_ADDRESS),
    unread: await unreadMail(state, directory),
    idleSettings: await settingsWithoutReader({ state, directory }),
  }
}

/** Asked about where no message waits: an answer that nobody reads it is an answer, too. */
const ANY_ADDRESS = 'postmaster@example.com'

async function answerOf(
  { liveDirectory, clock }: { readonly liveDirectory: Directory; readonly clock: () => number },
  address: string,
): Promise<DirectoryAnswer> {
  const startedAt = clock()
  try {
    await liveDirectory.find([address])
    return { ok: true, took: clock() - startedAt }
  } catch (error) {
    if (!isDirectoryAway(error)) throw error
    return { ok: false, took: clock() - startedAt, code: error.code, message: error.message }
  }
}
