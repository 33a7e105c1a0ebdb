import { type Brand, NO_BRAND } from '../brand/brand.ts'
import { once } from '../concurrency/once.ts'
import type { Words } from '../i18n/locales.ts'
import { newId } from '../state/id.ts'
import { withColours } from '../templates/digest-template.ts'
import { checkTemplate, createEngine, STRICT } from '../templates/engine.ts'
import type { TemplateFiles } from '../templates/template-files.ts'
import type { OutgoingMail } from './mailer.ts'
import { messageIdOf } from './message-id.ts'

/** The content of a short mail that is not a digest, in the reader's language. All of it is plain text. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** The link to follow; it stands between `paragraphs` and `afterwards`. */
  readonly link?: { readonly url: string; readonly label: string } | undefined
  readonly afterwards?: readonly string[] | undefined
}

/** Renders a letter as a mail with an HTML and a text part. */
export type PlainMail = (words: Words, letter: Letter) => OutgoingMail

/**
 * Compiles `mail/letter.html` and `mail/letter.txt`, once for all languages.
 *
 * @param brand whose mails these are
 * @param domain the domain of the Message-IDs
 * @throws CodedError TEMPLATE_INVALID that names the faulty file
 */
export function loadPlainMail(
  files: TemplateFiles,
  domain: string,
  clock: () => number,
  brand: Pick<Brand, 'name' | 'colours'> = NO_BRAND,
): PlainMail {
  const renderHtml = compileTemplate(
    'mail/letter.html',
    withColours(files.read('mail/letter.html'), brand.colours),
    {},
  )
  // Plain text has no syntax to escape.
  const renderText = compileTemplate('mail/letter.txt', files.read('mail/letter.txt'), { noEscape: true })
  return (words, letter) => {
    const now = clock()
    const model = {
      language: words.language,
      direction: words.direction,
      brand: brand.name,
      subject: letter.subject,
      paragraphs: letter.paragraphs,
      link: letter.link,
      afterwards: letter.afterwards ?? [],
    }
    return {
      to: letter.to,
      subject: letter.subject,
      html: renderHtml(model, words),
      text: renderText(model, words),
      messageId: messageIdOf(newId(now), domain),
      date: now,
      language: words.language,
    }
  }
}

const engine = once(() => createEngine())

function compileTemplate(file: string, source: string, escaping: CompileOptions) {
  checkTemplate(file, source)
  const render = engine().compile<object>(source, { ...STRICT, ...escaping })
  return (model: object, words: Words): string => render(model, { data: { words } })
}
