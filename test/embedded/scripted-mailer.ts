import type { Mailer, OutgoingMail, SendAnswer } from '../../src/ground/mail/mailer.ts'

/** A mailer whose answers are chosen by the test. */
export interface ScriptedMailer extends Mailer {
  /** Every mail that was handed in, whatever the answer. */
  readonly attempts: OutgoingMail[]
  answer: (mail: OutgoingMail) => SendAnswer | Promise<SendAnswer>
}

export const ACCEPTED: SendAnswer = { outcome: 'accepted', reply: '250 2.0.0 Ok: queued' }

export function scriptedMailer(): ScriptedMailer {
  const mailer: ScriptedMailer = {
    attempts: [],
    answer: () => ACCEPTED,
    async send(mail) {
      mailer.attempts.push(mail)
      return mailer.answer(mail)
    },
    probe: async () => undefined,
    [Symbol.asyncDispose]: async () => {},
  }
  return mailer
}
