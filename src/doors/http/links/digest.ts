import type { Request, Response } from 'express'
import type { ReleasedTogether, TogetherResult } from '../../../desks/reader/release-together.ts'
import type { WholeDigest, WholeDigestEntry } from '../../../desks/reader/whole-digest.ts'
import { displaySender, senderLine } from '../../../ground/display/sender.ts'
import { displayText } from '../../../ground/display/text.ts'
import { CodedError, httpStatusOf } from '../../../ground/errors.ts'
import { type HeldRef, heldRefOf, parseHeldRef } from '../../../work/collect/held-ref.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import type { DigestNotice, DigestPage } from '../pages/page-view.ts'
import { releasedByJson } from '../pages/released-by.ts'
import { fieldsOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

export interface DigestRouteDeps extends LinkDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
}

/** In octets: a form with as many ticks as a page has rows, also as multipart. */
export const LONGEST_DIGEST_BODY = 32_768

/** GET /digest/TOKEN and /digest/TOKEN/PAGE, with `?find=WORDS`: everything that a digest lists. Changes nothing. */
export const showDigest = (deps: DigestRouteDeps) => async (request: Request, response: Response) => {
  const part = partOf(request)
  const visit = await deps.visits.open('digest', String(request.params.token))
  const opened = await deps.reader.openWholeDigest(visit.visitor, visit.subject, part)
  show(deps, request, response, opened)
}

/** The path of a page of a digest, by what it calls its place. */
export function digestPath(basePath: string, token: string, place: URLSearchParams): string {
  const page = place.get('page')
  return pathOf({ basePath }, token, {
    page: page === null ? 1 : pageNumber(page),
    find: displayText(place.get('find') ?? '', LONGEST_QUERY),
  })
}

/** POST with a `message=ID` for each message to release. The page's button sends `button=yes`. */
export const postDigest = (deps: DigestRouteDeps) => async (request: Request, response: Response) => {
  if (isPrefetch(request)) return showDigest(deps)(request, response)
  const part = partOf(request)
  const form = await fieldsOf(request)
  const remoteAddress = request.ip ?? null
  const visit = await deps.visits.openToRelease('digest', String(request.params.token), remoteAddress)
  const itemIds = form.getAll('message')
  if (itemIds.length === 0) {
    const opened = await deps.reader.openWholeDigest(visit.visitor, visit.subject, part)
    return show(deps, request, response, opened, 'nothing-ticked')
  }
  const pressed = form.get('button') === 'yes'
  const released = await deps.reader.releaseTogether(visit.visitor, visit.subject, {
    itemIds,
    pressed,
    remoteAddress,
  })
  answerReleased(deps, request, response, released, pathOf(deps, tokenOf(request), part))
}

interface Part {
  readonly page: number
  readonly find: string
}

function partOf(request: Request): Part {
  const find = new URLSearchParams(request.url.split('?')[1]).get('find') ?? ''
  return { page: pageNumber(request.params.page), find: displayText(find, LONGEST_QUERY) }
}

/** In characters: longer than anybody types. */
const LONGEST_QUERY = 100

function pageNumber(text: unknown): number {
  if (text === undefined) return 1
  const number = /^[1-9]\d{0,5}$/.test(String(text)) ? Number(text) : 0
  if (number === 0) throw new CodedError('PAGE_UNKNOWN', 'There is no such page.')
  return number
}

const tokenOf = ({ params }: Request): string => String(params.token)

function pathOf(
  { basePath }: Pick<DigestRouteDeps, 'basePath'>,
  token: string,
  { page, find }: Part,
): string {
  const path = `${basePath}/digest/${encodeURIComponent(token)}${page === 1 ? '' : `/${page}`}`
  return find === '' ? path : `${path}?${new URLSearchParams({ find })}`
}

function show(
  deps: DigestRouteDeps,
  request: Request,
  response: Response,
  opened: WholeDigest,
  notice?: DigestNotice,
): void {
  const { total, page, pages, entries, audience } = opened
  const status = notice === undefined ? 200 : 400
  const json =
    notice === undefined
      ? { total, page, pages, messages: entries.map(jsonOf) }
      : { status: 'failed', code: 'BODY_UNREADABLE', message: 'Expected a message=ID for each message.' }
  answer(deps, request, response, status, { json, view: viewOf(deps, request, opened, notice), audience })
}

