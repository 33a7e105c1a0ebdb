import type { Prometheus } from './prometheus.ts'

const ignore = (): void => undefined

/** For a process that nobody asks for its figures. */
export const NO_METRICS: Prometheus = {
  meter: {
    collected: ignore,
    delivered: ignore,
    released: ignore,
    retried: ignore,
    linkRequested: ignore,
    machineSeen: ignore,
    refused: ignore,
  },
  page: async () => ({ contentType: 'text/plain', text: '' }),
}
