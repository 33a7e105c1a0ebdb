import type { Words } from '../i18n/locales.ts'
import { htmlOfMjml } from './compiled-mjml.ts'
import { checkTemplate, createEngine, STRICT } from './engine.ts'
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
  const html = forBothDirections(await htmlOfMjml(files, MJML))
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

const engine = createEngine()

function fillerOf(file: string, source: string, escaping: CompileOptions) {
  checkTemplate(file, source)
  const fill = engine.compile<object>(source, { ...STRICT, ...escaping })
  return (model: object, words: Words): string => fill(model, { data: { words } })
}
