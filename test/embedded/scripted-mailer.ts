import type { Mailer, OutgoingMail, SendAnswer } from '../../src/ground/mail/mailer.ts'

/** An SMTP server's behaviour, told by the test. */
export interface ScriptedMailer extends Mailer {
  /** What was handed in, whatever became of it. */
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
