import type { Request, Response } from 'express'
import { CodedError, type ErrorCode } from '../../errors.ts'
import type { Preferences } from '../../preferences/own-preferences.ts'
import type { PauseSpan, PreferencesByLink } from '../../preferences/preferences-by-link.ts'
import { type AnswerDeps, type Audience, answer, isPrefetch } from '../answer.ts'
import { formOf } from '../form.ts'
import type { Done } from '../preferences-view.ts'

export interface PreferencesRouteDeps extends AnswerDeps {
  readonly preferences: PreferencesByLink
}

/** GET /preferences/TOKEN: the reader's settings, and what waits. Changes nothing. */
export const showPreferences =
  (deps: PreferencesRouteDeps) => async (request: Request, response: Response) => {
    show(deps, request, response, await deps.preferences.open(String(request.params.token)))
  }

/**
 * POST /preferences/TOKEN: `List-Unsubscribe=One-Click` (RFC 8058) pauses for good; the page's own forms do the rest.
 *
 * There is nothing for another site to forge: what authorises is the token in the path, and no cookie.
 */
export const postPreferences =
  (deps: PreferencesRouteDeps) => async (request: Request, response: Response) => {
    const token = String(request.params.token)
    if (isPrefetch(request)) return show(deps, request, response, await deps.preferences.open(token))
    try {
      const { preferences, done } = await act(deps.preferences, token, request)
      show(deps, request, response, preferences, done)
    } catch (error) {
      // What was refused is told in the reader's language too, if it is a reader's link.
      const preferences = await deps.preferences.open(token).catch(() => undefined)
      if (preferences) response.locals.audience = audienceOf(preferences)
      throw error
    }
  }

interface Acted {
  readonly preferences: Preferences
  readonly done: Done
}

type Form = ReadonlyMap<string, string>

async function act(own: PreferencesByLink, token: string, request: Request): Promise<Acted> {
  const form = await formOf(request)
  const remoteAddress = request.ip ?? null
  const span = spanOf(form)
  if (span) {
    const preferences = await own.pause(token, span, remoteAddress)
    return { preferences, done: { is: span === 'over' ? 'resumed' : 'paused' } }
  }
  if (form.get('send') === 'now') return sendNow(own, token, remoteAddress)
  if (form.get('settings') === 'save') return choose(own, token, form, remoteAddress)
  const address = form.get('destination')
  if (address !== undefined) return askForDestination(own, token, address, remoteAddress)
  throw new CodedError('BODY_UNREADABLE', 'Expected List-Unsubscribe=One-Click, pause=yes or resume=yes.')
}

function spanOf(form: Form): PauseSpan | undefined {
  if (form.get('List-Unsubscribe') === 'One-Click') return 'for-good'
  if (form.get('resume') === 'yes') return 'over'
  const pause = form.get('pause')
  if (pause === 'yes') return 'for-good'
  return pause === 'week' || pause === 'month' ? pause : undefined
}

async function choose(
  own: PreferencesByLink,
  token: string,
  form: Form,
  remoteAddress: string | null,
): Promise<Acted> {
  const choices = {
    schedule: form.get('schedule'),
    language: form.get('language'),
    timeZone: form.get('timezone'),
  }
  const { preferences, changed } = await own.choose(token, choices, remoteAddress)
  return { preferences, done: { is: changed ? 'saved' : 'unchanged' } }
}

async function sendNow(own: PreferencesByLink, token: string, remoteAddress: string | null): Promise<Acted> {
  const { preferences, asked } = await own.sendNow(token, remoteAddress)
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
  own: PreferencesByLink,
  token: string,
  address: string,
  remoteAddress: string | null,
): Promise<Acted> {
  const { preferences, asked } = await own.askForDestination(token, address, remoteAddress)
  switch (asked.status) {
    case 'asked':
      return { preferences, done: { is: 'asked', to: asked.to, wanted: asked.wanted } }
    case 'refused':
      return { preferences, done: { is: 'addressRefused', typed: asked.wanted } }
    case 'too-often':
      return { preferences, done: { is: 'askedTooOften' } }
  }
}

function show(
  deps: PreferencesRouteDeps,
  request: Request,
  response: Response,
  preferences: Preferences,
  done?: Done,
): void {
  if (done?.is === 'tooEarly') response.set('Retry-After', new Date(done.again).toUTCString())
  answer(deps, request, response, statusOf(done), {
    json: jsonOf(preferences, done),
    view: { page: 'preferences', preferences, done },
    audience: audienceOf(preferences),
  })
}

const audienceOf = ({ language, isLanguageSet, timeZone }: Preferences): Audience => ({
  language: isLanguageSet ? language : undefined,
  standardLanguage: language,
  timeZone,
})

function statusOf(done: Done | undefined): number {
  switch (done?.is) {
    case 'tooEarly':
    case 'askedTooOften':
      return 429
    case 'addressRefused':
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
      return { code: 'SETTING_INVALID' }
    default:
      return {}
  }
}

const isoOf = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()
