import { type Colours, OUR_COLOURS } from '../brand/colours.ts'
import { once } from '../concurrency/once.ts'
import type { Words } from '../i18n/locales.ts'
import { inAscii, sourceInAscii } from './ascii-html.ts'
import { htmlOfMjml } from './compiled-mjml.ts'
import { compileDirectly, type Render } from './direct-template.ts'
import { checkTemplate, createEngine, namingFile, STRICT } from './engine.ts'
import type { TemplateFiles } from './template-files.ts'

/** The two parts of a digest, compiled. Rendering them takes some microseconds a row. */
export interface DigestTemplate {
  html(model: object, words: Words): string
  text(model: object, words: Words): string
}

/**
 * Compiles `digest.mjml` and `digest.txt`, once for all languages.
 * @param colours a brand's, in place of ours
 * @throws CodedError TEMPLATE_INVALID that names the faulty file
 */
export async function loadDigestTemplate(files: TemplateFiles, colours?: Colours): Promise<DigestTemplate> {
  const html = sourceInAscii(withColours(forBothDirections(await htmlOfMjml(files, MJML)), colours))
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

/**
 * Puts a brand's colours in place of ours, once and not for each row. Only our own hex values are known, so a template
 * of an admin that has others keeps them.
 */
export function withColours(html: string, colours: Colours | undefined): string {
  if (colours === undefined) return html
  const pairs = [
    [OUR_HEADINGS.light, colours.accent],
    [OUR_HEADINGS.dark, colours.accentDark],
    [OUR_COLOURS.accent, colours.accent],
    [OUR_COLOURS.edge, colours.edge],
    [OUR_COLOURS.accentDark, colours.accentDark],
    [OUR_COLOURS.onAccentDark, colours.onAccentDark],
  ] as const
  const brands = new Map<string, string>(pairs)
  return html.replace(/#[0-9a-f]{6}\b/g, found => brands.get(found) ?? found)
}

/** Headings are nearly in the colour of text; nothing else has these two. */
const OUR_HEADINGS = { light: '#16202a', dark: '#e9eef3' }

const engine = once(() => createEngine())

function compileTemplate(file: string, source: string, escaping: CompileOptions): Render {
  const escaped = escaping.noEscape
    ? (text: string) => text
    : (text: string) => inAscii(engine().escapeExpression(text))
  // What is compiled directly needs no other check, which would take a fifth of the time of a small run.
  const direct = namingFile(file, () => compileDirectly(source, escaped))
  if (direct) return direct
  checkTemplate(file, source)
  const render = engine().compile<object>(source, { ...STRICT, ...escaping })
  return (model, words) => render(model, { data: { words } })
}
