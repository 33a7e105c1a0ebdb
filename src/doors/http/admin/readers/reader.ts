import type { SenderDesk } from '../../../../desks/senders/sender-desk.ts'
import { sentTo } from '../../../../ground/directory/sent-to.ts'
import { DAY } from '../../../../ground/durations.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { ownerOfScope } from '../../../../rules/senders/owner.ts'
import { EVERYBODY, isReader, scopeOf } from '../../../../rules/settings/scope.ts'
import { SettingFaults } from '../../../../rules/settings/setting-faults.ts'
import type { Done } from '../frame/admin-pages.ts'
import { asPath } from '../frame/as-path.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import { digestRow } from '../frame/digest-row.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { versionIn } from '../frame/form-version.ts'
import { mailRows } from '../frame/mail-rows.ts'
import { pathOf } from '../frame/scope-page.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { heldPath } from '../held/held-path.ts'
import { sendersPath } from '../senders/senders-path.ts'
import { directoryModel } from './directory-model.ts'
import { type SettingsPage, settingsModel } from './settings-model.ts'
import {
  dayOf,
  pausedUntilOf,
  readSettings,
  SETTINGS_FIELDS,
  type SettingsField,
  type SettingsValues,
  settingsValuesOfForm,
  valuesOfSettings,
} from './settings-values.ts'

export interface ReaderRouteDeps extends DeskDeps {
  readonly senders: SenderDesk
  readonly timeZone: string
  /** The languages that have a locale. */
  readonly languages: readonly string[]
  readonly clock: () => number
}

/** GET /admin/readers/of?whom=alice@example.com, @example.com or @ */
export const showReader =
  (deps: ReaderRouteDeps): AdminHandler =>
  async visit => {
    await showNow(deps, visit, scopeOf(visit.query.get('whom') ?? ''), 200)
  }

/** POST /admin/readers/of?whom=…: saves all settings or none. `clear=yes` removes them; the wider ones apply then. */
export const postReader =
  (deps: ReaderRouteDeps): AdminHandler =>
  async visit => {
    const { editor, query, form, goTo } = visit
    const scope = scopeOf(query.get('whom') ?? '')
    const version = versionIn(form)
    const values = settingsValuesOfForm(form)
    const explanation = await deps.desk.settings.explain(editor.reach, scope)
    const pausedUntil = explanation.own?.pausedUntil ?? null
    const { change, faults } = readSettings(values, deps.clock(), deps.timeZone, pausedUntil)
    if (form.get('clear') !== 'yes' && faults.length > 0) {
      return showPage(deps, visit, { explanation, values, version, faults }, 400)
    }
    try {
      if (form.get('clear') === 'yes') await deps.desk.settings.remove(editor, scope, version)
      else await deps.desk.settings.set(editor, scope, change, version)
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      const explanation = await deps.desk.settings.explain(editor.reach, scope)
      if (error.code === 'EDIT_CONFLICT') {
        const now = explanation.own?.version ?? 0
        return showPage(
          deps,
          visit,
          { explanation, values, version: now, faults: [], conflict: error.message },
          409,
        )
      }
      if (!(error instanceof SettingFaults)) throw error
      return showPage(
        deps,
        visit,
        { explanation, values, version, faults: error.faults.map(fieldFault) },
        400,
      )
    }
    goTo(pathOf(scope), 'saved')
  }

/**
 * POST /admin/readers/pause: `pause=until` with `pauseUntil=2026-12-24`, or `pause=forever` until somebody resumes;
 * `pause=no` resumes, even if the domain is paused.
 */
export const postPause =
  (deps: ReaderRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    const scope = scopeOf(form.get('whom') ?? '')
    const values = settingsValuesOfForm(form)
    // A page that was opened before an upgrade sends `yes`.
    const wanted = form.get('pause') === 'yes' ? ({ ...values, pause: 'forever' } as const) : values
    const pausedUntil = pausedUntilOf(wanted, deps.clock(), deps.timeZone, null)
    if (pausedUntil === null || pausedUntil === undefined) return showUnknownDay(deps, visit, scope, wanted)
    try {
      await deps.desk.settings.set(editor, scope, { pausedUntil }, versionIn(form))
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'EDIT_CONFLICT') throw error
      return showNow(deps, visit, scope, 409, error.message)
    }
    goTo(pathOf(scope), 'saved')
  }

/** Asks for the day again, in the form for all settings, which has a field for it. */
async function showUnknownDay(
  deps: ReaderRouteDeps,
  visit: Visit,
  scope: string,
  { pauseUntil }: SettingsValues,
): Promise<void> {
  const explanation = await deps.desk.settings.explain(visit.editor.reach, scope)
  const saved = valuesOfSettings(explanation.own, deps.clock(), deps.timeZone)
  const page = {
    explanation,
    values: { ...saved, pause: 'until', pauseUntil } as const,
    version: versionIn(visit.form),
    faults: [{ field: 'pauseUntil', key: 'noDay' }] as const,
  }
  await showPage(deps, visit, page, 400)
}

