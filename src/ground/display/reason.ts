import type { HeldMail } from '../amavis/held-mail.ts'
import type { Words } from '../i18n/locales.ts'
import { formatScore } from './format.ts'
import { displayText } from './text.ts'

type Held = Pick<HeldMail, 'kind' | 'score' | 'because'>

/**
 * Why a message was held, with what it was: "Risky attachment: invoice.exe".
 *
 * @param longestName characters of a file's or virus's name; what is longer loses its end
 */
export function whyHeld(
  { kind, because }: Pick<HeldMail, 'kind' | 'because'>,
  words: Words,
  longestName = MAX_NAME,
): string {
  switch (because.detail) {
    case 'named':
      return words.say(`because.${kind === 'virus' ? 'virus' : 'banned'}`, {
        name: displayText(because.name, longestName),
      })
    case 'unknown':
      return words.say(`kind.${kind}`)
    default:
      return words.say(`because.${because.detail}`)
  }
}

/** The same with the score, if the message was scored: "Looks like spam (score 7.2)". */
export function whyHeldWithScore(mail: Held, words: Words, language: string): string {
  const why = whyHeld(mail, words)
  const score = formatScore(mail.score, language)
  return score === undefined ? why : words.say('display.withScore', { why, score })
}

/** Enough for the ending of a usual file name to be seen. */
const MAX_NAME = 60
