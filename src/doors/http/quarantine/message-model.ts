import { displayText } from '../../../ground/display/text.ts'
import type { ErrorCode } from '../../../ground/errors.ts'
import type { Viewer } from '../../../rules/reach/viewer.ts'
import type { HeldRef } from '../../../work/quarantine/held-ref.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import { contentModel } from './message-content.ts'
import { factsOf } from './message-facts.ts'
import { noticeModel } from './message-notices.ts'
import { recipientModels, type ShownStates } from './message-recipients.ts'
import { warningsOf } from './message-warnings.ts'
import { knownStates } from './message-states.ts'
import type { PageWriter } from './quarantine-visit.ts'

/** A held message with all that its page shows. */
export interface ShownMessage extends ShownStates {
  readonly opened: OpenedHeld
  readonly viewer: Viewer
  /** The path of the list from which it is opened: `/mail`, `/admin/held`. */
  readonly root: string
  /** Where the link back leads: that path, perhaps with a query. */
  readonly back: string
  /** The path of its own page, with its place in the list. */
  readonly own: string
  /** Its place in the list; empty: its beginning. */
  readonly place: string
  readonly framesHtml: boolean
  readonly seesHeaders: boolean
  /** Something is on its way: the page looks again. */
  readonly waits: boolean
  readonly notice: MessageNotice | undefined
}

/** What the form that was just sent led to. */
export type MessageNotice =
  | { readonly is: 'deleted' | 'restored' | 'being-released' }
  /** The release was refused, or has to be confirmed: for one recipient, or for all that the viewer may see. */
  | { readonly is: 'failed'; readonly code: ErrorCode; readonly of: HeldRef | 'all' }

/** The model of the page of a held message, for every audience. */
export function messageModel(shown: ShownMessage, writer: PageWriter): object {
  const { opened, viewer, back, waits, notice } = shown
  const [first] = opened.recipients
  if (!first) throw new TypeError('An opened message has no recipient')
  const { words, url } = writer
  const path = url(`${shown.root}/${encodeURIComponent(shown.ref)}`)
  const mayDownload = viewer.as === 'admin' && viewer.may.includes('download')
  return {
    wide: true,
    title: displayText(first.subject, LONGEST_SUBJECT) || words.say('display.noSubject'),
    backUrl: url(back),
    path,
    ownUrl: url(shown.own),
    place: shown.place,
    ...factsOf(opened, first, writer),
    warnings: warningsOf(opened),
    notice: notice && noticeModel(notice, words),
    ...recipientModels(shown, writer),
    ...contentModel(opened, { path, own: url(shown.own), framesHtml: shown.framesHtml, mayDownload, writer }),
    headersUrl: shown.seesHeaders ? `${path}/headers` : undefined,
    sourceUrl: mayDownload ? `${path}/source` : undefined,
    fileUrl: mayDownload ? `${path}/file` : undefined,
    stateUrl: waits ? `${path}/state` : undefined,
    known: knownStates(shown.states),
    // The answer to a form is not sent once more by a return to it.
    answersForm: notice?.is === 'failed',
  }
}

/** Longer than a subject that anybody reads. */
const LONGEST_SUBJECT = 255
