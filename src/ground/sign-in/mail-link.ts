import { formatTime } from '../display/format.ts'
import { formatLanguage } from '../display/language.ts'
import { timeZoneTitle } from '../display/time-zone-title.ts'
import type { Locales } from '../i18n/locales.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { PlainMail } from '../mail/plain-mail.ts'
import type { LinkMail } from './sign-in.ts'

export interface MailLinkDeps {
  readonly mailer: () => Pick<Mailer, 'send'>
  readonly plainMail: () => PlainMail
  readonly locales: Locales
  readonly publicUrl: string
  /** The path before the token: `/admin/sign-in`. */
  readonly path: string
  /** The keys of the mail's sentences in the locale files. */
  readonly words: LinkMailWords
  /** The time zone of the times in the mail. */
  readonly timeZone: string
}

export interface LinkMailWords {
  readonly subject: string
  /** What the link is for, and how long it works. */
  readonly what: string
  /** That it works in one browser only. */
  readonly browser: string
  readonly button: string
  /** Who asked for it: filled in with `when`, `timeZone` and `from`. */
  readonly asked: string
  /** What to do if it was somebody else. */
  readonly notYou: string
}

/**
 * Mails a sign-in link. The mail says when it was asked for and from which network address.
 *
 * @returns the server's reply if it did not accept the mail
 */
export async function mailLink(deps: MailLinkDeps, mail: LinkMail): Promise<string | undefined> {
  const words = deps.locales.wordsFor(...mail.languages)
  const place = {
    language: formatLanguage(mail.languages[0] ?? 'en', words.language),
    timeZone: deps.timeZone,
  }
  const asked = {
    when: formatTime(mail.at, 'moment', place),
    timeZone: timeZoneTitle(place, mail.at),
    from: mail.remoteAddress,
  }
  const keys = deps.words
  const letter = {
    to: mail.person.mailTo,
    subject: words.say(keys.subject),
    paragraphs: [words.say(keys.what), words.say(keys.browser)],
    link: { url: `${deps.publicUrl}${deps.path}/${mail.token}`, label: words.say(keys.button) },
    afterwards: [words.say(keys.asked, asked), words.say(keys.notYou)],
  }
  const answer = await deps.mailer().send(deps.plainMail()(words, letter))
  return answer.outcome === 'accepted' ? undefined : answer.reply
}
