import { randomBytes } from 'node:crypto'

/** Texts that are the same in every page. While a page is filled, short marks stand for them. */
export interface ConstantTexts {
  /** @returns the mark of a text */
  add(text: string): string
  /** Puts the texts back in place of their marks. */
  putInto(marked: string): FilledPage
}

/** A whole page. */
export interface FilledPage {
  text(): string
  /** The same in parts. Those that never change are in UTF-8, and neither encoded nor copied for each page. */
  parts(): readonly PagePart[]
}

export type PagePart = string | Buffer

export function constantTexts(): ConstantTexts {
  // So that nobody can put a mark into a message.
  const secret = randomBytes(12).toString('hex')
  const marks = new RegExp(`@${secret}:(\\d+)@`)
  const texts: { readonly text: string; readonly octets: Buffer }[] = []
  return {
    add(text) {
      texts.push({ text, octets: Buffer.from(text) })
      return `@${secret}:${texts.length - 1}@`
    },
    putInto(marked) {
      // Every second part is the number of a text.
      const parts = marked.split(marks)
      const constant = (index: number) => (index % 2 === 1 ? texts[Number(parts[index])] : undefined)
      return {
        text: () => parts.map((part, index) => constant(index)?.text ?? part).join(''),
        parts: () => parts.map((part, index) => constant(index)?.octets ?? part),
      }
    },
  }
}
