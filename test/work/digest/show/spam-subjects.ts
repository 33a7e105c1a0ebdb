import { readFileSync } from 'node:fs'

export interface SpamSubject {
  /** BCP 47 tag, which is also a voice of espeak-ng. */
  readonly language: string
  readonly subject: string
}

/** Subjects of the kinds of spam that people get: drugs, loans, casinos, parcels, invoices, phishing, in 15 languages. */
export const KINDS_OF_SPAM: readonly SpamSubject[] = read()

function read(): SpamSubject[] {
  const lines = readFileSync(new URL('spam-subjects.txt', import.meta.url), 'utf8').split('\n')
  let language = ''
  return lines.flatMap(line => {
    language = /^# ([a-z]+):/.exec(line)?.[1] ?? language
    return line === '' || line.startsWith('# ') ? [] : [{ language, subject: line }]
  })
}
