import { once } from '../concurrency/once.ts'
import type { Words } from '../i18n/locales.ts'
import { htmlOfMjml } from './compiled-mjml.ts'
import { compileDirectly, type Render } from './direct-template.ts'
import { checkTemplate, createEngine, STRICT } from './engine.ts'
import type { TemplateFiles } from './template-files.ts'

/** The two parts of a digest, compiled. Rendering them takes some microseconds a row. */
export interface DigestTemplate {
  html(model: object, words: Words): string
  text(model: object, words: Words): string
}

/**
 * Compiles `digest.mjml` and `digest.txt`, once for all languages.
 * @throws CodedError TEMPLATE_INVALID that names the faulty file
 */
export async function loadDigestTemplate(files: TemplateFiles): Promise<DigestTemplate> {
  const html = forBothDirections(await htmlOfMjml(files, MJML))
  return {
    html: compileTemplate(MJML, html, {}),
    // Plain text has no syntax to escape, and its values have been made safe to show.
    text: compileTemplate(TEXT, files.read(TEXT), { noEscape: true }),
  }
}

const MJML = 'digest.mjml'
const TEXT = 'digest.txt'

/** MJML writes the sides of left-to-right text into its HTML, and accepts no expression in their place. */
const forBothDirections = (html: string): string =>
  html
    .replaceAll('direction:ltr', 'direction:{{@root.direction}}')
    .replaceAll('text-align:left', 'text-align:{{@root.start}}')
    .replaceAll('align="left"', 'align="{{@root.start}}"')

const engine = once(() => createEngine())

function compileTemplate(file: string, source: string, escaping: CompileOptions): Render {
  checkTemplate(file, source)
  const escaped = escaping.noEscape ? (text: string) => text : engine().escapeExpression
  const direct = compileDirectly(source, escaped)
  if (direct) return direct
  const render = engine().compile<object>(source, { ...STRICT, ...escaping })
  return (model, words) => render(model, { data: { words } })
}
