import type { Request, Response } from 'express'
import type { Admin } from '../../../rules/reach/admins.ts'
import { adminViewer } from '../../../rules/reach/admins.ts'
import { listPages } from '../quarantine/list/list-pages.ts'
import { messagePages } from '../quarantine/message-pages.ts'
import type { QuarantineHandler, QuarantineView } from '../quarantine/quarantine-visit.ts'
import { SAMPLE_POLICIES } from './sample-held.ts'
import { SAMPLE_LEARNING } from './sample-learning.ts'
import { SAMPLE_QUARANTINE } from './sample-quarantine.ts'
import { SAMPLE_SENDERS } from './sample-senders.ts'

const NOW = Date.UTC(2026, 2, 11, 6)

const deps = {
  quarantine: SAMPLE_QUARANTINE,
  senders: SAMPLE_SENDERS,
  learning: SAMPLE_LEARNING,
  policies: SAMPLE_POLICIES,
  readersSeeHeaders: true,
  clock: () => NOW,
}

/** The pages of the quarantine as they look at the sample desk, for the frames of both audiences. */
export async function sampleHeldViews(admin: Admin, timeZone: string): Promise<QuarantineView[]> {
  const views: QuarantineView[] = []
  const look = async (handle: QuarantineHandler | undefined, query: string) =>
    handle?.({
      // The handlers read nothing else of a request, and set nothing before they show a page.
      request: { method: 'GET', headers: {} } as Request,
      response: {} as Response,
      viewer: adminViewer(admin, null),
      root: '/mail',
      params: { id: 'sample', ref: '0.j_hWRAnY0bvs.1' },
      query: new URLSearchParams(query),
      form: new URLSearchParams(),
      timeZone,
      show: view => void views.push(view),
      goTo: () => {},
    })
  const [message] = messagePages(deps)
  for (const { get } of listPages(deps)) await look(get, 'act=delete&done=deleted&of=0.j_hWRAnY0bvs.1')
  await look(listPages(deps)[0]?.get, 'q=type:nonsense&after=sample&done=confirm&of=0.j_hWRAnY0bvs.1')
  await look(message?.get, '')
  return views
}
