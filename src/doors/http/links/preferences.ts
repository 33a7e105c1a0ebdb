import type { Request, Response } from 'express'
import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import { CodedError, type ErrorCode, httpStatusOf } from '../../../ground/errors.ts'
import { type Audience, answer, isPrefetch } from '../pages/answer.ts'
import {
  doneInUrl,
  type Form,
  fitsInUrl,
  handleForm,
  isOneClick,
  statusOf,
} from '../pages/preferences-form.ts'
import type { Done } from '../pages/preferences-view.ts'
import { formOf } from '../web/form.ts'
import type { LinkDeps } from './link-deps.ts'

/** GET /preferences/TOKEN: shows the reader's settings and what waits. Changes nothing. */
export const showPreferences = (deps: LinkDeps) => async (request: Request, response: Response) => {
  const { visitor } = await visitOf(deps, request)
  const preferences = await deps.reader.settings.show(visitor)
  show(deps, request, response, preferences, doneInUrl(request, preferences))
}

/**
 * POST /preferences/TOKEN: `List-Unsubscribe=One-Click` (RFC 8058) pauses for good; the forms of the page do the rest.
 *
 * Another site cannot forge a request, because the token in the path authorises it, not a cookie.
 */
export const postPreferences = (deps: LinkDeps) => async (request: Request, response: Response) => {
  const { settings } = deps.reader
  const { visitor, subject } = await visitOf(deps, request)
  if (isPrefetch(request)) return show(deps, request, response, await settings.show(visitor))
  try {
    const form = await formOf(request)
    if (form.get('button') !== 'yes' && !isOneClick(form))
      await settings.requireButton(visitor, subject.createdAt, request.ip ?? null)
    const { preferences, done } = await handleForm(settings, visitor, form, request.ip ?? null)
    // After a redirect, reloading the page does not submit the form again.
    if (isFromPage(request, form) && fitsInUrl(done.is)) return response.redirect(303, `?done=${done.is}`)
    show(deps, request, response, preferences, done, statusOf(done))
  } catch (error) {
    // The error page, too, is in the reader's language.
    const preferences = await settings.show(visitor).catch(() => undefined)
    if (preferences && error instanceof CodedError && error.code === 'CONFIRMATION_REQUIRED')
      return askForButton(deps, request, response, preferences, error)
    if (preferences) response.locals.audience = audienceOf(preferences)
    throw error
  }
}

const visitOf = ({ visits }: LinkDeps, request: Request) =>
  visits.open('preferences', String(request.params.token))

/** A browser accepts HTML. A program, or a mail provider's request by RFC 8058, may not follow a redirect. */
const isFromPage = (request: Request, form: Form): boolean =>
  /\btext\/html\b/.test(request.headers.accept ?? '') &&
  request.accepts(['html', 'json']) === 'html' &&
  !form.has('List-Unsubscribe')

/** Shows the page with the buttons that the request lacked. */
function askForButton(
  deps: LinkDeps,
  request: Request,
  response: Response,
  preferences: Preferences,
  { code, message }: CodedError,
): void {
  answer(deps, request, response, httpStatusOf(code), {
    json: { status: 'failed', code, message },
    view: { page: 'preferences', preferences, done: { is: 'buttonNeeded' } },
    audience: audienceOf(preferences),
  })
}

function show(
  deps: LinkDeps,
  request: Request,
  response: Response,
  preferences: Preferences,
  done?: Done,
  status = 200,
): void {
  if (done?.is === 'tooEarly') response.set('Retry-After', new Date(done.again).toUTCString())
  answer(deps, request, response, status, {
    json: jsonOf(preferences, done),
    view: { page: 'preferences', preferences, done },
    audience: audienceOf(preferences),
  })
}

const audienceOf = ({ language, isLanguageSet, timeZone, phrase }: Preferences): Audience => ({
  language: isLanguageSet ? language : undefined,
  standardLanguage: language,
  timeZone,
  phrase: phrase.held,
})

function jsonOf(preferences: Preferences, done: Done | undefined): object {
  const { paused, isOff, waiting, schedule, language, timeZone } = preferences
  return {
    status: paused || isOff ? 'paused' : 'active',
    pausedUntil: isoOf(preferences.pausedUntil),
    nextDigestAt: isoOf(preferences.nextAt),
    waiting: {
      total: waiting.total,
      kinds: Object.fromEntries(waiting.kinds.map(({ kind, count }) => [kind, count])),
      firstExpiresAt: isoOf(waiting.expiresAt),
      onItsWay: waiting.onItsWay,
      earlier: waiting.earlier,
    },
    schedule: schedule.chosen ?? null,
    schedules: schedule.offered.map(({ name }) => name),
    language,
    timeZone,
    locked: preferences.locked,
    ...(done ? { done: done.is } : {}),
    ...(done?.is === 'tooEarly' ? { again: isoOf(done.again) } : {}),
    ...codeOf(done),
  }
}

function codeOf(done: Done | undefined): { readonly code?: ErrorCode } {
  switch (done?.is) {
    case 'tooEarly':
    case 'askedTooOften':
      return { code: 'TOO_MANY_REQUESTS' }
    case 'addressRefused':
    case 'notOffered':
      return { code: 'SETTING_INVALID' }
    default:
      return {}
  }
}

const isoOf = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()
