import type { Part } from './part-tree.ts'

/** The parts of a message, by what they are to who reads it. */
export interface Leaves {
  /** In their order. Each is one text, which may be there as plain text, as HTML, or as both. */
  readonly texts: readonly TextLeaf[]
  /** All other leaves, in their order. */
  readonly attachments: readonly Part[]
}

export interface TextLeaf {
  readonly plain: readonly Part[]
  readonly html: readonly Part[]
}

/** Divides the leaves into the text of the message and what is attached to it. */
export function leavesOf(part: Part): Leaves {
  if (part.parts.length === 0) return leafOf(part)
  const all = part.parts.map(leavesOf)
  const texts = all.flatMap(leaves => leaves.texts)
  const attachments = all.flatMap(leaves => leaves.attachments)
  if (part.type.value !== 'multipart/alternative') return { texts, attachments }
  const alternatives = {
    plain: texts.flatMap(text => text.plain),
    // The last alternative is the best (RFC 2046, section 5.1.4).
    html: texts.findLast(text => text.html.length > 0)?.html ?? [],
  }
  return { texts: [alternatives], attachments }
}

function leafOf(part: Part): Leaves {
  if (isAttached(part)) return { texts: [], attachments: [part] }
  switch (part.type.value) {
    case 'text/plain':
      return { texts: [{ plain: [part], html: [] }], attachments: [] }
    case 'text/html':
      return { texts: [{ plain: [], html: [part] }], attachments: [] }
    default:
      return { texts: [], attachments: [part] }
  }
}

const isAttached = ({ disposition, type }: Part): boolean =>
  disposition.value === 'attachment' || disposition.parameters.has('filename') || type.parameters.has('name')
