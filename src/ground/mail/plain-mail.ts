import type { Words } from '../i18n/locales.ts'
import { newId } from '../state/id.ts'
import { checkTemplate, createEngine, STRICT } from '../templates/engine.ts'
import type { TemplateFiles } from '../templates/template-files.ts'
import type { OutgoingMail } from './mailer.ts'
import { messageIdOf } from './message-id.ts'

/** What a short mail says that is no digest, in the language of the words. All of it is plain text. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** What there is to do, between the paragraphs and the `afterwards`. */
  readonly link?: { readonly url: string; readonly label: string } | undefined
  readonly afterwards?: readonly string[] | undefined
}

/** A letter as a mail of two parts, ready for the mailer. */
export type PlainMail = (words: Words, letter: Letter) => OutgoingMail

/**
 * Compiles `mail/letter.html` and `mail/letter.txt`, once for all languages.
 *
 * @param domain of the Message-IDs
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export function loadPlainMail(files: TemplateFiles, domain: string, clock: () => number): PlainMail {
  const html = fillerOf(files, 'mail/letter.html', {})
  // Plain text has no syntax to escape.
  const text = fillerOf(files, 'mail/letter.txt', { noEscape: true })
  return (words, letter) => {
    const now = clock()
    const model = {
      language: words.language,
      direction: words.direction,
      subject: letter.subject,
      paragraphs: letter.paragraphs,
      link: letter.link,
      afterwards: letter.afterwards ?? [],
    }
    return {
      to: letter.to,
      subject: letter.subject,
      html: html(model, words),
      text: text(model, words),
      messageId: messageIdOf(newId(now), domain),
      date: now,
      language: words.language,
    }
  }
}

const engine = createEngine()

function fillerOf(files: TemplateFiles, file: string, escaping: CompileOptions) {
  const source = files.read(file)
  checkTemplate(file, source)
  const fill = engine.compile<object>(source, { ...STRICT, ...escaping })
  return (model: object, words: Words): string => fill(model, { data: { words } })
}
