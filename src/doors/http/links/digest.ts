import type { Request, Response } from 'express'
import { displaySender, senderLine } from '../../../ground/display/sender.ts'
import { CodedError } from '../../../ground/errors.ts'
import { answer } from '../pages/answer.ts'
import type { LinkDeps } from './link-deps.ts'

export interface DigestRouteDeps extends LinkDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
}

/** GET /digest/TOKEN and /digest/TOKEN/PAGE: everything that a digest lists. */
export const showDigest = (deps: DigestRouteDeps) => async (request: Request, response: Response) => {
  const token = String(request.params.token)
  const number = pageNumber(request.params.page)
  const visit = await deps.visits.open('digest', token)
  const opened = await deps.reader.openWholeDigest(visit.visitor, visit.subject, number)
  const { digest, audience, total, page, pages, entries } = opened
  const pathOf = (number: number) =>
    number < 1 || number > pages
      ? undefined
      : `${deps.basePath}/digest/${token}${number === 1 ? '' : `/${number}`}`
  const view = {
    page: 'digest',
    reader: digest.reader,
    createdAt: digest.createdAt,
    total,
    number: page,
    pages,
    entries,
    pagePaths: { previous: pathOf(page - 1), next: pathOf(page + 1) },
  } as const
  const json = {
    total,
    page,
    pages,
    messages: entries.map(entry => ({
      status: entry.mail?.state ?? 'gone',
      from: entry.mail ? senderLine(displaySender(entry.mail)) : null,
      subject: entry.mail?.subject ?? null,
      receivedAt: entry.mail ? new Date(entry.mail.receivedAt).toISOString() : null,
      releaseUrl: entry.releaseUrl,
    })),
  }
  answer(deps, request, response, 200, { json, view, audience })
}

function pageNumber(text: unknown): number {
  if (text === undefined) return 1
  const number = /^[1-9]\d{0,5}$/.test(String(text)) ? Number(text) : 0
  if (number === 0) throw new CodedError('PAGE_UNKNOWN', 'There is no such page.')
  return number
}
