import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { type Load, type LoadFigures, requestOf, sendLoad } from '../release/load.ts'
import { createReleaseWorld, type ReleaseWorld } from '../release/release-world.ts'

/**
 * The links of digests, as `serve` answers them: made-up ones, pages, and releases through an amavisd that answers at
 * once. The load comes from a process of its own. "A core" is a second of the CPU time of `serve`.
 */
export const release: BenchCase = {
  name: 'release',
  title: 'The links of digests',
  async *measure({ quick, rounds }) {
    const volume = quick ? { messages: 12_000, readers: 2_500 } : { messages: 40_000, readers: 8_000 }
    await using world = await createReleaseWorld({ ...volume, amavisdTakes: 0 })
    const seconds = quick ? 2 : 5
    const [forPages, forReleases] = [world.links.slice(0, 1000), world.links.slice(1000)]
    const forged = { ...FLOOD, seconds, requests: forPages.map(madeUp).map(path => requestOf('GET', path)) }
    const pages = { ...FLOOD, seconds, requests: forPages.map(path => requestOf('GET', path)) }
    // The compiler needs some thousand requests.
    await perCore(world, forged)
    await perCore(world, pages)
    const alone = await inTurns(rounds, {
      forged: () => perCore(world, forged),
      pages: () => perCore(world, pages),
    })
    yield figure('made-up links refused a core', '/s', alone.forged, { of: 'ours', atLeast: 10_000 })
    yield figure('pages of messages a core', '/s', alone.pages, { of: 'ours', atLeast: 3000 })

    const releases = releasesOf(forReleases, seconds)
    const { clicks, asks } = await inTurns(rounds, {
      clicks: () => sendLoad({ ...releases.next(), port: world.port }),
      asks: () => world.askAmavisd(100),
    })
    for (const [name, atMost] of [
      ['p50', 3],
      ['p99', 15],
    ] as const) {
      const own = clicks.map((click, round) => click[name] - (asks[round]?.[name] ?? 0))
      yield figure(`100 releases/s: ${name} above that of AM.PDP`, 'ms', own, { of: 'ours', atMost })
    }

    const { quiet, besideForged, besidePages } = await inTurns(rounds, {
      quiet: () => world.deliver(),
      besideForged: () => beside(world, forged),
      besidePages: () => beside(world, pages),
    })
    const run = { what: 'without a flood', values: quiet }
    const target = { of: 'ratio', atLeast: 0.8 } as const
    yield comparison('a run beside made-up links', 'digests/s', besideForged, run, target)
    yield comparison('a run beside pages', 'digests/s', besidePages, run, target)
  },
}

const FLOOD = { connections: 16, ahead: 8 } as const

/** A genuine link whose signature has another end. */
const madeUp = (path: string, index: number): string => path.slice(0, -8) + String(index).padStart(8, 'A')

async function perCore({ port, cpu }: ReleaseWorld, load: Omit<Load, 'port'>): Promise<number> {
  const before = cpu()
  const { answers } = await sendLoad({ ...load, port })
  return (answers / (cpu() - before)) * 1000
}

/** Each link is released once. */
function releasesOf(links: readonly string[], seconds: number): { next(): Omit<Load, 'port'> } {
  let from = 0
  return {
    next() {
      const paths = links.slice(from, from + 100 * seconds)
      from += paths.length
      return { connections: 50, rate: 100, seconds, requests: paths.map(path => requestOf('POST', path)) }
    },
  }
}

/** The speed of a run during a flood that ends with it. */
async function beside(world: ReleaseWorld, load: Omit<Load, 'port'>): Promise<number> {
  const stop = new AbortController()
  const flood: Promise<LoadFigures | undefined> = sendLoad(
    { ...load, port: world.port, seconds: 120 },
    stop.signal,
  ).catch(() => undefined)
  try {
    return await world.deliver()
  } finally {
    stop.abort()
    await flood
  }
}
