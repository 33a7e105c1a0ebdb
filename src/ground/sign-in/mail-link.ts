import { formatTime } from '../display/format.ts'
import { formatLanguage } from '../display/language.ts'
import type { Locales } from '../i18n/locales.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { PlainMail } from '../mail/plain-mail.ts'
import type { LinkMail } from './sign-in.ts'

export interface MailLinkDeps {
  readonly mailer: () => Pick<Mailer, 'send'>
  readonly plainMail: () => PlainMail
  readonly locales: Locales
  readonly publicUrl: string
  /** In which admins are told times. */
  readonly timeZone: string
}

/** Mails a sign-in link, and says who asked for it from where. @returns the server's words when it did not take the mail */
export async function mailLink(deps: MailLinkDeps, mail: LinkMail): Promise<string | undefined> {
  const words = deps.locales.wordsFor(...mail.languages)
  const place = {
    language: formatLanguage(mail.languages[0] ?? 'en', words.language),
    timeZone: deps.timeZone,
  }
  const asked = {
    when: formatTime(mail.at, 'moment', place),
    timeZone: deps.timeZone,
    from: mail.remoteAddress,
  }
  const letter = {
    to: mail.admin.mailTo,
    subject: words.say('mail.signIn.subject'),
    paragraphs: [words.say('mail.signIn.what'), words.say('mail.signIn.browser')],
    link: { url: `${deps.publicUrl}/admin/sign-in/${mail.token}`, label: words.say('mail.signIn.button') },
    afterwards: [words.say('mail.signIn.asked', asked), words.say('mail.signIn.notYou')],
  }
  const answer = await deps.mailer().send(deps.plainMail()(words, letter))
  return answer.outcome === 'accepted' ? undefined : answer.reply
}
