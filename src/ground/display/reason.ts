import type { HeldMail } from '../amavis/held-mail.ts'
import type { Words } from '../i18n/locales.ts'
import { formatScore } from './format.ts'

/** Why a message was held, in words: "Looks like spam (score 7.2)". A score that does not exist is not shown. */
export function whyHeld(
  mail: Pick<HeldMail, 'kind' | 'score' | 'senderIsBlocked'>,
  words: Words,
  language: string,
): string {
  if (mail.kind === 'spam' && mail.senderIsBlocked) return words.say('display.senderIsBlocked')
  const why = words.say(`kind.${mail.kind}`)
  const score = formatScore(mail.score, language)
  return score === undefined ? why : words.say('display.withScore', { why, score })
}
