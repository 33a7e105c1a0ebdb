import { compile, type FormatCallback } from 'html-to-text'
import { linkHost, showsHost } from './link-host.ts'

/** Turns HTML into text. A link shows its words and the host to which it leads: `click here [evil.example]`. */
export const htmlToText = (html: string): string => convert(html)

const link: FormatCallback = (element, walk, builder) => {
  let words = ''
  builder.pushWordTransform(word => {
    words += ` ${word}`
    return word
  })
  walk(element.children, builder)
  builder.popWordTransform()
  const host = linkHost(attribute(element, 'href'))
  if (host !== undefined && !showsHost(words, host))
    builder.addInline(` [${host}]`, { noWordTransform: true })
}

/** Only what an image says instead of itself: its address is of no use to a reader. */
const image: FormatCallback = (element, _walk, builder) => {
  const words = attribute(element, 'alt').trim()
  if (words !== '') builder.addInline(` [${words.slice(0, MOST_OF_IMAGE)}] `)
}

/** Cells that stand beside each other are not to become one word. */
const cell: FormatCallback = (element, walk, builder) => {
  walk(element.children, builder)
  builder.addInline(' ')
}

/** The types of html-to-text say `any`. */
const attribute = ({ attribs }: { readonly attribs?: unknown }, name: string): string =>
  String((attribs as Readonly<Record<string, string>> | undefined)?.[name] ?? '')

const MOST_OF_IMAGE = 200

const convert = compile({
  wordwrap: false,
  limits: { maxDepth: 200, maxChildNodes: 20_000, ellipsis: '…' },
  formatters: { link, image, cell },
  selectors: [
    { selector: 'a', format: 'link' },
    { selector: 'img', format: 'image' },
    { selector: 'td', format: 'cell' },
    { selector: 'th', format: 'cell' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map(selector => ({ selector, options: { uppercase: false } })),
    ...['noscript', 'template', 'svg', 'math', 'object', 'iframe', 'title', 'select', 'textarea'].map(
      selector => ({
        selector,
        format: 'skip',
      }),
    ),
  ],
})
