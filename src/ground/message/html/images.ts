import { decodedBody } from '../mime/decoded-body.ts'
import type { Part } from '../mime/part-tree.ts'
import { LIMITS } from '../octets/limits.ts'
import { imageType } from '../octets/sniffed-type.ts'
import type { ImageSource } from './sanitise.ts'
import { unescaped } from './unescaped.ts'

/**
 * The images that a message brings itself: parts that its HTML names by `cid:`, and `data:` addresses. Only four formats,
 * told by their octets, and only so many octets of one and of all. What stands on another host is never loaded.
 */
export function imagesOf(parts: readonly Part[]): ImageSource {
  const byId = new Map(parts.filter(({ contentId }) => contentId !== '').map(part => [part.contentId, part]))
  const known = new Map<string, string | undefined>()
  let left: number = LIMITS.images
  const inline = (octets: Uint8Array): string | undefined => {
    const type = imageType(octets)
    if (type === undefined || octets.length > LIMITS.image || octets.length > left) return undefined
    left -= octets.length
    return `data:${type};base64,${Buffer.from(octets).toString('base64')}`
  }
  const octetsFor = (src: string): Uint8Array | undefined => {
    const cid = /^\s*cid:([\s\S]*)$/i.exec(src)?.[1]
    if (cid === undefined) return fromDataUrl(src)
    const part = byId.get(cid.trim()) ?? byId.get(unescaped(cid.trim()))
    return part && decodedBody(part, LIMITS.image + 1)
  }
  return src => {
    // An image may be shown a thousand times, and then counts a thousand times.
    const seen = known.get(src)
    if (seen !== undefined) {
      left -= seen.length
      return left < 0 ? undefined : seen
    }
    const octets = octetsFor(src)
    const shown = octets && inline(octets)
    if (src.length < MOST_OF_KEY) known.set(src, shown)
    return shown
  }
}

const MOST_OF_KEY = 1000

function fromDataUrl(src: string): Uint8Array | undefined {
  const base64 = /^\s*data:image\/[a-z+.-]{1,20};base64,([A-Za-z0-9+/=\s]+)$/i.exec(src)?.[1]
  return base64 === undefined || base64.length > 2 * LIMITS.image ? undefined : Buffer.from(base64, 'base64')
}
