import { type DefaultTreeAdapterTypes, parse } from 'parse5'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

/** The mistakes that a parser of the HTML standard finds, each with what stands there. */
export function htmlMistakes(html: string): string[] {
  const mistakes: string[] = []
  parse(html, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startOffset }) =>
      mistakes.push(`${code}: ${html.slice(Math.max(0, startOffset - 40), startOffset + 40)}`),
  })
  return mistakes
}

/** What a screen reader speaks of each element of this name. */
export const spokenOf = (html: string, tagName: string): string[] =>
  elementsOf(parse(html), tagName).map(element => spoken(element))

/** All that a screen reader speaks of the body: a label stands in for what is in its element. */
export const spokenBody = (html: string): string => spokenOf(html, 'td').join('\n')

/** What a person sees. */
export const visibleText = (html: string): string =>
  elementsOf(parse(html), 'td')
    .map(element => textOf(element, () => undefined))
    .join('\n')

/** The text of attributes that are spoken. */
export const labelsOf = (html: string): string[] =>
  [...html.matchAll(/aria-label="([^"]*)"/g)].map(match => match[1] ?? '')

const spoken = (element: Element): string =>
  textOf(element, ({ attrs }) => {
    const value = (name: string) => attrs.find(attribute => attribute.name === name)?.value
    if (value('aria-hidden') === 'true' || /display:\s*none/.test(value('style') ?? '')) return ''
    return value('aria-label')
  })

function textOf(node: Node, instead: (element: Element) => string | undefined): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value
  if (!('childNodes' in node) || node.nodeName === 'style') return ''
  const replaced = 'attrs' in node ? instead(node) : undefined
  return replaced ?? node.childNodes.map(child => textOf(child, instead)).join('')
}

function elementsOf(node: Node, tagName: string): Element[] {
  if (!('childNodes' in node)) return []
  if ('tagName' in node && node.tagName === tagName) return [node]
  return node.childNodes.flatMap(child => elementsOf(child, tagName))
}
