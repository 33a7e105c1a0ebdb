import { ALICE, type Sample } from './sample.ts'

/** Mail that no digest may list: delivered, already released, or not finished. */
export const UNLISTED: readonly Sample[] = [
  {
    minutesAgo: 78,
    sender: 'weather@example.org',
    from: { name: 'Weather Service', address: 'weather@example.org' },
    subject: 'Not to be listed: this one was delivered',
    verdicts: [{ recipient: ALICE, content: 'H', score: 0.2, delivery: 'P' }],
    rawHeader: ['X-Weather: 8-bit ☔'],
    text: 'Rain, followed by more of it.\n',
  },
  {
    minutesAgo: 590,
    sender: 'club@chess.example',
    from: { name: 'Chess Club', address: 'club@chess.example' },
    subject: 'Not to be listed: this one was released by an admin',
    verdicts: [{ recipient: ALICE, content: 'S', score: 4.9, released: 'R' }],
    text: 'Your move. It has been your move since Easter.\n',
  },
  {
    minutesAgo: 9,
    sender: 'slow@example.net',
    from: { name: 'Slow Post', address: 'slow@example.net' },
    subject: 'Not to be listed: amavisd is still at it',
    verdicts: [{ recipient: ALICE, content: 'S', score: 5.0 }],
    unfinished: true,
    text: 'Thinking, please wait.\n',
  },
]
