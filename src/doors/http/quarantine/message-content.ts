import { formatSize } from '../../../ground/display/format.ts'
import { displayText } from '../../../ground/display/text.ts'
import type { Attachment } from '../../../ground/message/attachments.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'
import type { Writer } from '../web/writer.ts'

export interface ContentContext {
  /** The URL of the message's page. */
  readonly path: string
  /** The same with its place in the list. */
  readonly own: string
  readonly framesHtml: boolean
  readonly mayDownload: boolean
  readonly writer: Writer
}

/** The text of a message and its attachments, or why they are not shown. */
export function contentModel({ content }: OpenedHeld, context: ContentContext): object {
  const { path, own, framesHtml, writer } = context
  if (content.is === 'not-shown') {
    return { ...NOTHING, notShown: writer.words.say(`message.notShown.${content.why}`) }
  }
  const { text, isTextCut, hasHtml, attachments } = content
  return {
    ...NOTHING,
    text: text.trim() === '' ? undefined : text,
    isTextCut,
    hasHtml,
    htmlUrl: framesHtml ? `${path}/html` : undefined,
    showHtmlUrl: hasHtml ? `${own}${own.includes('?') ? '&' : '?'}as=html#as-sent` : undefined,
    hideHtmlUrl: own,
    attachments: attachments.map(attachment => attachmentModel(attachment, context)),
  }
}

const NOTHING = {
  notShown: undefined,
  text: undefined,
  isTextCut: false,
  hasHtml: false,
  htmlUrl: undefined,
  showHtmlUrl: undefined,
  hideHtmlUrl: undefined,
  attachments: [],
} as const

function attachmentModel(
  { index, name, type, sniffedType, size, sha256 }: Attachment,
  { path, mayDownload, writer: { words, place } }: ContentContext,
): object {
  const isOther = sniffedType !== undefined && sniffedType !== type.toLowerCase()
  return {
    name: displayText(name, LONGEST_FILE_NAME) || words.say('message.attachments.noName'),
    type: displayText(type, LONGEST_TYPE),
    sniffedType: isOther ? displayText(sniffedType, LONGEST_TYPE) : undefined,
    size: formatSize(size, place.language),
    sha256,
    url: mayDownload ? `${path}/attachment/${index}` : undefined,
  }
}

const LONGEST_FILE_NAME = 255
const LONGEST_TYPE = 100
