import type { Request, RequestHandler, Response } from 'express'
import { CodedError } from '../../../ground/errors.ts'
import { answer, isPrefetch } from '../pages/answer.ts'
import { formOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

export interface FreshRouteDeps extends LinkDeps {
  /** The path of `publicUrl`, without a trailing slash. */
  readonly basePath: string
}

/** The links whose page offers a fresh digest once they have expired. */
export const RENEWABLE = ['release', 'digest', 'preferences'] as const

type Renewable = (typeof RENEWABLE)[number]

/** Lets the page for an expired link offer a fresh digest, as long as it is known whose link it was. */
export const offeringFresh =
  (
    deps: FreshRouteDeps,
    link: Renewable,
    handler: (request: Request, response: Response) => Promise<void>,
  ): RequestHandler =>
  async (request, response) => {
    try {
      await handler(request, response)
    } catch (error) {
      const token = String(request.params.token)
      if (isExpired(error) && (await deps.visits.isKept(link, token)))
        response.locals.fresh = pathOf(deps, link, token)
      throw error
    }
  }

/**
 * POST /fresh/release/TOKEN, and the same for the other links: sends a fresh digest to where the reader's digests go.
 * The answer says the same whether or not anything waits, because whoever has an old link may not be the reader.
 */
export const postFresh =
  (deps: FreshRouteDeps, link: Renewable): RequestHandler =>
  async (request, response) => {
    const token = String(request.params.token)
    const remoteAddress = request.ip ?? null
    const visitor = await deps.visits.openExpired(link, token, remoteAddress)
    if (isPrefetch(request) || (await formOf(request)).get('button') !== 'yes') {
      response.locals.fresh = pathOf(deps, link, token)
      throw new CodedError('LINK_EXPIRED', 'Send button=yes to get a fresh digest.')
    }
    const { again, audience } = await deps.reader.settings.sendFresh(visitor, remoteAddress)
    const view = { page: 'fresh', again } as const
    if (again === undefined)
      return answer(deps, request, response, 202, { json: { status: 'asked' }, view, audience })
    response.set('Retry-After', new Date(again).toUTCString())
    const json = { status: 'failed', code: 'TOO_MANY_REQUESTS', again: new Date(again).toISOString() }
    answer(deps, request, response, 429, { json, view, audience })
  }

/** A return to the answer asks for the page of the link. */
export const backToLink =
  (deps: FreshRouteDeps, link: Renewable): RequestHandler =>
  (request, response) =>
    response.redirect(303, `${deps.basePath}/${link}/${encodeURIComponent(String(request.params.token))}`)

const pathOf = ({ basePath }: FreshRouteDeps, link: Renewable, token: string): string =>
  `${basePath}/fresh/${link}/${token}`

const isExpired = (error: unknown): boolean => error instanceof CodedError && error.code === 'LINK_EXPIRED'
