import { type Brand, brandOfPages, NO_BRAND } from '../../../../ground/brand/brand.ts'
import { displayAddress } from '../../../../ground/display/address.ts'
import { timeZoneTitle } from '../../../../ground/display/time-zone-title.ts'
import type { Locales } from '../../../../ground/i18n/locales.ts'
import type { TemplateFiles } from '../../../../ground/templates/template-files.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import { type HelpDeskViewer, mayInQuarantine } from '../../../../rules/reach/viewer.ts'
import { htmlTemplates } from '../../web/html-templates.ts'
import { type Writer, type WriterContext, writerFor } from '../../web/writer.ts'
import { asPath, FIND_PATH } from './as-path.ts'
import { type Navigation, shownIn } from './navigation.ts'

/** The pages of the navigation: `templates/admin/NAME.html` at `/admin/NAME`, the first one at `/admin`. */
export const SECTIONS = [
  'overview',
  'schedules',
  'readers',
  'held',
  'requests',
  'senders',
  'digests',
  'releases',
  'clicks',
  'changes',
] as const

/** `as`: what readers see, the only section of the help desk. */
export type Section = (typeof SECTIONS)[number] | 'as'

/** The notices that a page may show at its top after a form has been processed (`?done=saved`): `admin.done.NAME`. */
export const DONE = [
  'saved',
  'removed',
  'sent',
  'resent',
  'released',
  'queued',
  'dropped',
  'retried',
  'nothing',
  'approved',
  'approvedFirst',
  'approvedLater',
  'refused',
] as const

export type Done = (typeof DONE)[number]

/** What a page shows, before it is written in a language. */
export interface AdminView {
  /** The name of its template in `templates/admin`. */
  readonly page: string
  /** The entry that the navigation marks as current. */
  readonly section?: Section | undefined
  /**
   * Fills the template, in addition to what the layout needs. Every key that the template names must be present, even
   * if undefined.
   */
  readonly model?: (writer: Writer) => object
  /** Who sees what a reader sees, if the page shows that. */
  readonly lookingAs?: LookingAs | undefined
  /** For forms on pages shown before the sign-in. */
  readonly formToken?: string | undefined
}

export interface LookingAs {
  readonly viewer: HelpDeskViewer
  /** Whether the reader has lists of senders. */
  readonly hasSenders: boolean
}

export interface AdminPageContext extends WriterContext {
  readonly nonce: string
  /** The admin who is signed in. */
  readonly admin: Admin | undefined
  /** What the navigation shows besides. Undefined: nobody has signed in, or it is not known. */
  readonly navigation: Navigation | undefined
  readonly formToken: string | undefined
  readonly done: Done | undefined
}

export interface AdminPages {
  render(view: AdminView, context: AdminPageContext): string
}

/**
 * Reads and checks the templates of all admin pages once. The templates of the readers' pages can be used as partials,
 * named `pages/NAME`, and those of the quarantine as `quarantine/NAME`.
 *
 * @throws CodedError TEMPLATE_INVALID, naming the faulty file
 */
export function loadAdminPages(files: TemplateFiles, locales: Locales, brand: Brand = NO_BRAND): AdminPages {
  const shown = brandOfPages(brand)
  const compile = htmlTemplates(files, { pages: 'pages/', quarantine: 'quarantine/', admin: '' })
  const names = files.list('admin').flatMap(file => /^(.+)\.html$/.exec(file)?.[1] ?? [])
  const templates = new Map(names.map(name => [name, compile(name)]))
  return {
    render(view, context) {
      const template = templates.get(view.page)
      if (!template) throw new TypeError(`There is no template admin/${view.page}.html`)
      const writer = writerFor(locales.wordsFor(...context.languages), context)
      const { words } = writer
      return template({ ...shown, ...layoutOf(view, writer, context), ...view.model?.(writer) }, words).text()
    },
  }
}

function layoutOf(
  { section, lookingAs }: AdminView,
  { words, place, url, number }: Writer,
  context: AdminPageContext,
): object {
  const { nonce, base, admin, navigation, formToken, done, now } = context
  const waiting = navigation?.waiting ?? 0
  const navOf = (name: Section, path: string) => ({
    url: url(path),
    label: words.say(`admin.nav.${name}`),
    current: name === section,
    count: name === 'requests' && waiting > 0 ? number(waiting) : undefined,
    counted: words.say('admin.requests.waiting', { count: waiting }),
  })
  return {
    language: words.language,
    direction: words.direction,
    nonce,
    base,
    formToken,
    timeZone: timeZoneTitle(place, now),
    admin: admin && {
      address: admin.address,
      domains: admin.reach?.join(', '),
      nav:
        admin.role === 'helpDesk'
          ? [navOf('as', '/admin/as')]
          : SECTIONS.filter(name => shownIn(navigation, name)).map(name =>
              navOf(name, name === 'overview' ? '/admin' : `/admin/${name}`),
            ),
    },
    lookingAs: lookingAs && lookingModel(lookingAs, url),
    notice: done && words.say(`admin.done.${done}`),
  }
}

/** The banner above what a reader sees. */
function lookingModel({ viewer, hasSenders }: LookingAs, url: Writer['url']): object {
  const { reader } = viewer.visitor
  const path = asPath(reader)
  return {
    reader: displayAddress(reader, LONGEST_LOCAL_PART),
    key: mayInQuarantine(viewer, 'release') ? 'admin.as.mayRelease' : 'admin.as.readOnly',
    listUrl: url(path),
    settingsUrl: url(`${path}/settings`),
    sendersUrl: hasSenders ? url(`${path}/senders`) : undefined,
    findUrl: url(FIND_PATH),
  }
}

const LONGEST_LOCAL_PART = 255
