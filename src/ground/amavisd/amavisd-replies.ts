import type { ReleaseAnswer } from './transport.ts'

/**
 * Interprets amavisd's replies to one release request.
 *
 * @param replies each `setreply`, decoded: `250 2.0.0 from MTA(…): 250 2.0.0 Ok`
 * @param secretId removed from the text, because amavisd's error message repeats a wrong secret
 */
export function answerFromReplies(replies: readonly string[], secretId: string): ReleaseAnswer {
  if (replies.length === 0)
    return refused('The answer holds no setreply: is this the AM.PDP port of amavisd?')
  const verdicts = replies.map(verdictOn)
  const outcome = WORST_FIRST.find(candidate => verdicts.includes(candidate)) ?? 'refused'
  return { outcome, reply: presentable(replies.join('; '), secretId) }
}

/** An answer from this program itself: amavisd was not asked, or need not be asked again. */
export const refused = (reason: string): ReleaseAnswer => ({ outcome: 'refused', reply: reason })

/** The answer when amavisd could not be asked or did not answer; `asked` means the same as in the port. */
export const unreachable = (reason: string, asked: boolean, secretId: string): ReleaseAnswer => ({
  outcome: 'unreachable',
  reply: presentable(reason, secretId),
  asked,
})

/** The default of `mayAsk`, for a caller without a claim. */
export const always = async (): Promise<boolean> => true

type Verdict = 'gone' | 'refused' | 'deferred' | 'released'

/** If one recipient did not get the message, the whole answer is a failure. */
const WORST_FIRST: readonly Verdict[] = ['gone', 'refused', 'deferred', 'released']

function verdictOn(reply: string): Verdict {
  const [, status = '', text = ''] = /^(\d{3}) (?:\d\.\d{1,3}\.\d{1,3}) ?(.*)$/s.exec(reply) ?? []
  // "250 2.5.0 No recipients, nothing to do" delivered nothing.
  if (reply.startsWith('250 2.5.0')) return 'refused'
  if (status.startsWith('2')) return 'released'
  if (!status.startsWith('4')) return 'refused'
  // amavisd answers 450 to every internal failure: only its text tells which ones are permanent.
  if (GONE.some(pattern => pattern.test(text))) return 'gone'
  if (PERMANENT.some(pattern => pattern.test(text))) return 'refused'
  return 'deferred'
}

/** From `sub preprocess_policy_query` of amavisd 2.13. A reply of the next MTA begins with "from MTA(…)" instead. */
const GONE = [/^Failure: Can't open sql obj for reading/, /^Failure: File \S+ does not exist at /]

const PERMANENT = [
  /^Failure: Secret_id /,
  /^Failure: Invalid mail_id /,
  /^Failure: Missing '/,
  /^Failure: Unsafe filename /,
  /^Failure: File \S+ is not a plain file at /,
  /^Failure: SQL quarantine code not enabled/,
  /^Failure: Config variable /,
]

/** Makes one line of bounded length, without control characters and the secret, for logs and the audit table. */
export function presentable(text: string, secretId: string): string {
  const withoutSecret = secretId === '' ? text : text.replaceAll(secretId, '[secret]')
  return withoutSecret
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS)
}

const MAX_CHARACTERS = 500
