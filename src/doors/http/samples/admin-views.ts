import type { Request, Response } from 'express'
import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import { type Admin, adminViewer } from '../../../rules/reach/admins.ts'
import type { Examination, Examinations } from '../../../work/doctor/last-examination.ts'
import { asSenders } from '../admin/as/as-senders.ts'
import { asSettings } from '../admin/as/as-settings.ts'
import { findReader } from '../admin/as/find-reader.ts'
import { deskPages } from '../admin/desk-pages.ts'
import { showOverview } from '../admin/figures/overview.ts'
import type { AdminView } from '../admin/frame/admin-pages.ts'
import { adminProblemOf } from '../admin/frame/admin-problems.ts'
import type { AdminHandler } from '../admin/frame/visit.ts'
import { showRequest } from '../admin/requests/request.ts'
import { showSenders } from '../admin/senders/senders.ts'
import { SAMPLE_SIGN_INS } from './mail-views.ts'
import { SAMPLE_DESK as desk } from './sample-desk.ts'
import { SAMPLE_HELP_DESK } from './sample-help-desk.ts'
import { SAMPLE_QUARANTINE } from './sample-quarantine.ts'
import { SAMPLE_REQUESTS as requests } from './sample-requests.ts'
import { SAMPLE_LISTS, SAMPLE_SENDERS } from './sample-senders.ts'

/** The admins' pages as they look at the sample desk, to try their templates with. */
export async function sampleAdminViews(timeZone: string): Promise<AdminView[]> {
  const deps = {
    desk,
    timeZone,
    languages: ['en'],
    clock: () => Date.UTC(2026, 2, 11, 6),
    doctor: SAMPLE_DOCTOR,
    requests,
    senders: SENDERS,
    quarantine: SAMPLE_QUARANTINE,
  }
  const overview = showOverview({
    ...deps,
    signIns: {
      unusedLinks: async () => ({
        count: 3,
        networks: 1,
        last: { at: Date.UTC(2026, 2, 11, 5), network: '192.0.2.0/24' },
      }),
    },
    health: async () => [
      { part: 'storage', code: undefined },
      { part: 'amavisd', host: 'mx1.example.com', code: 'AMAVISD_UNREACHABLE' },
    ],
  })
  const shown = [await viewsOf(overview)]
  for (const { get, post } of deskPages(deps)) {
    if (get) shown.push(await viewsOf(get, QUERY))
    // Without an answer from amavisd, the page of releases asks before it releases again; other forms lack a field.
    if (post) shown.push(await viewsOf(post, QUERY).catch(() => []))
  }
  shown.push(
    await viewsOf(showRequest(deps), '', 'decided'),
    await viewsOf(showSenders(deps), `${OWNER}&sender=shop@example.net&list=allow`),
    await viewsOf(showSenders(deps), `${OWNER}&sender=bob@shop.example&did=block`),
    await viewsOf(showSenders(deps), 'owner=nobody'),
  )
  shown.push(
    await viewsOf(findReader(deps)),
    await viewsOf(asSettings({ helpDesk: SAMPLE_HELP_DESK })),
    await viewsOf(asSenders({ helpDesk: SAMPLE_HELP_DESK })),
  )
  return [...shown.flat(), ...BEFORE_SIGN_IN]
}

const EXAMINATION: Examination = {
  at: Date.UTC(2026, 2, 11, 6),
  found: [
    { id: 'storage.grants', group: 'Database', status: 'fail', message: 'A message.', fix: 'A command.' },
    { id: 'quarantine.chunks', group: 'Quarantine', status: 'skip', message: 'A message.', fix: undefined },
  ],
}

const SAMPLE_DOCTOR: Examinations = { last: () => EXAMINATION, examine: async () => EXAMINATION }

/** With more entries than a page shows. */
const SENDERS: SenderDesk = {
  ...SAMPLE_SENDERS,
  lists: async () => ({ ...SAMPLE_LISTS, entries: Array(70).fill(SAMPLE_LISTS.entries).flat() }),
}

const OWNER = 'owner=alice@example.com'

const QUERY =
  'name=daily&whom=alice@example.com&reader=alice@example.com&after=sample&owner=alice@example.com&page=2'

/** An admin who may do everything. */
export const SAMPLE_ADMIN: Admin = {
  kind: 'admin',
  address: 'postmaster@example.com',
  mailTo: 'postmaster@example.com',
  reach: undefined,
  may: ['read', 'release', 'decide', 'senders', 'learn', 'download', 'virus'],
  role: 'admin',
}

/** What a handler shows. */
async function viewsOf(handle: AdminHandler, query = '', id = 'sample'): Promise<AdminView[]> {
  const views: AdminView[] = []
  await handle({
    // The handlers read nothing else of a request, and set nothing before they show a page.
    request: { params: { id, reader: 'alice@example.com' } } as unknown as Request,
    response: {} as Response,
    admin: SAMPLE_ADMIN,
    editor: {
      actor: { kind: 'admin', name: 'postmaster@example.com', remoteAddress: null },
      reach: undefined,
    },
    viewer: adminViewer(SAMPLE_ADMIN, null),
    query: new URLSearchParams(query),
    form: new URLSearchParams(),
    show: view => void views.push(view),
    goTo: () => {},
  })
  return views
}

const BEFORE_SIGN_IN: readonly AdminView[] = [
  ...SAMPLE_SIGN_INS.map(model => ({ page: 'sign-in', model: () => model, formToken: 'sample' })),
  { page: 'sign-in-sent' },
  { page: 'sign-in-link', formToken: 'sample' },
  {
    page: 'error',
    section: 'digests',
    model: ({ words, url }) => ({
      code: 'DIGEST_UNKNOWN',
      problem: adminProblemOf('DIGEST_UNKNOWN', words),
      detail: 'There is no such digest.',
      backUrl: url('/admin/digests'),
      back: words.say('admin.nav.digests'),
      signInUrl: url('/admin/sign-in'),
    }),
  },
]
