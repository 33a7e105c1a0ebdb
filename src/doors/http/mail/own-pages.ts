import type { MailHandler } from './mail-visit.ts'
import { postSettings, type SettingsDeps, showSettings } from './settings.ts'

export type OwnPagesDeps = SettingsDeps

/** A page of a signed-in reader. */
export interface OwnPage {
  readonly path: string
  readonly get?: MailHandler
  readonly post?: MailHandler
}

/** Every page behind the readers' sign-in. */
export const ownPages = (deps: OwnPagesDeps): readonly OwnPage[] => [
  { path: '/mail', get: ({ show }) => show({ page: 'reader/held', section: 'held' }) },
  { path: '/mail/settings', get: showSettings(deps), post: postSettings(deps) },
]
