import type { Words } from '../i18n/locales.ts'
import { checkTemplate, createEngine, STRICT } from '../templates/engine.ts'
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
  const engine = createEngine(isolated)
  for (const file of files.list(FOLDER)) {
    const source = files.read(`${FOLDER}/${file}`)
    checkTemplate(`${FOLDER}/${file}`, source)
    engine.registerPartial(file.replace(EXTENSION, ''), source)
  }
  const template = (name: PageName): PageTemplate => {
    const fill = engine.compile<object>(files.read(`${FOLDER}/${name}.html`), STRICT)
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

/** An address or a name keeps its own direction inside a sentence of the other (UAX #9: FSI … PDI). */
const isolated = (value: string | number) => (typeof value === 'string' ? `\u2068${value}\u2069` : value)
