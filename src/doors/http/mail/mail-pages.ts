import { type Brand, brandOfPages, NO_BRAND } from '../../../ground/brand/brand.ts'
import { mailtoUrl } from '../../../ground/display/mailto-url.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { TemplateFiles } from '../../../ground/templates/template-files.ts'
import type { Reader } from '../../../rules/reach/readers.ts'
import { htmlTemplates } from '../web/html-templates.ts'
import { type Writer, type WriterContext, writerFor } from '../web/writer.ts'

/** The pages of the navigation: the first one at `/mail`, the others at `/mail/NAME`. */
export const MAIL_SECTIONS = ['held', 'senders', 'settings'] as const

export type MailSection = (typeof MAIL_SECTIONS)[number]

/** What a page of a signed-in reader shows, before it is written in a language. */
export interface MailView {
  /** The name of its template: `reader/sign-in` is `templates/reader/sign-in.html`, `preferences` one of `pages`. */
  readonly page: string
  /** The entry that the navigation marks as current. */
  readonly section?: MailSection | undefined
  /**
   * Fills the template, in addition to what the layout needs. Every key that the template names must be present, even
   * if undefined.
   */
  readonly model?: (writer: Writer) => object
  /** For forms on pages shown before the sign-in. */
  readonly formToken?: string | undefined
}

export interface MailPageContext extends WriterContext {
  readonly nonce: string
  /** The reader who is signed in. */
  readonly reader: Reader | undefined
  /** Undefined for a reader whom a proxy has signed in: only the proxy can sign out. */
  readonly maySignOut: boolean
  /** The pages of the navigation that this reader has. */
  readonly sections: readonly MailSection[]
  readonly formToken: string | undefined
  /** The reader's own words. */
  readonly phrase: string | undefined
  /** The address for questions. */
  readonly contact: string | undefined
}

export interface MailPages {
  render(view: MailView, context: MailPageContext): string
}

/**
 * Reads and checks the templates of the pages behind the readers' sign-in once. The templates in `pages` are partials
 * under their own names, those in `reader` and `quarantine` under `reader/NAME` and `quarantine/NAME`. A page begins
 * with `{{#> layout title=…}}`.
 *
 * @throws CodedError TEMPLATE_INVALID, naming the faulty file
 */
export function loadMailPages(files: TemplateFiles, locales: Locales, brand: Brand = NO_BRAND): MailPages {
  const shown = brandOfPages(brand)
  const compile = htmlTemplates(files, FOLDERS)
  const templates = new Map(pageNames(files).map(name => [name, compile(name)]))
  return {
    render(view, context) {
      const template = templates.get(view.page)
      if (!template) throw new TypeError(`There is no template ${view.page}.html`)
      const writer = writerFor(locales.wordsFor(...context.languages), context)
      const { words } = writer
      return template({ ...shown, ...layoutOf(view, writer, context), ...view.model?.(writer) }, words).text()
    },
  }
}

/** Each folder, with the prefix of its templates' names. */
const FOLDERS = { pages: '', reader: 'reader/', quarantine: 'quarantine/' } as const

const pageNames = (files: TemplateFiles): string[] =>
  Object.entries(FOLDERS).flatMap(([folder, prefix]) =>
    files.list(folder).flatMap(file => {
      const name = /^(.+)\.html$/.exec(file)?.[1]
      return name === undefined ? [] : [prefix + name]
    }),
  )

function layoutOf({ section }: MailView, { words, url }: Writer, context: MailPageContext): object {
  const { nonce, base, reader, maySignOut, sections, formToken, phrase, contact } = context
  return {
    language: words.language,
    direction: words.direction,
    nonce,
    base,
    formToken,
    readersPhrase: phrase,
    contact: contact === undefined ? undefined : { address: contact, url: mailtoUrl(contact) },
    wide: false,
    releasesItself: false,
    isAnswer: false,
    session: reader && {
      reader: reader.address,
      signOutUrl: maySignOut ? url('/mail/sign-out') : undefined,
      nav: sections.map(name => ({
        url: url(name === 'held' ? '/mail' : `/mail/${name}`),
        label: words.say(`reader.nav.${name}`),
        current: name === section,
      })),
    },
  }
}
