import type { Request, Response } from 'express'

export interface MetricsPage {
  readonly contentType: string
  readonly text: string
}

export interface MetricsRouteDeps {
  readonly metrics: () => Promise<MetricsPage>
}

/** GET /metrics, for Prometheus. The labels name schedules and parts of the program, never a person. */
export const showMetrics =
  ({ metrics }: MetricsRouteDeps) =>
  async (_request: Request, response: Response): Promise<void> => {
    const { contentType, text } = await metrics()
    response.type(contentType).send(text)
  }
