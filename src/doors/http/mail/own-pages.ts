import { type HeldPagesDeps, heldPages } from './held-pages.ts'
import type { MailHandler } from './mail-visit.ts'
import { postSettings, type SettingsDeps, showSettings } from './settings.ts'

export interface OwnPagesDeps extends SettingsDeps, HeldPagesDeps {}

/** A page of a signed-in reader. */
export interface OwnPage {
  readonly path: string
  readonly get?: MailHandler
  readonly post?: MailHandler
}

/** Every page behind the readers' sign-in. */
export const ownPages = (deps: OwnPagesDeps): readonly OwnPage[] => [
  { path: '/mail/settings', get: showSettings(deps), post: postSettings(deps) },
  ...heldPages(deps),
]
