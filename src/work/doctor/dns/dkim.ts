import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Finding, fail, ok, warn } from '../../../ground/health/check.ts'

/** The key that signs our mails (`smtp.dkim`). */
export interface DkimKey {
  readonly domain: string
  readonly selector: string
  readonly publicKey: KeyObject
}

/** Whether the key that the DNS publishes is the one that signs (RFC 6376, section 3.6.1). */
export function dkimFinding(name: string, texts: readonly string[], { publicKey }: DkimKey): Finding {
  const records = texts.map(tagsOf).filter(tags => tags.has('p'))
  const publish = `${name}. IN TXT "${recordOf(publicKey)}"`
  const [tags] = records
  if (!tags) return fail(`There is no DKIM key at ${name}, so no server can check our signatures.`, publish)
  if (records.length > 1)
    return fail(`There are ${records.length} DKIM keys at ${name}.`, `Leave one: ${publish}`)
  const published = (tags.get('p') ?? '').replaceAll(/\s+/g, '')
  if (published === '') return fail(`The DKIM key at ${name} is revoked (p=).`, publish)
  if (!isSame(published, publicKey))
    return fail(
      `The DKIM key at ${name} is not the one of smtp.dkim.keyFile, so every signature is bad.`,
      publish,
    )
  if ((tags.get('t') ?? '').split(':').includes('y'))
    return warn(`The DKIM key at ${name} is marked as a test (t=y), so servers ignore it.`, publish)
  return ok(`${name} has the key that signs`)
}

const tagsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(';').flatMap(part => {
      const [, tag, value] = /^\s*([a-z]\w*)\s*=([\s\S]*)$/i.exec(part) ?? []
      return tag === undefined || value === undefined ? [] : [[tag.toLowerCase(), value.trim()] as const]
    }),
  )

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

/** RFC 8463: the key alone, which ends the other form. */
const ED25519_OCTETS = 32

const isEd25519 = (key: KeyObject): boolean => key.asymmetricKeyType === 'ed25519'

function isSame(published: string, key: KeyObject): boolean {
  const der = Buffer.from(published, 'base64')
  if (isEd25519(key)) return spki(key).subarray(-ED25519_OCTETS).equals(der.subarray(-ED25519_OCTETS))
  return FORMS.some(type => {
    try {
      return createPublicKey({ key: der, format: 'der', type }).equals(key)
    } catch {
      return false
    }
  })
}

/** RFC 6376 says one, and everybody publishes the other. */
const FORMS = ['spki', 'pkcs1'] as const

function recordOf(key: KeyObject): string {
  const octets = isEd25519(key) ? spki(key).subarray(-ED25519_OCTETS) : spki(key)
  return `v=DKIM1; k=${isEd25519(key) ? 'ed25519' : 'rsa'}; p=${octets.toString('base64')}`
}
