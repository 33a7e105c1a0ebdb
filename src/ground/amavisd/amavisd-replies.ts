import type { ReleaseAnswer } from './transport.ts'

/**
 * What amavisd's answer to one release request means.
 *
 * @param replies each `setreply`, decoded: `250 2.0.0 from MTA(…): 250 2.0.0 Ok`
 * @param secretId taken out of the text: amavisd repeats a wrong secret in its complaint
 */
export function answerFromReplies(replies: readonly string[], secretId: string): ReleaseAnswer {
  if (replies.length === 0)
    return refused('The answer holds no setreply: is this the AM.PDP port of amavisd?')
  const verdicts = replies.map(verdictOn)
  const outcome = WORST_FIRST.find(candidate => verdicts.includes(candidate)) ?? 'refused'
  return { outcome, reply: presentable(replies.join('; '), secretId) }
}

/** An answer of this program's own: amavisd was not asked, or need not be asked again. */
export const refused = (reason: string): ReleaseAnswer => ({ outcome: 'refused', reply: reason })

/** amavisd could not be asked, or did not answer; `asked` as in the port. */
export const unreachable = (reason: string, asked: boolean, secretId: string): ReleaseAnswer => ({
  outcome: 'unreachable',
  reply: presentable(reason, secretId),
  asked,
})

/** For whoever asks without a claim. */
export const ALWAYS = async (): Promise<boolean> => true

export const TOO_LATE = 'The claim ran out while it waited for a free connection to amavisd.'

type Verdict = 'gone' | 'refused' | 'deferred' | 'released'

/** One recipient that did not get the message makes the whole answer a failure. */
const WORST_FIRST: readonly Verdict[] = ['gone', 'refused', 'deferred', 'released']

function verdictOn(reply: string): Verdict {
  const [, status = '', words = ''] = /^(\d{3}) (?:\d\.\d{1,3}\.\d{1,3}) ?(.*)$/s.exec(reply) ?? []
  // "250 2.5.0 No recipients, nothing to do" delivered nothing.
  if (reply.startsWith('250 2.5.0')) return 'refused'
  if (status.startsWith('2')) return 'released'
  if (!status.startsWith('4')) return 'refused'
  // amavisd answers 450 to whatever goes wrong inside it: only its words tell what time will not cure.
  if (GONE.some(pattern => pattern.test(words))) return 'gone'
  if (HOPELESS.some(pattern => pattern.test(words))) return 'refused'
  return 'deferred'
}

/** `sub preprocess_policy_query` of amavisd 2.13. A reply of the next MTA begins otherwise ("from MTA(…)"). */
const GONE = [/^Failure: Can't open sql obj for reading/, /^Failure: File \S+ does not exist at /]

const HOPELESS = [
  /^Failure: Secret_id /,
  /^Failure: Invalid mail_id /,
  /^Failure: Missing '/,
  /^Failure: Unsafe filename /,
  /^Failure: File \S+ is not a plain file at /,
  /^Failure: SQL quarantine code not enabled/,
  /^Failure: Config variable /,
]

/** One bounded line without control characters and without the secret: it goes into logs and the audit table. */
function presentable(text: string, secretId: string): string {
  const open = secretId === '' ? text : text.replaceAll(secretId, '[secret]')
  return open
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS)
}

const MOST_CHARACTERS = 500
