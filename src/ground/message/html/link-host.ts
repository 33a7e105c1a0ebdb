import { displayAddress } from '../../display/address.ts'
import { displayDomain } from '../../display/domain.ts'
import { unescaped } from './unescaped.ts'

/**
 * Where a link really leads: a host that cannot deceive, or an address; undefined for what leads nowhere outside.
 * A URL is read as browsers read it, with tabs in its scheme and backslashes for slashes.
 */
export function linkHost(href: string): string | undefined {
  const text = href.slice(0, MOST_CHARACTERS).trim()
  if (text === '' || text.startsWith('#')) return undefined
  const url = URL.parse(text.startsWith('//') ? `https:${text}` : text)
  if (!url) return undefined
  if (url.protocol === 'mailto:') return displayAddress(unescaped(url.pathname))
  return url.hostname === '' ? undefined : displayDomain(url.hostname)
}

/** Whether a text shows the host itself, so that it need not be said once more. */
export const showsHost = (text: string, host: string): boolean => {
  const shown = text.trim().toLowerCase()
  return shown === host || shown.replace(/^https?:\/\//, '').split(/[/?#]/, 1)[0] === host
}

const MOST_CHARACTERS = 4000
