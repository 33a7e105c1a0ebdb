import type { Words } from '../../../ground/i18n/locales.ts'
import { checkTemplate, createEngine, STRICT } from '../../../ground/templates/engine.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'

/** Fills one page with its model; the words come along, so that templates are compiled once for all languages. */
export type PageTemplate = (model: object, words: Words) => string

/**
 * Checks all files of some folders, each of which is a partial under its name without extension.
 *
 * @param folders what stands before the names of their partials
 * @returns compiles the page that goes by a partial's name
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export function htmlTemplates(
  files: TemplateFiles,
  folders: Readonly<Record<string, string>>,
): (name: string) => PageTemplate {
  const engine = createEngine(isolated)
  const sources = new Map<string, string>()
  for (const [folder, prefix] of Object.entries(folders)) {
    for (const file of files.list(folder)) {
      const source = sent(file, files.read(`${folder}/${file}`))
      checkTemplate(`${folder}/${file}`, source)
      const name = prefix + file.replace(EXTENSION, '')
      sources.set(name, source)
      engine.registerPartial(name, source)
    }
  }
  return name => {
    const fill = engine.compile<object>(sources.get(name), STRICT)
    return (model, words) => fill(model, { data: { words } })
  }
}

/** Style goes out with every page: without what it says to those who write it. */
const sent = (file: string, source: string): string =>
  file.endsWith('.css') ? source.replace(/\/\*[\s\S]*?\*\//g, '') : source

const EXTENSION = /\.\w+$/

/** An address or a name keeps its own direction inside a sentence of the other (UAX #9: FSI … PDI). */
const isolated = (value: string | number) => (typeof value === 'string' ? `\u2068${value}\u2069` : value)
