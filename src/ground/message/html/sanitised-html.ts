import type { Part } from '../mime/part-tree.ts'
import { imagesOf } from './images.ts'
import { sanitisedFragment } from './sanitise.ts'
import { shownDocument } from './shown-document.ts'
import { visible } from './shown-text.ts'

/** A text of a message, as HTML or as plain text. */
export type Text = { readonly html: string } | { readonly plain: string }

/** A document of the texts of a message, with the images that it brings itself. */
export function sanitisedHtml(texts: readonly Text[], attachments: readonly Part[]): string {
  const images = imagesOf(attachments)
  const fragments = texts.map(text =>
    'html' in text ? sanitisedFragment(text.html, images) : `<pre>${escaped(visible(text.plain))}</pre>`,
  )
  return shownDocument(fragments.join('\n'))
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