function viewOf(
  deps: DigestRouteDeps,
  request: Request,
  opened: WholeDigest,
  notice: DigestNotice | undefined,
): DigestPage {
  const { digest, page: number, pages, find } = opened
  const { total, all, totals, entries, showsScore } = opened
  const token = tokenOf(request)
  const pathTo = (page: number) =>
    page < 1 || page > pages ? undefined : pathOf(deps, token, { page, find })
  const place = placeOf({ page: number, find })
  const insideOf = ({ mail }: WholeDigestEntry) => mail && insidePath(deps, token, heldRefOf(mail), place)
  return {
    page: 'digest',
    reader: digest.reader,
    createdAt: digest.createdAt,
    total,
    all,
    totals,
    find,
    number,
    pages,
    entries: entries.map(entry => ({ ...entry, inside: insideOf(entry) })),
    showsScore,
    notice,
    undo: undoPath(deps, request),
    place,
    pagePaths: {
      previous: pathTo(number - 1),
      next: pathTo(number + 1),
      all: pathOf(deps, token, { page: 1, find: '' }),
    },
  }
}

/** What `digestPath` reads. */
const placeOf = ({ page, find }: Part): string =>
  String(new URLSearchParams({ ...(page > 1 && { page: String(page) }), ...(find !== '' && { find }) }))

/** The path of a message, from which its page leads back to this place of the digest. */
function insidePath({ basePath }: DigestRouteDeps, token: string, ref: HeldRef, place: string): string {
  const path = `${basePath}/digest/${encodeURIComponent(token)}/held/${encodeURIComponent(ref)}`
  return place === '' ? path : `${path}?${new URLSearchParams({ list: place })}`
}

/** `?deleted=REF`: the form that takes back what was just deleted. */
function undoPath(deps: DigestRouteDeps, request: Request): string | undefined {
  const ref = new URLSearchParams(request.url.split('?')[1]).get('deleted') ?? ''
  return parseHeldRef(ref) && insidePath(deps, tokenOf(request), ref, '')
}

const jsonOf = (entry: WholeDigestEntry) => ({
  id: entry.itemId,
  status: entry.mail?.state ?? 'gone',
  group: entry.group ?? null,
  from: entry.mail ? senderLine(displaySender(entry.mail)) : null,
  subject: entry.mail?.subject ?? null,
  receivedAt: entry.mail ? new Date(entry.mail.receivedAt).toISOString() : null,
  releaseUrl: entry.releaseUrl,
  ...releasedByJson(entry.releasedBy),
})

function answerReleased(
  deps: DigestRouteDeps,
  request: Request,
  response: Response,
  { audience, results }: ReleasedTogether,
  backPath: string,
): void {
  const messages = results.map(({ itemId, status, code, entry, releasedBy }) => ({
    id: itemId,
    status,
    ...(code === null ? {} : { code }),
    releaseUrl: entry?.releaseUrl ?? null,
    ...releasedByJson(releasedBy),
  }))
  answer(deps, request, response, statusOf(results), {
    json: { messages },
    view: { page: 'digest-released', results, backPath },
    audience,
  })
}

/** As for a single release, if all messages had one outcome. Otherwise the page was understood, and says which had. */
function statusOf(results: readonly TogetherResult[]): number {
  const statuses = new Set(results.map(outcomeStatus))
  const [only = 200] = statuses
  return statuses.size === 1 ? only : statuses.has(202) ? 202 : 200
}

function outcomeStatus({ status, code }: TogetherResult): number {
  switch (status) {
    case 'released':
    case 'already-released':
      return 200
    case 'queued':
    case 'requested':
      return 202
    case 'left-out':
    case 'failed': {
      const answered = httpStatusOf(code ?? 'AMAVISD_REFUSED')
      return answered === 202 ? 502 : answered
    }
  }
}
