import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { describe, expect, test } from 'vitest'
import { sanitisedHtml } from '../../../../src/ground/message/html/sanitised-html.ts'
import { partTree } from '../../../../src/ground/message/mime/part-tree.ts'
import { BYPASSES } from '../../../html-bypasses/bypasses.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

describe('sanitised HTML', () => {
  test.each(BYPASSES)('neither loads nor runs anything: $name', ({ html }) => {
    const document = sanitisedHtml([{ html }], [])
    for (const scriptingEnabled of [true, false]) {
      const elements = elementsIn(parse(document, { scriptingEnabled }))
      expect(elements.flatMap(faultsOf)).toEqual([])
      expect(elements.filter(({ tagName }) => OURS.has(tagName)).map(({ tagName }) => tagName)).toEqual(HEAD)
    }
  })

  test('there are at least 80 kinds of bypasses, each once', () => {
    expect(new Set(BYPASSES.map(({ name }) => name)).size).toBe(BYPASSES.length)
    expect(BYPASSES.length).toBeGreaterThanOrEqual(80)
  })

  test('words, tables, colours and lists stay', () => {
    const html =
      '<h1 style="color:#333; position:absolute">Sale</h1><table bgcolor="#eee"><tr><td width="50%">a</td></tr></table><ul><li>b</ul>'
    const document = sanitisedHtml([{ html }], [])
    expect(document).toContain('<h1 style="color:#333">Sale</h1>')
    expect(document).toContain(
      '<table bgcolor="#eee"><tr><td width="50%">a</td></tr></table><ul><li>b</li></ul>',
    )
  })

  test('a link leads nowhere, and its host stands behind its words', () => {
    const html =
      '<a href="https://user@evil.example/x" target="_blank">my bank</a> <a href="mailto:a%40b.example">x</a>'
    const document = sanitisedHtml([{ html }], [])
    expect(document).toContain('<a data-host="evil.example">my bank</a>')
    expect(document).toContain('<a data-host="a@b.example">x</a>')
  })

  test('an image of the message is data, if it is of a format that is shown', () => {
    const html =
      '<img src="cid:logo@x" alt="Logo" width="10"><img src="cid:drawing"><img src="cid:none" alt="Gone">'
    const document = sanitisedHtml([{ html }], IMAGES.parts)
    expect(document).toContain(`<img alt="Logo" src="data:image/gif;base64,${GIF}" width="10" />`)
    expect(document).toContain('<img alt="" /><img alt="Gone" />')
  })

  test('of many large images, only some are shown', () => {
    const html = '<img src="cid:large">'.repeat(1000)
    const document = sanitisedHtml([{ html }], IMAGES.parts)
    expect(document.length).toBeLessThan(8_000_000)
    expect(document).toContain('<img alt="" />')
  })

  test('bidi characters are left out, also those that are entities', () => {
    const document = sanitisedHtml([{ html: '<p>a &#x202E;b \u2066c</p>' }], [])
    expect(document).toContain('<p>a b c</p>')
  })

  test('text beside HTML is text', () => {
    expect(sanitisedHtml([{ plain: '<img src=x>' }], [])).toContain('<pre>&#60;img src=x&#62;</pre>')
  })
})

const GIF = Buffer.from('GIF89a, more or less').toString('base64')

const IMAGES = partTree(
  Buffer.from(
    `Content-Type: multipart/related; boundary=b

--b
Content-Type: image/gif
Content-ID: <logo@x>
Content-Transfer-Encoding: base64

${GIF}
--b
Content-Type: image/svg+xml
Content-ID: <drawing>

<svg xmlns="http://www.w3.org/2000/svg"/>
--b
Content-Type: image/gif
Content-ID: <large>

GIF89a${'x'.repeat(400_000)}
--b--
`,
  ),
)

/** What the document itself brings. */
const HEAD = ['html', 'head', 'meta', 'meta', 'meta', 'meta', 'title', 'style', 'body']
const OURS = new Set([
  ...HEAD,
  'base',
  'link',
  'script',
  'template',
  'noscript',
  'iframe',
  'object',
  'form',
  'svg',
  'math',
])

function elementsIn(node: Node): Element[] {
  const inside = 'childNodes' in node ? node.childNodes.flatMap(elementsIn) : []
  return 'tagName' in node ? [node, ...inside] : inside
}

function faultsOf({ tagName, attrs, namespaceURI }: Element): string[] {
  if (OURS.has(tagName)) return []
  const faults = attrs.filter(
    ({ name, value }) =>
      /^on|^(?:href|srcset|action|formaction|background|ping|poster|data|xlink:href|id|class|name|target)$/.test(
        name,
      ) ||
      (name === 'src' && !/^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/.test(value)) ||
      (name === 'style' &&
        /url|image|expression|[\\(<@]|position|outside/i.test(value.replace(/rgba?\(/g, ''))),
  )
  const foreign = namespaceURI === 'http://www.w3.org/1999/xhtml' ? [] : [tagName]
  return [...foreign, ...faults.map(({ name, value }) => `${tagName} ${name}=${value}`)]
}
