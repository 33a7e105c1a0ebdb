import type { Request, Response } from 'express'
import { CodedError } from '../../errors.ts'
import type { Preferences } from '../../preferences/preferences-by-link.ts'
import { type AnswerDeps, answer, isPrefetch } from '../answer.ts'
import { formOf } from '../form.ts'

export interface PreferencesRouteDeps extends AnswerDeps {
  readonly openPreferences: (token: string) => Promise<Preferences>
  readonly changePause: (
    token: string,
    action: 'pause' | 'resume',
    remoteAddress: string | null,
  ) => Promise<Preferences>
}

/** GET /preferences/TOKEN: the reader's settings. */
export const showPreferences =
  (deps: PreferencesRouteDeps) => async (request: Request, response: Response) => {
    show(deps, request, response, await deps.openPreferences(String(request.params.token)), false)
  }

/** POST /preferences/TOKEN: `List-Unsubscribe=One-Click` (RFC 8058) or `pause=yes` pauses, `resume=yes` resumes. */
export const postPreferences =
  (deps: PreferencesRouteDeps) => async (request: Request, response: Response) => {
    const token = String(request.params.token)
    if (isPrefetch(request)) return show(deps, request, response, await deps.openPreferences(token), false)
    const action = actionOf(await formOf(request))
    show(deps, request, response, await deps.changePause(token, action, request.ip ?? null), true)
  }

function actionOf(form: ReadonlyMap<string, string>): 'pause' | 'resume' {
  if (form.get('List-Unsubscribe') === 'One-Click' || form.get('pause') === 'yes') return 'pause'
  if (form.get('resume') === 'yes') return 'resume'
  throw new CodedError('BODY_UNREADABLE', 'Expected List-Unsubscribe=One-Click, pause=yes or resume=yes.')
}

function show(
  deps: PreferencesRouteDeps,
  request: Request,
  response: Response,
  preferences: Preferences,
  justChanged: boolean,
): void {
  const { reader, paused } = preferences
  const view = { page: 'preferences', reader, paused, justChanged } as const
  answer(deps, request, response, 200, {
    json: { status: paused ? 'paused' : 'active' },
    view,
    audience: preferences,
  })
}
