import type { Page } from '../web/page.ts'
import { type HeldPagesDeps, heldPages } from './held-pages.ts'
import { type LooksDeps, showLooks } from './looks.ts'
import type { MailHandler } from './mail-visit.ts'
import { postSenders, type SendersDeps, showSenders } from './senders.ts'
import { postSettings, type SettingsDeps, showSettings } from './settings.ts'

export interface OwnPagesDeps extends SettingsDeps, LooksDeps, SendersDeps, Omit<HeldPagesDeps, 'looks'> {}

/** Every page behind the readers' sign-in. */
export const ownPages = (deps: OwnPagesDeps): readonly Page<MailHandler>[] => [
  { path: '/mail/settings', get: showSettings(deps), post: postSettings(deps) },
  { path: '/mail/senders', get: showSenders(deps), post: postSenders(deps) },
  { path: '/mail/looks', get: showLooks(deps) },
  ...heldPages(deps),
]
