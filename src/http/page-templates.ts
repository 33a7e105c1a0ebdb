import Handlebars, { type HelperOptions } from 'handlebars'
import { CodedError } from '../errors.ts'
import type { Words } from '../i18n/locales.ts'
import type { TemplateFiles } from '../templates/template-files.ts'
import type { PageView } from './page-view.ts'

export type PageName = PageView['page']

/** Fills one page with its model; the words come along, so that templates are compiled once for all languages. */
export type PageTemplate = (model: object, words: Words) => string

export type PageTemplates = Readonly<Record<PageName, PageTemplate>>

/**
 * Compiles `pages/*.html`, with each file of that folder as a partial under its name without extension.
 * @throws CodedError TEMPLATE_INVALID naming the file that is at fault
 */
export function loadPageTemplates(files: TemplateFiles): PageTemplates {
  const engine = Handlebars.create()
  engine.registerHelper('say', say)
  for (const file of files.list(FOLDER)) {
    engine.registerPartial(file.replace(EXTENSION, ''), validated(file, files.read(`${FOLDER}/${file}`)))
  }
  const template = (name: PageName): PageTemplate => {
    const fill = engine.compile<object>(files.read(`${FOLDER}/${name}.html`), OPTIONS)
    return (model, words) => fill(model, { data: { words } })
  }
  return {
    release: template('release'),
    confirm: template('confirm'),
    released: template('released'),
    queued: template('queued'),
    'release-failed': template('release-failed'),
    digest: template('digest'),
    preferences: template('preferences'),
    error: template('error'),
  }
}

const FOLDER = 'pages'

const EXTENSION = /\.\w+$/

/** Strict: a name that no page has is a fault, not an empty place. */
const OPTIONS = { strict: true, preventIndent: true, knownHelpers: { say: true }, knownHelpersOnly: true }

/** `{{say "page.digest.here" number=1}}`: a sentence in the reader's language. */
function say(key: string, options: HelperOptions): string {
  const words: Words = options.data.words
  const values = Object.entries<string | number>(options.hash)
  return words.say(key, Object.fromEntries(values.map(([name, value]) => [name, isolated(value)])))
}

/** An address or a name keeps its own direction inside a sentence of the other (UAX #9: FSI … PDI). */
const isolated = (value: string | number) => (typeof value === 'string' ? `\u2068${value}\u2069` : value)

/** Handlebars compiles at the first use; an admin's mistake shall show at the start. */
function validated(file: string, source: string): string {
  try {
    Handlebars.precompile(source, OPTIONS)
    return source
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause)
    throw new CodedError('TEMPLATE_INVALID', `${FOLDER}/${file}: ${fault}`, { cause })
  }
}
