import Handlebars, { type HelperOptions } from 'handlebars'
import { CodedError } from '../errors.ts'
import type { Words } from '../i18n/locales.ts'
import { compileMjml } from './compile-mjml.ts'
import type { TemplateFiles } from './template-files.ts'

/** The digest's two parts, compiled: filling them in costs some microseconds a row. */
export interface DigestTemplate {
  html(model: object, words: Words): string
  text(model: object, words: Words): string
}

/**
 * Compiles `digest.mjml` and `digest.txt`, once for all languages.
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export async function loadDigestTemplate(files: TemplateFiles): Promise<DigestTemplate> {
  const html = forBothDirections(await compileMjml(files.read(MJML), MJML))
  return {
    html: fillerOf(MJML, html, {}),
    // Plain text has no syntax to escape; its values were made safe to show.
    text: fillerOf(TEXT, files.read(TEXT), { noEscape: true }),
  }
}

const MJML = 'digest.mjml'
const TEXT = 'digest.txt'

/** MJML writes the sides of left-to-right text into its elements, and takes no expression instead. */
const forBothDirections = (html: string): string =>
  html
    .replaceAll('direction:ltr', 'direction:{{@root.direction}}')
    .replaceAll('text-align:left', 'text-align:{{@root.start}}')
    .replaceAll('align="left"', 'align="{{@root.start}}"')

function fillerOf(file: string, source: string, escaping: CompileOptions) {
  const options = { ...OPTIONS, ...escaping }
  const fill = validated(file, source, options)
  return (model: object, words: Words): string => fill(model, { data: { words } })
}

/** Strict: a name that no digest has is a fault, not an empty place. */
const OPTIONS = { strict: true, preventIndent: true, knownHelpers: { say: true }, knownHelpersOnly: true }

/** Handlebars compiles at the first use; an admin's mistake shall show at the start. */
function validated(file: string, source: string, options: CompileOptions) {
  try {
    engine.precompile(source, options)
    return engine.compile<object>(source, options)
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('TEMPLATE_INVALID', `${file}: ${fault}`, { cause })
  }
}

const engine = Handlebars.create()

/** `{{say "digest.title" count=total}}`: a sentence in the reader's language. */
engine.registerHelper('say', (key: string, options: HelperOptions): string => {
  const words: Words = options.data.words
  return words.say(key, options.hash)
})
