import { CodedError } from '../../../ground/errors.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import { checkNames, inlinePartials, unrenderable } from '../../../ground/templates/check-names.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import { loadAdminPages } from '../admin/frame/admin-pages.ts'
import { adminView } from '../admin/held/held-pages.ts'
import { mailView } from '../mail/held-pages.ts'
import { loadMailPages, MAIL_SECTIONS } from '../mail/mail-pages.ts'
import { loadPages } from '../pages/pages.ts'
import { SAMPLE_ADMIN, sampleAdminViews } from './admin-views.ts'
import { sampleHeldViews } from './held-views.ts'
import { SAMPLE_MAIL_VIEWS, SAMPLE_READER } from './mail-views.ts'
import { SAMPLE_PAGES } from './page-views.ts'

export interface CheckPagesDeps {
  readonly files: TemplateFiles
  readonly locales: Locales
  /** BCP 47 tag. */
  readonly language: string
  readonly timeZone: string
  readonly contact: string | undefined
}

/**
 * Renders each page of readers and admins with sample data, so that a template that cannot be rendered shows at the
 * start and not at a reader's click.
 *
 * @throws CodedError TEMPLATE_INVALID that names the file and what is misspelt in it
 */
export async function checkPages(deps: CheckPagesDeps): Promise<void> {
  const { files, locales, language, timeZone, contact } = deps
  const own = sourcesIn(files, 'pages')
  const admins = sourcesIn(files, 'admin')
  const quarantine = sourcesIn(files, 'quarantine')
  checkFolder(own, locales, partialsOf({ '': own, 'quarantine/': quarantine }))
  checkFolder(quarantine, locales, partialsOf({ '': own, 'quarantine/': quarantine }))
  checkFolder(admins, locales, partialsOf({ 'pages/': own, 'quarantine/': quarantine, '': admins }))
  const readers = sourcesIn(files, 'reader')
  checkFolder(readers, locales, partialsOf({ '': own, 'reader/': readers, 'quarantine/': quarantine }))
  const shown = { languages: [language], timeZone, now: Date.UTC(2026, 2, 11, 6), nonce: 'sample', contact }

  const pages = loadPages(files, locales)
  for (const view of SAMPLE_PAGES) {
    naming(`pages/${view.page}.html`, new Map([...own, ...quarantine]), () => pages.render(view, shown))
  }
  const held = await sampleHeldViews(SAMPLE_ADMIN, timeZone)
  const mailPages = loadMailPages(files, locales)
  for (const view of [...SAMPLE_MAIL_VIEWS, ...held.map(mailView)]) {
    const file = view.page.includes('/') ? `${view.page}.html` : `pages/${view.page}.html`
    for (const reader of view.formToken === undefined ? [SAMPLE_READER, undefined] : [undefined]) {
      naming(file, new Map([...readers, ...own, ...quarantine]), () =>
        mailPages.render(view, {
          ...shown,
          base: '',
          reader,
          maySignOut: true,
          sections: MAIL_SECTIONS,
          formToken: view.formToken ?? 'sample',
          phrase: 'The blue teapot',
        }),
      )
    }
  }
  const adminPages = loadAdminPages(files, locales)
  const admin = { ...SAMPLE_ADMIN, reach: ['example.com'] }
  for (const view of [...(await sampleAdminViews(timeZone)), ...held.map(adminView)]) {
    for (const visitor of view.formToken === undefined ? [admin, undefined] : [undefined]) {
      naming(`admin/${view.page}.html`, new Map([...admins, ...own, ...quarantine]), () =>
        adminPages.render(view, {
          ...shown,
          base: '',
          admin: visitor,
          navigation: { waiting: 3, hasSenders: true },
          formToken: view.formToken ?? 'sample',
          done: 'saved',
        }),
      )
    }
  }
}

/** The texts of a folder by their names (`pages/release.html`). */
const sourcesIn = (files: TemplateFiles, folder: string): Map<string, string> =>
  new Map(files.list(folder).map(file => [`${folder}/${file}`, files.read(`${folder}/${file}`)]))

const partialsOf = (folders: Readonly<Record<string, ReadonlyMap<string, string>>>): Set<string> =>
  new Set(
    Object.entries(folders).flatMap(([prefix, sources]) =>
      [...sources].flatMap(([file, source]) => [
        prefix + file.replace(/^[^/]+\//, '').replace(/\.\w+$/, ''),
        ...inlinePartials(source),
      ]),
    ),
  )

function checkFolder(sources: ReadonlyMap<string, string>, locales: Locales, partials: Set<string>): void {
  for (const [file, source] of sources) checkNames(file, source, { partials, sentences: locales.keys })
}

/** @param sources all files that the page may be made of */
function naming(file: string, sources: ReadonlyMap<string, string>, render: () => string): void {
  try {
    render()
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw unrenderable(error, new Map([[file, sources.get(file) ?? ''], ...sources]))
  }
}
