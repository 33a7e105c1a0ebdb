import type { ReaderDesk } from '../../../desks/reader/reader-desk.ts'
import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'
import type { SenderDesk } from '../../../desks/senders/sender-desk.ts'
import { preferencesModel } from '../pages/page-preferences.ts'
import { doneInUrl, fitsInUrl, handleForm, statusOf } from '../pages/preferences-form.ts'
import type { Done } from '../pages/preferences-view.ts'
import type { MailHandler, MailVisit } from './mail-visit.ts'

export interface SettingsDeps {
  readonly reader: Pick<ReaderDesk, 'settings'>
  readonly senders: SenderDesk
}

/** GET /mail/settings: the page that a digest's link to the settings opens. */
export const showSettings =
  ({ reader: { settings }, senders }: SettingsDeps): MailHandler =>
  async visit => {
    const preferences = await settings.show(visit.viewer.visitor)
    showPage(senders, visit, preferences, doneInUrl(visit.request, preferences))
  }

/** POST /mail/settings */
export const postSettings =
  ({ reader: { settings }, senders }: SettingsDeps): MailHandler =>
  async visit => {
    const { viewer, form } = visit
    const { remoteAddress } = viewer.actor
    const { preferences, done } = await handleForm(settings, viewer.visitor, new Map(form), remoteAddress)
    // After a redirect, reloading the page does not submit the form again.
    if (fitsInUrl(done.is)) return visit.goTo('/mail/settings', done.is)
    if (done.is === 'tooEarly') visit.response.set('Retry-After', new Date(done.again).toUTCString())
    showPage(senders, visit, preferences, done, statusOf(done))
  }

function showPage(
  senders: SettingsDeps['senders'],
  visit: MailVisit,
  preferences: Preferences,
  done: Done | undefined,
  status = 200,
): void {
  const keepsLists = senders.mayUse(visit.viewer)
  visit.show(
    {
      page: 'preferences',
      section: 'settings',
      model: ({ words, place, url }) => ({
        ...preferencesModel({ page: 'preferences', preferences, done }, words, place),
        sendersUrl: keepsLists ? url('/mail/senders') : undefined,
      }),
    },
    status,
  )
}
