import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { CodedError } from '../errors.ts'

/** An image that travels in a mail: never loaded from a host. */
export interface Logo {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif'
  readonly content: Buffer
  /** In pixels, as it is shown. */
  readonly width: number
  readonly height: number
}

/** Each digest carries it, so a large one would weigh more than the mail itself. */
export const MOST_LOGO_OCTETS = 20_000

/**
 * Reads the image of a brand.
 * @throws CodedError CONFIG_INVALID when the file is missing, too large, or neither PNG, JPEG nor GIF
 */
export function readLogo(file: string): Logo {
  const content = contentOf(file)
  const found = imageIn(content)
  if (found === undefined)
    throw invalid(file, 'is not an image that mail programs show: expected PNG, JPEG or GIF, and no SVG')
  return { type: found.type, content, ...shownSize(found) }
}

function contentOf(file: string): Buffer {
  let handle: number | undefined
  try {
    // A named pipe would otherwise wait for its other end.
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const status = fstatSync(handle)
    if (!status.isFile()) throw invalid(file, 'is not a file')
    if (status.size > MOST_LOGO_OCTETS)
      throw invalid(
        file,
        `has ${status.size} octets: expected at most ${MOST_LOGO_OCTETS}, because each digest carries it`,
      )
    const content = Buffer.alloc(status.size)
    return content.subarray(0, readSync(handle, content, 0, status.size, 0))
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw invalid(file, `cannot be read (${error instanceof Error ? error.message : error})`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

interface Image {
  readonly type: Logo['type']
  readonly width: number
  readonly height: number
}

/** Knows an image by its first octets, not by its name. Undefined too for one without a size. */
function imageIn(content: Buffer): Image | undefined {
  const image = pngIn(content) ?? gifIn(content) ?? jpegIn(content)
  return image && image.width > 0 && image.height > 0 ? image : undefined
}

/** RFC 2083: the signature, then the chunk IHDR with width and height. */
const pngIn = (content: Buffer): Image | undefined =>
  content.length >= 24 && content.subarray(0, 8).equals(PNG) && content.toString('latin1', 12, 16) === 'IHDR'
    ? { type: 'image/png', width: content.readUInt32BE(16), height: content.readUInt32BE(20) }
    : undefined

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

const gifIn = (content: Buffer): Image | undefined =>
  content.length >= 10 && /^GIF8[79]a$/.test(content.toString('latin1', 0, 6))
    ? { type: 'image/gif', width: content.readUInt16LE(6), height: content.readUInt16LE(8) }
    : undefined

/** ITU T.81: segments with a length each; the size stands in the one that begins a frame. */
function jpegIn(content: Buffer): Image | undefined {
  if (content.length < 4 || content.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 <= content.length && content[at] === 0xff; ) {
    const marker = content[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker))
      return {
        type: 'image/jpeg',
        height: content.readUInt16BE(at + 5),
        width: content.readUInt16BE(at + 7),
      }
    at += 2 + content.readUInt16BE(at + 2)
  }
  return undefined
}

/** DHT, JPG and DAC. */
const NO_FRAME: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc])

/** Outlook shows an image in its own size unless it is told another. */
function shownSize({ width, height }: Image): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, MOST_HEIGHT / height, MOST_WIDTH / width)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

const MOST_HEIGHT = 40
const MOST_WIDTH = 200

const invalid = (file: string, what: string): CodedError =>
  new CodedError('CONFIG_INVALID', `brand.logo: ${JSON.stringify(file)} ${what}. Leave it out to have none.`)
