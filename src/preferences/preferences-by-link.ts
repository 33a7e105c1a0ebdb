import { recordAudit } from '../audit/record.ts'
import { findLinkedDigest, type LinkDeps } from '../digest/find-digest.ts'
import { pause, resume } from './pause.ts'
import { type StandardSettings, settingsOf } from './settings.ts'

export interface PreferencesDeps extends LinkDeps {
  readonly standard: StandardSettings
}

/** What a reader sees of the settings. */
export interface Preferences {
  readonly reader: string
  readonly language: string
  readonly timeZone: string
  readonly paused: boolean
}

/** @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE */
export async function openPreferences(deps: PreferencesDeps, token: string): Promise<Preferences> {
  const { reader } = await findLinkedDigest(deps, token, 'preferences')
  return preferencesOf(deps, reader)
}

/**
 * Pauses or resumes the digests of the reader whom a link was made for.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
 */
export async function changePause(
  deps: PreferencesDeps,
  token: string,
  action: 'pause' | 'resume',
  remoteAddress: string | null,
): Promise<Preferences> {
  const { reader } = await findLinkedDigest(deps, token, 'preferences')
  const now = deps.clock()
  await (action === 'pause' ? pause(deps.state, reader, now) : resume(deps.state, reader, now))
  const actor = { kind: 'reader', name: reader, remoteAddress } as const
  await recordAudit(deps.state, { actor, action, outcome: 'done' }, now)
  return preferencesOf(deps, reader)
}

async function preferencesOf(deps: PreferencesDeps, reader: string): Promise<Preferences> {
  const settings = (await settingsOf(deps.state, [reader], deps.standard)).get(reader)
  return {
    reader,
    language: settings?.language ?? deps.standard.language,
    timeZone: settings?.timeZone ?? deps.standard.timeZone,
    paused: (settings?.pausedUntil ?? 0) > deps.clock(),
  }
}
