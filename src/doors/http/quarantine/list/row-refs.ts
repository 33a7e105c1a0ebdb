import { type HeldRef, parseHeldRef, wholeMessageOf } from '../../../../work/collect/held-ref.ts'

/**
 * What the buttons and the tick of a row stand for: the recipients whom the row shows, and no others of the message. As
 * `TAG.MAIL_ID.1,2,5`, because a page has up to a hundred rows of up to a hundred recipients.
 *
 * @param refs of one message, each for one recipient
 */
export function rowRefsOf(refs: readonly HeldRef[]): string {
  const numbers = refs.map(ref => parseHeldRef(ref)?.rseqnum).join(',')
  return `${wholeMessageOf(refs[0] ?? '')}.${numbers}`
}

/** The reference of each recipient. @returns empty for what names none */
export function refsOfRow(text: string): readonly HeldRef[] {
  const { message, numbers = '' } = ROW.exec(text)?.groups ?? {}
  return numbers
    .split(',')
    .map(number => `${message}.${number}`)
    .filter(ref => parseHeldRef(ref)?.rseqnum !== undefined)
}

const ROW = /^(?<message>[^:]+)\.(?<numbers>\d+(?:,\d+){0,99})$/
