import type { Request, Response } from 'express'
import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import type { PauseSpan, ReaderSettingsDesk } from '../../../desks/reader/settings/settings-desk.ts'
import { CodedError, type ErrorCode, httpStatusOf } from '../../../ground/errors.ts'
import type { Visitor } from '../../../rules/reach/visitor.ts'
import { type Audience, answer, isPrefetch } from '../pages/answer.ts'
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

/** The results of a form that a URL can carry, because they need no further values. */
const URL_RESULTS = ['paused', 'resumed', 'saved', 'unchanged', 'sent', 'queued', 'nothingWaits'] as const

type UrlResult = (typeof URL_RESULTS)[number]

const fitsInUrl = (is: string | null): is is UrlResult =>
  (URL_RESULTS as readonly (string | null)[]).includes(is)

/** What the form did that redirected here, unless it is out of date by now. */
function doneInUrl({ url }: Request, { paused }: Preferences): Done | undefined {
  const is = new URLSearchParams(url.split('?')[1]).get('done')
  if (!fitsInUrl(is) || (is === 'paused' && !paused) || (is === 'resumed' && paused)) return undefined
  return { is }
}

/** A browser accepts HTML. A program, or a mail provider's request by RFC 8058, may not follow a redirect. */
const isFromPage = (request: Request, form: Form): boolean =>
  /\btext\/html\b/.test(request.headers.accept ?? '') &&
  request.accepts(['html', 'json']) === 'html' &&
  !form.has('List-Unsubscribe')

interface FormResult {
  readonly preferences: Preferences
  readonly done: Done
}

type Form = ReadonlyMap<string, string>

async function handleForm(
  own: ReaderSettingsDesk,
  visitor: Visitor,
  form: Form,
  remoteAddress: string | null,
): Promise<FormResult> {
  const span = spanOf(form)
  if (span) {
    const preferences = await own.pause(visitor, span, remoteAddress)
    return { preferences, done: { is: span === 'over' ? 'resumed' : 'paused' } }
  }
  if (form.get('send') === 'now') return sendNow(own, visitor, remoteAddress)
  if (form.get('settings') === 'save') return choose(own, visitor, form, remoteAddress)
  const address = form.get('destination')
  if (address !== undefined) return askForDestination(own, visitor, address, remoteAddress)
  throw new CodedError('BODY_UNREADABLE', 'Expected List-Unsubscribe=One-Click, pause=yes or resume=yes.')
}

function spanOf(form: Form): PauseSpan | undefined {
  if (isOneClick(form)) return 'for-good'
  if (form.get('resume') === 'yes') return 'over'
  const pause = form.get('pause')
  if (pause === 'yes') return 'for-good'
  return pause === 'week' || pause === 'month' ? pause : undefined
}

/** A mail provider that asks for its user (RFC 8058) has no button. Some senders end the body with a line break. */
const isOneClick = (form: Form): boolean => form.get('List-Unsubscribe')?.trim() === 'One-Click'

async function choose(
  own: ReaderSettingsDesk,
  visitor: Visitor,
  form: Form,
  remoteAddress: string | null,
): Promise<FormResult> {
  const choices = {
    schedule: form.get('schedule'),
    language: form.get('language'),
    timeZone: form.get('timezone'),
    phrase: form.get('phrase'),
    shown: {
      schedule: form.get('shown-schedule'),
      language: form.get('shown-language'),
      timeZone: form.get('shown-timezone'),
      phrase: form.get('shown-phrase'),
    },
  }
  const { preferences, outcome } = await own.choose(visitor, choices, remoteAddress)
  return { preferences, done: { is: CHOSEN[outcome] } }
}

const CHOSEN = { changed: 'saved', unchanged: 'unchanged', 'not-offered': 'notOffered' } as const

async function sendNow(
  own: ReaderSettingsDesk,
  visitor: Visitor,
  remoteAddress: string | null,
): Promise<FormResult> {
  const { preferences, asked } = await own.sendNow(visitor, remoteAddress)
  if (asked.outcome === 'too-early') return { preferences, done: { is: 'tooEarly', again: asked.again } }
  return { preferences, done: { is: SENT[asked.outcome] } }
}

const SENT = {
  sent: 'sent',
  queued: 'queued',
  'nothing-waits': 'nothingWaits',
  refused: 'refused',
} as const

async function askForDestination(
  own: ReaderSettingsDesk,
  visitor: Visitor,
  address: string,
  remoteAddress: string | null,
): Promise<FormResult> {
  const { preferences, asked } = await own.askForDestination(visitor, address, remoteAddress)
  switch (asked.status) {
    case 'asked':
      return { preferences, done: { is: 'asked', to: asked.to, wanted: asked.wanted } }
    case 'refused':
      return { preferences, done: { is: 'addressRefused', typed: asked.wanted } }
    case 'too-often':
      return { preferences, done: { is: 'askedTooOften' } }
  }
}

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

/** The status of the answer to a form. (The page after a redirect always answers 200.) */
function statusOf(done: Done): number {
  switch (done.is) {
    case 'tooEarly':
    case 'askedTooOften':
      return 429
    case 'addressRefused':
    case 'notOffered':
      return 400
    case 'queued':
    case 'asked':
      return 202
    case 'refused':
      return 502
    default:
      return 200
  }
}

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
