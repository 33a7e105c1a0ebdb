import type { Editor, Reach } from '../../../rules/reach/reach.ts'
import { type SendNowDeps, sendNow } from '../../../work/digest/send/send-now.ts'
import { given } from '../../given.ts'
import { type FindDigestDeps, findDigest } from './find-digest.ts'
import { findDigests } from './find-digests.ts'
import { type PreviewDeps, preview } from './preview.ts'
import { type ResendDeps, resendDigest } from './resend.ts'
import { rehearseByHand, runByHand } from './run-by-hand.ts'

export interface DigestDeskDeps extends FindDigestDeps, ResendDeps, PreviewDeps {
  readonly publicUrl: string
  /** Created on first use: it needs the keys and the mailer. */
  readonly sendDeps: () => SendNowDeps
}

/** What admins do with digests. */
export const digestDesk = (deps: DigestDeskDeps) => ({
  list: given(deps, findDigests),
  find: given(deps, findDigest),
  preview: (reach: Reach, reader: string) => preview(deps, reach, reader, deps.publicUrl),
  sendNow: (reader: string, by: Editor) => sendNow(deps.sendDeps(), reader, by),
  resend: given(deps, resendDigest),
  run: given(deps, runByHand),
  rehearse: given(deps, rehearseByHand),
})

export type DigestDesk = ReturnType<typeof digestDesk>
