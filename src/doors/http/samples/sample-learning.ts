import type { LearningDesk, LearningOffer } from '../../../desks/learning/learning-desk.ts'

const AT = Date.UTC(2026, 2, 11, 6)

export const SAMPLE_OFFER: LearningOffer = {
  verdicts: ['notSpam', 'spam'],
  lesson: { verdict: 'notSpam', by: 'alice@example.com', at: AT, state: 'taught' },
}

export const SAMPLE_LEARNING: LearningDesk = {
  offers: async (_, messages) => new Map(messages.map(({ ref }) => [ref, SAMPLE_OFFER])),
  teach: async (_, __, { verdict }) => ({ verdict, by: 'alice@example.com', at: AT, state: 'taught' }),
}
