import { z } from 'zod'
import type { InstanceAnswer, InstanceQuestion } from '../../../ground/links/instance.ts'
import type { Visit, Visited } from '../../../ground/network/visit.ts'

export interface ReachDeps {
  readonly visit: Visit
  readonly ask: () => InstanceQuestion
}

/** Who answers at a URL. */
export type Reached =
  /** A process of this installation. */
  | {
      readonly kind: 'ours'
      /** The URL without our question, after redirects. */
      readonly at: string
      readonly redirects: number
      readonly answer: InstanceAnswer
      readonly headers: Extract<Visited, { kind: 'answered' }>['headers']
      readonly from: string | undefined
    }
  | { readonly kind: 'other'; readonly status: number }
  | { readonly kind: 'loop'; readonly at: string }
  | Extract<Visited, { kind: 'unreachable' }>

/** Asks whoever answers at a URL whether they belong to this installation. Follows redirects as a browser does. */
export async function reach(
  { visit, ask }: ReachDeps,
  base: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Reached> {
  const { token, isAnsweredBy } = ask()
  const path = `/instance/${token}`
  let url = new URL(`${base}${path}`)
  for (let redirects = 0; ; redirects++) {
    const at = url.href.replace(path, '').slice(0, LONGEST_URL)
    if (redirects > MOST_REDIRECTS) return { kind: 'loop', at }
    const visited = await visit(url, headers, signal)
    if (visited.kind === 'unreachable') return visited
    const { location } = visited.headers
    if (REDIRECTS.includes(visited.status) && location !== undefined && isWeb(location, url)) {
      url = new URL(location, url)
      continue
    }
    const answer = answerIn(visited.body)
    if (!answer || !isAnsweredBy(answer.proof)) return { kind: 'other', status: visited.status }
    return { kind: 'ours', at, redirects, answer, headers: visited.headers, from: visited.from }
  }
}

const MOST_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]
const LONGEST_URL = 300

const isWeb = (location: string, from: URL): boolean =>
  URL.canParse(location, from.href) && /^https?:$/.test(new URL(location, from).protocol)

const answerSchema = z.object({
  proof: z.string(),
  client: z.string().nullable(),
  peer: z.string().nullable(),
  forwardedFor: z.string().nullable(),
})

function answerIn(body: string): InstanceAnswer | undefined {
  try {
    return answerSchema.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}
