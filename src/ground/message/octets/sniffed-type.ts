import { latin1 } from './header-fields.ts'

/**
 * The type of a file by its octets; undefined if they show none. Archives are told by their directory, because file-type
 * would unpack parts of them.
 */
export async function sniffedType(octets: Uint8Array): Promise<string | undefined> {
  if (startsWith(octets, [0x50, 0x4b, 0x03, 0x04])) return typeOfZip(octets)
  if (startsWith(octets, [0x1f, 0x8b])) return 'application/gzip'
  const { fileTypeFromBuffer } = await import('file-type')
  try {
    return (await fileTypeFromBuffer(octets.subarray(0, ENOUGH)))?.mime
  } catch {
    return undefined
  }
}

/** The four formats of images that are shown within HTML; undefined for all others. */
export function imageType(octets: Uint8Array): string | undefined {
  return (
    IMAGES.find(([, magic]) => startsWith(octets, magic))?.[0] ?? (isWebP(octets) ? 'image/webp' : undefined)
  )
}

const IMAGES = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38]],
] as const

const isWebP = (octets: Uint8Array): boolean => /^RIFF[\s\S]{4}WEBP/.test(latin1(octets.subarray(0, 12)))

const startsWith = (octets: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((octet, at) => octets[at] === octet)

/** Octets of the beginning, in which the signs of nearly all formats are. */
const ENOUGH = 64_000

/** The names of its files stand at its end, uncompressed. */
function typeOfZip(octets: Uint8Array): string {
  const names = latin1(octets.subarray(0, 4096)) + latin1(octets.subarray(-ENOUGH))
  return ZIPS.find(([sign]) => sign.test(names))?.[1] ?? 'application/zip'
}

const ZIPS: readonly (readonly [sign: RegExp, type: string])[] = [
  [/mimetypeapplication\/vnd\.oasis\.opendocument\.text/, 'application/vnd.oasis.opendocument.text'],
  [
    /mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/,
    'application/vnd.oasis.opendocument.spreadsheet',
  ],
  [/mimetypeapplication\/epub\+zip/, 'application/epub+zip'],
  [/word\/document\.xml/, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  [/xl\/workbook\./, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [/ppt\/presentation\.xml/, 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  [/META-INF\/MANIFEST\.MF/, 'application/java-archive'],
]
