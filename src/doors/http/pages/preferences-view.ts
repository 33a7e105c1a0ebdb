import type { OpenedDestination } from '../../../desks/reader/settings/move-digests.ts'
import type { Preferences } from '../../../desks/reader/settings/own-preferences.ts'

/** A reader's settings and, after a form was submitted, what it did. */
export interface PreferencesPage {
  readonly page: 'preferences'
  readonly preferences: Preferences
  readonly done: Done | undefined
}

/** What a form did. */
export type Done =
  | {
      readonly is:
        | 'paused'
        | 'resumed'
        | 'saved'
        | 'unchanged'
        | 'queued'
        | 'nothingWaits'
        | 'refused'
        | 'askedTooOften'
        | 'notOffered'
        | 'buttonNeeded'
    }
  | { readonly is: 'sent' }
  /** @property again when it may be asked for, in milliseconds since the epoch */
  | { readonly is: 'tooEarly'; readonly again: number }
  | { readonly is: 'asked'; readonly to: string; readonly wanted: string }
  | { readonly is: 'addressRefused'; readonly typed: string }

/** What the link in the mail that confirms another destination opens. */
export interface DestinationPage extends OpenedDestination {
  readonly page: 'destination'
}
