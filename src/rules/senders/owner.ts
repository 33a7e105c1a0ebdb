import { EVERYBODY, scopeNamed } from '../settings/scope.ts'

/** The owner of the lists that hold for everybody's mail, as amavisd looks it up. */
export const ALL_OWNERS = '@.'

/**
 * Whose lists a text names: `alice@example.com`, `@example.com` (also without the at-sign), or everybody's (`@.` or `@`).
 *
 * @returns the form in which amavisd looks it up; undefined: it names nobody
 */
export function ownerNamed(text: string): string | undefined {
  const trimmed = text.trim()
  return trimmed === ALL_OWNERS || trimmed === EVERYBODY ? ALL_OWNERS : scopeNamed(trimmed)
}

/** The owner of the lists of a scope of the settings. */
export const ownerOfScope = (scope: string): string => (scope === EVERYBODY ? ALL_OWNERS : scope)
