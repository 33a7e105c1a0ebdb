import { ownerLanguage } from '../owner-facts.ts'

/**
 * The language that somebody likes best. RFC 2798 gives `preferredLanguage` the form of Accept-Language (`de-AT,
 * en;q=0.8`); some fill it with the name of a locale (`de_AT.UTF-8`).
 *
 * @returns BCP 47
 */
export function languageOf(texts: readonly string[]): string | undefined {
  const choices = texts.flatMap(text => text.slice(0, MAX_TEXT).split(',').map(readChoice))
  return choices.filter(({ tag, quality }) => tag !== undefined && quality > 0).sort(byQuality)[0]?.tag
}

const MAX_TEXT = 500

interface Choice {
  readonly tag: string | undefined
  readonly quality: number
}

function readChoice(text: string): Choice {
  const [name = '', ...parameters] = text.split(';').map(part => part.trim())
  const given = parameters.map(part => /^q\s*=\s*([\d.]+)$/i.exec(part)?.[1]).find(part => part !== undefined)
  return { tag: ownerLanguage(name.replace(/[.@].*$/s, '')), quality: Number(given ?? 1) || 0 }
}

const byQuality = (one: Choice, other: Choice): number => other.quality - one.quality
