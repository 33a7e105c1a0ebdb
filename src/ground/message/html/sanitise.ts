import sanitizeHtml, { type Attributes, type Tag } from 'sanitize-html'
import { displayText } from '../../display/text.ts'
import { linkHost } from './link-host.ts'
import { visible } from './shown-text.ts'

/** Resolves a `cid:` or `data:` address of an image to one that begins with `data:`; undefined: it is not shown. */
export type ImageSource = (src: string) => string | undefined

/**
 * The HTML of a stranger as a fragment that can do nothing: no scripts, forms, frames, style elements or foreign
 * namespaces, no address that a browser would load or follow, and of styles only those that set letters and boxes.
 * Where a link led is kept as text in `data-host`.
 */
export const sanitisedFragment = (html: string, images: ImageSource): string =>
  sanitizeHtml(html, {
    allowedTags: TAGS,
    disallowedTagsMode: 'discard',
    nonTextTags: DROPPED_WITH_CONTENT,
    allowedAttributes: { '*': ATTRIBUTES, a: ['data-host'], img: ['src', 'alt', 'width', 'height'] },
    allowedStyles: { '*': Object.fromEntries(STYLES.map(name => [name, [HARMLESS_VALUE]])) },
    allowedSchemes: [],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    allowVulnerableTags: false,
    nestingLimit: 100,
    parser: { lowerCaseTags: true, decodeEntities: true },
    transformTags: { a: linkAsText, area: linkAsText, img: imageOf(images) },
    textFilter: withoutHidden,
  })

const TAGS = listed(`
  a abbr address article aside b big blockquote br caption center cite code col colgroup dd del dfn
  div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark
  ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th thead time tr
  tt u ul var wbr
`)

/** Elements whose text is no text of the message, or which browsers read by rules of their own. */
const DROPPED_WITH_CONTENT = listed(`
  script style title template noscript noembed noframes iframe frameset object applet audio video
  canvas svg math xmp listing plaintext textarea select option datalist
`)

const ATTRIBUTES = listed(`
  align valign bgcolor border cellpadding cellspacing color colspan dir face height lang nowrap
  rowspan size span start style type value width
`)

/** Properties that neither load anything nor take a box out of its place. */
const STYLES = listed(`
  background-color color direction font font-family font-size font-style font-weight font-variant
  letter-spacing line-height list-style-type text-align text-decoration text-indent text-transform
  vertical-align white-space word-break overflow-wrap width height max-width min-width max-height
  min-height border border-top border-right border-bottom border-left border-collapse
  border-spacing border-color border-style border-width border-radius margin margin-top
  margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom
  padding-left
`)

function listed(names: string): string[] {
  return names.trim().split(/\s+/)
}

/** Words, numbers and quoted names, and no function but those of colours: so no `url()`, `expression()` or escape. */
const HARMLESS_VALUE = /^(?:[\w\s.,%#'"!+-]|(?:rgba?|hsla?)\([\d\s.,%/]{1,60}\)){1,300}$/i

function linkAsText(_name: string, attributes: Attributes): Tag {
  const { href, style, dir, lang } = attributes
  const host = linkHost(href ?? '')
  return {
    tagName: 'a',
    attribs: {
      ...(style !== undefined && { style }),
      ...(dir !== undefined && { dir }),
      ...(lang !== undefined && { lang }),
      ...(host !== undefined && { 'data-host': displayText(host, MOST_OF_HOST) }),
    },
  }
}

const MOST_OF_HOST = 300

/** An image that is not shown leaves what it says instead. */
const imageOf =
  (images: ImageSource) =>
  (_name: string, attributes: Attributes): Tag => {
    const { alt, width, height, src } = attributes
    const source = images(src ?? '')
    return {
      tagName: 'img',
      attribs: {
        alt: displayText(alt ?? '', MOST_OF_ALT),
        ...(source !== undefined && { src: source }),
        ...(width !== undefined && /^\d{1,4}%?$/.test(width) && { width }),
        ...(height !== undefined && /^\d{1,4}%?$/.test(height) && { height }),
      },
    }
  }

const MOST_OF_ALT = 200

/** The text is escaped already: an entity for a bidi character has become that character before. */
const withoutHidden = (text: string): string => (text.trim() === '' ? text : keepingEnds(text))

/** The blanks at both ends separate words of neighbouring elements. */
const keepingEnds = (text: string): string =>
  `${/^\s/.test(text) ? ' ' : ''}${visible(text)}${/\s$/.test(text) ? ' ' : ''}`
