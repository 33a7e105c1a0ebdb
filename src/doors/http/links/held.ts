import type { Request, Response } from 'express'
import type { HeldByLink } from '../../../desks/reader/held-by-link.ts'
import { type AnswerDeps, answer, isPrefetch } from '../pages/answer.ts'
import type { MessageDeps } from '../quarantine/message-show.ts'
import type { QuarantineHandler, QuarantineVisit } from '../quarantine/quarantine-visit.ts'
import { fieldsOf } from '../web/form.ts'
import type { Page } from '../web/page.ts'
import { paramsOf, queryOf } from '../web/request-url.ts'
import { type DigestRouteDeps, digestPath } from './digest.ts'

export interface HeldRouteDeps extends DigestRouteDeps, AnswerDeps {
  readonly messages: MessageDeps
}

/** The links from whose pages a message can be opened. */
export const OPENING = ['release', 'digest'] as const

type Opening = (typeof OPENING)[number]

/** GET /digest/TOKEN/held/REF and the pages below it, and the same below /release/TOKEN. Marks the message as read. */
export const showHeld =
  (deps: HeldRouteDeps, link: Opening, { get }: Pick<Page<QuarantineHandler>, 'get'>) =>
  async (request: Request, response: Response): Promise<void> => {
    const visit = await deps.visits.open(link, String(request.params.token))
    const held = await deps.reader.heldByLink(visit, refIn(request), request.ip ?? null)
    await get?.(quarantineVisit(deps, link, { request, response, held, form: new URLSearchParams() }))
  }

/** POST /digest/TOKEN/held/REF. Its buttons send `button=yes`. */
export const postHeld =
  (deps: HeldRouteDeps, link: Opening, page: Page<QuarantineHandler>) =>
  async (request: Request, response: Response): Promise<void> => {
    if (isPrefetch(request)) return showHeld(deps, link, page)(request, response)
    const form = await fieldsOf(request)
    const remoteAddress = request.ip ?? null
    const visit = await deps.visits.openToRelease(link, String(request.params.token), remoteAddress)
    const held = await deps.reader.heldByLink(visit, refIn(request), remoteAddress)
    // The others see to it themselves that a person has pressed their button.
    if (DELETING.has(form.get('do') ?? ''))
      await deps.reader.requireButtonToDelete(held, form.get('button') === 'yes')
    await page.post?.(quarantineVisit(deps, link, { request, response, held, form }))
  }

const DELETING: ReadonlySet<string> = new Set(['delete', 'restore'])

const refIn = ({ params }: Request): string => String(params.ref)

interface HeldRequest {
  readonly request: Request
  readonly response: Response
  readonly held: HeldByLink
  readonly form: URLSearchParams
}

function quarantineVisit(
  deps: HeldRouteDeps,
  link: Opening,
  { request, response, held: { viewer, audience }, form }: HeldRequest,
): QuarantineVisit {
  const token = String(request.params.token)
  const own = `/${link}/${encodeURIComponent(token)}`
  return {
    request,
    response,
    viewer,
    root: `${own}/held`,
    back: place => (link === 'digest' ? digestPath('', token, place) : own),
    params: paramsOf(request),
    query: queryOf(request),
    form,
    timeZone: audience.timeZone,
    show: ({ model, json = {} }, status = 200) => {
      const view = { page: 'message', model, basePath: deps.basePath } as const
      answer(deps, request, response, status, { json, view, audience })
    },
    goTo: path => response.redirect(303, deps.basePath + path),
  }
}
