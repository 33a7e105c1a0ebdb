import type { Request } from 'express'
import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import type { PauseSpan, ReaderSettingsDesk } from '../../../desks/reader/settings/settings-desk.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { Visitor } from '../../../rules/reach/visitor.ts'
import type { Done } from './preferences-view.ts'

export interface FormResult {
  readonly preferences: Preferences
  readonly done: Done
}

export type Form = ReadonlyMap<string, string>

/**
 * Does what one of the page's forms asks for, or what a mail provider does by `List-Unsubscribe=One-Click` (RFC 8058).
 *
 * @throws CodedError SETTING_LOCKED, SETTING_INVALID, BODY_UNREADABLE, SMTP_UNREACHABLE
 */
export async function handleForm(
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
export const isOneClick = (form: Form): boolean => form.get('List-Unsubscribe')?.trim() === 'One-Click'

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
    leaveOutBlocked: form.get('blocked'),
    shown: {
      schedule: form.get('shown-schedule'),
      language: form.get('shown-language'),
      timeZone: form.get('shown-timezone'),
      phrase: form.get('shown-phrase'),
      leaveOutBlocked: form.get('shown-blocked'),
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

/** The results of a form that a URL can carry, because they need no further values. */
const URL_RESULTS = ['paused', 'resumed', 'saved', 'unchanged', 'sent', 'queued', 'nothingWaits'] as const

type UrlResult = (typeof URL_RESULTS)[number]

export const fitsInUrl = (is: string | null): is is UrlResult =>
  (URL_RESULTS as readonly (string | null)[]).includes(is)

/** What the form did that redirected here, unless it is out of date by now. */
export function doneInUrl({ url }: Request, { paused }: Preferences): Done | undefined {
  const is = new URLSearchParams(url.split('?')[1]).get('done')
  if (!fitsInUrl(is) || (is === 'paused' && !paused) || (is === 'resumed' && paused)) return undefined
  return { is }
}

/** The status of the answer to a form. (The page after a redirect always answers 200.) */
export function statusOf(done: Done): number {
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