/** POST /admin/readers/send: sends a digest of all waiting mail now. */
export const postSendNow =
  ({ desk }: ReaderRouteDeps): AdminHandler =>
  async ({ editor, form, goTo }) => {
    const reader = readerIn(form.get('whom'))
    const { outcome } = await desk.digests.sendNow(reader, editor)
    // The list of digests shows the mail server's answer.
    if (outcome === 'refused') goTo(`/admin/digests?${new URLSearchParams({ reader })}`)
    else goTo(pathOf(reader), SENT_NOW[outcome])
  }

/** GET /admin/readers/preview?whom=…: the mail as it would be sent now. Nothing in it can be clicked or run. */
export const showPreview =
  ({ desk }: ReaderRouteDeps): AdminHandler =>
  async ({ editor, query, response, show }) => {
    const reader = readerIn(query.get('whom'))
    const mail = await desk.digests.preview(editor.reach, reader)
    if (!mail) {
      return show({
        page: 'preview-empty',
        section: 'readers',
        model: writer => ({ reader, backUrl: writer.url(pathOf(reader)) }),
      })
    }
    response.set('Content-Security-Policy', PREVIEW_POLICY).type('html').send(mail.html)
  }

/** A mail has styles of its own; nothing else is allowed. */
const PREVIEW_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const SENT_NOW = {
  sent: 'sent',
  queued: 'queued',
  'nothing-waits': 'nothing',
} as const satisfies Record<string, Done>

/** @throws CodedError READER_UNKNOWN */
function readerIn(text: string | null): string {
  const scope = scopeOf(text ?? '')
  if (!isReader(scope)) throw new CodedError('READER_UNKNOWN', 'Expected the address of one reader.')
  return scope
}

function fieldFault({ field, message }: SettingFaults['faults'][number]): FieldFault<SettingsField> {
  const own = field === 'pausedUntil' ? 'pauseUntil' : field
  return { field: SETTINGS_FIELDS.find(name => name === own) ?? 'schedules', detail: message }
}

/** Shows the settings as saved. @param conflict the message that says who changed them meanwhile */
async function showNow(
  deps: ReaderRouteDeps,
  visit: Visit,
  scope: string,
  status: number,
  conflict?: string,
): Promise<void> {
  const explanation = await deps.desk.settings.explain(visit.editor.reach, scope)
  const values = valuesOfSettings(explanation.own, deps.clock(), deps.timeZone)
  const page = { explanation, values, version: explanation.own?.version ?? 0, faults: [], conflict }
  await showPage(deps, visit, page, status)
}

async function showPage(
  deps: ReaderRouteDeps,
  { editor, viewer, show }: Visit,
  page: Omit<SettingsPage, 'schedules' | 'languages'>,
  status: number,
): Promise<void> {
  const { scope } = page.explanation
  const schedules = await deps.desk.schedules.list(editor.reach)
  const waiting = isReader(scope) ? await deps.desk.readers.waitingMail(editor.reach, scope) : []
  const explained = isReader(scope) ? await deps.desk.directory.known(editor.reach, scope) : undefined
  const whose = scope === EVERYBODY ? undefined : scope
  const digests = await deps.desk.digests.list(editor.reach, { reader: whose, limit: 10 })
  const query = new URLSearchParams({ whom: scope })
  const digestsQuery = new URLSearchParams(whose === undefined ? {} : { reader: whose })
  show(
    {
      page: 'reader',
      section: 'readers',
      model: writer => ({
        ...settingsModel({ ...page, schedules, languages: deps.languages }, writer),
        isPaused: page.explanation.isPaused,
        pauseFrom: dayOf(deps.clock() + DAY, deps.timeZone),
        // Two weeks are a common holiday.
        pauseDay: dayOf(deps.clock() + 14 * DAY, deps.timeZone),
        waiting: mailRows(waiting, editor.reach, writer).map((row, index) => ({
          ...row,
          sentTo: sentTo(waiting[index]?.recipient ?? scope, scope),
        })),
        directory: isReader(scope) ? directoryModel(explained, writer) : undefined,
        digests: digests.rows.map(row => digestRow(row, writer)),
        previewUrl: writer.url(`/admin/readers/preview?${query}`),
        heldUrl: writer.url(heldPath({ recipient: whose, state: 'held' })),
        sendersUrl: deps.senders.mayUse(viewer) ? writer.url(sendersPath(ownerOfScope(scope))) : undefined,
        asUrl: isReader(scope) ? writer.url(asPath(scope)) : undefined,
        digestsUrl: writer.url(`/admin/digests?${digestsQuery}`),
        pauseAction: writer.url('/admin/readers/pause'),
        sendAction: writer.url('/admin/readers/send'),
        action: writer.url(pathOf(scope)),
        newScheduleUrl:
          whose !== undefined && deps.desk.schedules.mayChange(editor.reach)
            ? writer.url(`/admin/schedules/new?${query}`)
            : undefined,
        backUrl: writer.url('/admin/readers'),
      }),
    },
    status,
  )
}
