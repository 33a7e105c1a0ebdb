import type { Words } from '../../../ground/i18n/locales.ts'
import { checkTemplate, createEngine, STRICT } from '../../../ground/templates/engine.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import { constantTexts, type FilledPage } from './constant-texts.ts'

/** Fills one page with its model. The words are a parameter, so that a template is compiled once for all languages. */
export type PageTemplate = (model: object, words: Words) => FilledPage

/**
 * Registers each file of some folders as a partial under its name without extension. An admin's files are checked.
 *
 * @param folders each folder, with the prefix of its partials' names
 * @returns a function that compiles the page of a given name
 * @throws CodedError TEMPLATE_INVALID, which names the faulty file
 */
export function htmlTemplates(
  files: TemplateFiles,
  folders: Readonly<Record<string, string>>,
): (name: string) => PageTemplate {
  const engine = createEngine(isolated)
  const constants = constantTexts()
  const sources = new Map<string, string>()
  for (const [folder, prefix] of Object.entries(folders)) {
    for (const file of files.list(folder)) {
      const path = `${folder}/${file}`
      const text = files.read(path)
      const source = withoutComments(file, text)
      // Ours have been tested. To check them took a fifth of the start of `serve`.
      if (text !== files.readBoth(path).own) checkTemplate(path, source)
      const name = prefix + file.replace(EXTENSION, '')
      sources.set(name, source)
      // As a text, it would be compiled anew within each block of a frame.
      engine.registerPartial(
        name,
        engine.compile(isConstant(source) ? constants.add(source) : source, STRICT),
      )
    }
  }
  return name => {
    const fill = engine.compile<object>(sources.get(name), STRICT)
    return (model, words) => constants.putInto(fill(model, { data: { words } }))
  }
}

/** A style sheet or a script: the largest part of a page. */
const isConstant = (source: string): boolean => source.length > 500 && !source.includes('{{')

/** A style sheet is part of every page, so its comments are left out. */
const withoutComments = (file: string, source: string): string =>
  file.endsWith('.css') ? source.replace(/\/\*[\s\S]*?\*\//g, '') : source

const EXTENSION = /\.\w+$/

/** An address or a name keeps its own direction inside a sentence of the other (UAX #9: FSI … PDI). */
const isolated = (value: string | number) => (typeof value === 'string' ? `\u2068${value}\u2069` : value)
