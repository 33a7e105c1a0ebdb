import type { Request, Response } from 'express'

/** GET /healthz: this process answers. */
export const healthz = (_request: Request, response: Response): void => {
  response.json({ status: 'alive' })
}

/** GET /readyz: whether this process can do its work now, and if not, why. */
export const readyz =
  (readiness: () => Promise<readonly string[]>) =>
  async (_request: Request, response: Response): Promise<void> => {
    const reasons = await readiness()
    response.status(reasons.length === 0 ? 200 : 503)
    response.json(reasons.length === 0 ? { status: 'ready' } : { status: 'not-ready', reasons })
  }
