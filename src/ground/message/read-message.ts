import { type Attachment, attachmentName, attachmentOf } from './attachments.ts'
import { shownText } from './html/shown-text.ts'
import { decodedBody } from './mime/decoded-body.ts'
import { type Leaves, leavesOf, type TextLeaf } from './mime/leaves.ts'
import { type Part, partTree } from './mime/part-tree.ts'
import { fieldText, headerFields } from './octets/header-fields.ts'
import { LIMITS } from './octets/limits.ts'
import { textInCharset } from './octets/text-in-charset.ts'

/** What a message says. All strings are a stranger's. */
export interface MessageContent {
  /** Fields of the header, decoded; empty where it has none. */
  readonly from: string
  readonly replyTo: string
  readonly text: string
  readonly isTextCut: boolean
  readonly hasHtml: boolean
  readonly attachments: readonly Attachment[]
}

/** Reads a message, without amavisd's head. @throws TooLarge */
export async function readContent(message: Uint8Array): Promise<MessageContent> {
  const leaves = leavesOf(partTree(message))
  const budget = textBudget()
  const { text, isCut } = await textOf(leaves.texts, budget)
  const attachments: Attachment[] = []
  // One after the other, so that only one of them is decoded at a time.
  for (const [index, part] of leaves.attachments.entries()) attachments.push(await attachmentOf(part, index))
  return {
    ...addressesOf(message),
    text,
    isTextCut: isCut || budget.left === 0,
    hasHtml: hasHtml(leaves),
    attachments,
  }
}

/** Its HTML as a document that loads and does nothing; undefined if it has none. @throws TooLarge */
export async function readHtml(message: Uint8Array): Promise<string | undefined> {
  const leaves = leavesOf(partTree(message))
  if (!hasHtml(leaves)) return undefined
  const { sanitisedHtml } = await import('./html/sanitised-html.ts')
  const budget = textBudget()
  const joined = (parts: readonly Part[]) => parts.map(part => rawText(part, budget)).join('\n')
  return sanitisedHtml(
    leaves.texts.map(({ plain, html }) =>
      html.length > 0 ? { html: joined(html) } : { plain: joined(plain) },
    ),
    leaves.attachments,
  )
}

export interface AttachedFile {
  readonly name: string
  readonly content: Uint8Array
}

/** One attachment, its transfer encoding undone; undefined if there is none in this place. @throws TooLarge */
export function readAttachment(message: Uint8Array, index: number): AttachedFile | undefined {
  const part = leavesOf(partTree(message)).attachments[index]
  // A copy: what is sent to another thread takes all of its memory along.
  return part && { name: attachmentName(part, index), content: new Uint8Array(decodedBody(part)) }
}

const hasHtml = ({ texts }: Leaves): boolean => texts.some(({ html }) => html.length > 0)

function addressesOf(message: Uint8Array): Pick<MessageContent, 'from' | 'replyTo'> {
  const found = { from: '', replyTo: '' }
  for (const { name, value } of headerFields(message)) {
    if (name === 'from') found.from ||= fieldText(value.slice(0, MOST_OF_FIELD))
    if (name === 'reply-to') found.replyTo ||= fieldText(value.slice(0, MOST_OF_FIELD))
  }
  return found
}

const MOST_OF_FIELD = 2000

/** How many octets of text may still be decoded, of all parts together. */
interface TextBudget {
  left: number
}

const textBudget = (): TextBudget => ({ left: LIMITS.text })

async function textOf(texts: readonly TextLeaf[], budget: TextBudget): Promise<ReturnType<typeof shownText>> {
  const all: string[] = []
  for (const text of texts) {
    const plain = text.plain.map(part => rawText(part, budget)).join('\n')
    all.push(plain.trim() === '' && text.html.length > 0 ? await textOfHtml(text.html, budget) : plain)
  }
  return shownText(all.join('\n\n'), LIMITS.shownText)
}

async function textOfHtml(parts: readonly Part[], budget: TextBudget): Promise<string> {
  const { htmlToText } = await import('./html/html-to-text.ts')
  return parts.map(part => htmlToText(rawText(part, budget))).join('\n\n')
}

/** The text of a part, as far as the budget allows. */
function rawText(part: Part, budget: TextBudget): string {
  const octets = decodedBody(part, budget.left)
  budget.left -= octets.length
  return textInCharset(octets, part.type.parameters.get('charset'), budget.left === 0)
}
