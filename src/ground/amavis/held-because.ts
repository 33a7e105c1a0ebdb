import type { ContentKind } from './content.ts'

/**
 * What amavisd says about why it held a message for a recipient, beyond its kind. `name` is the name of a file or virus
 * as the mail gave it: a stranger's string, not yet safe to show.
 */
export type HeldBecause =
  | { readonly detail: 'named'; readonly name: string }
  | { readonly detail: 'encrypted' | 'overLimits' | 'blockListed' | 'unknown' }

/**
 * Reads the reason from `msgrcpt.smtp_resp`, such as
 * `250 2.7.0 Ok, discarded, id=12-01 - BANNED: application/octet-stream,.exe,invoice.exe`, and from `msgrcpt.bl`.
 * An admin may have changed amavisd's `%smtp_reason_by_ccat`: what does not have this form says nothing.
 * Source: `%smtp_reason_by_ccat` in Amavis/Conf.pm and `check_for_banned_names` of amavisd 2.13.
 */
export function heldBecause(kind: ContentKind, response: string, isBlockListed: boolean): HeldBecause {
  if (kind === 'spam' && isBlockListed) return { detail: 'blockListed' }
  const [, label, rest = ''] = REASON.exec(response) ?? []
  if (kind === 'banned' && label === 'BANNED') return named(fileNameOf(rest))
  if (kind === 'virus' && label === 'INFECTED') return named(rest.trim())
  if (kind === 'unchecked' && label === 'UNCHECKED') return unchecked(rest.trim())
  return UNKNOWN
}

const REASON = / - (BANNED|INFECTED|UNCHECKED): (.+)$/s

const UNKNOWN = { detail: 'unknown' } as const

const named = (name: string): HeldBecause => (name === '' ? UNKNOWN : { detail: 'named', name })

/**
 * The name in `comment of the rule:application/octet-stream,.exe,.exe-ms,invoice, final.exe`. It may hold commas and
 * colons itself. Without a name, the last short type says what it was: `.exe`.
 */
function fileNameOf(part: string): string {
  const [, shortTypes = '', name = ''] = PART.exec(part) ?? []
  return name.trim() || shortTypes.split(',').at(-1) || ''
}

/** The longest run of a MIME type and short types before the name; a comment may stand before it. */
const PART = /^(?:[^/]*:)?\s*[\w.+-]+\/[\w.+-]+((?:,\.[a-z0-9-]+(?=,|$))*)(?:,(.*))?$/s

const unchecked = (why: string): HeldBecause =>
  why === 'encrypted' ? { detail: 'encrypted' } : why === 'over limits' ? { detail: 'overLimits' } : UNKNOWN
