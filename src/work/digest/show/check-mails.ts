import { CodedError } from '../../../ground/errors.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { PlainMail } from '../../../ground/mail/plain-mail.ts'
import { checkNames, inlinePartials, unrenderable } from '../../../ground/templates/check-names.ts'
import type { DigestTemplate } from '../../../ground/templates/digest-template.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import { renderDigest } from './render.ts'
import { SAMPLE_VIEWS } from './sample-view.ts'

export interface CheckMailsDeps {
  readonly files: TemplateFiles
  readonly locales: Locales
  /** BCP 47 tag. */
  readonly language: string
  readonly template: DigestTemplate
  readonly plainMail: PlainMail
}

/**
 * Renders a digest and a letter with sample data, so that a template that cannot be rendered shows at the start and not
 * when digests are due.
 *
 * @throws CodedError TEMPLATE_INVALID that names the file and what is misspelt in it
 */
export function checkMails({ files, locales, language, template, plainMail }: CheckMailsDeps): void {
  for (const file of [...DIGEST, ...LETTER]) {
    const source = files.read(file)
    checkNames(file, source, { partials: new Set(inlinePartials(source)), sentences: locales.keys })
  }
  const words = locales.wordsFor(language)
  naming(files, DIGEST, () => {
    for (const view of SAMPLE_VIEWS) renderDigest(template, words, { ...view, language })
  })
  naming(files, LETTER, () => {
    plainMail(words, { ...LETTER_ALONE, link: LINK, afterwards: ['Sample.'] })
    plainMail(words, LETTER_ALONE)
  })
}

const DIGEST = ['digest.mjml', 'digest.txt']
const LETTER = ['mail/letter.html', 'mail/letter.txt']

const LETTER_ALONE = { to: 'alice@example.com', subject: 'Sample', paragraphs: ['Sample.'] }
const LINK = { url: 'https://quarantine.example.com/sample', label: 'Sample' }

function naming(files: TemplateFiles, names: readonly string[], render: () => void): void {
  try {
    render()
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw unrenderable(error, new Map(names.map(name => [name, files.read(name)])))
  }
}
