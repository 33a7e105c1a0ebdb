import type { Request, Response } from 'express'

export interface MetricsRouteDeps {
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/** GET /metrics, for Prometheus. The labels name schedules and parts of the program, never a person or a host. */
export const showMetrics =
  ({ metrics }: MetricsRouteDeps) =>
  async (_request: Request, response: Response): Promise<void> => {
    const { contentType, text } = await metrics()
    response.type(contentType).send(text)
  }
