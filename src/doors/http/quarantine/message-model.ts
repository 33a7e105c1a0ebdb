import { displayText } from '../../../ground/display/text.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import { senderPartModel } from '../pages/sender-part.ts'
import type { Writer } from '../web/writer.ts'
import { contentModel } from './message-content.ts'
import { factsOf } from './message-facts.ts'
import { noticeModel } from './message-notices.ts'
import { recipientModels } from './message-recipients.ts'
import { knownStates } from './message-states.ts'
import { warningModels } from './message-warnings.ts'
import type { ShownMessage } from './shown-message.ts'

/** The model of the page of a held message, for every audience. */
export function messageModel(shown: ShownMessage, writer: Writer): object {
  const { opened, viewer, back, waits, notice } = shown
  const [first] = opened.recipients
  if (!first) throw new TypeError('An opened message has no recipient')
  const { words, url } = writer
  const path = url(`${shown.root}/${encodeURIComponent(shown.ref)}`)
  const mayDownload = viewer.as === 'admin' && viewer.may.includes('download')
  const hasOctets = mayHaveOctets(opened)
  return {
    wide: true,
    title: displayText(first.subject, LONGEST_SUBJECT) || words.say('display.noSubject'),
    backUrl: url(back),
    path,
    ownUrl: url(shown.own),
    place: shown.place,
    ...factsOf(opened, first, writer),
    warnings: warningModels(opened),
    notice: notice && noticeModel(notice, words),
    senders: senderPartModel(shown.senders, words, { action: path, url }),
    ...recipientModels(shown, writer),
    ...contentModel(opened, { path, own: url(shown.own), framesHtml: shown.framesHtml, mayDownload, writer }),
    headersUrl: hasOctets && shown.seesHeaders ? `${path}/headers` : undefined,
    sourceUrl: hasOctets && mayDownload ? `${path}/source` : undefined,
    fileUrl: hasOctets && mayDownload ? `${path}/file` : undefined,
    stateUrl: waits ? `${path}/state` : undefined,
    known: knownStates(shown.states),
    // The answer to a form is not sent once more by a return to it.
    answersForm: notice?.is === 'failed' || (notice?.is === 'sender' && notice.said.is === 'failed'),
  }
}

/** Whether its octets may be had: what is too long or too odd to be shown as text may still be saved as a file. */
const mayHaveOctets = ({ content }: OpenedHeld): boolean =>
  content.is === 'shown' || content.why === 'too-large' || content.why === 'damaged'

/** Longer than a subject that anybody reads. */
const LONGEST_SUBJECT = 255
