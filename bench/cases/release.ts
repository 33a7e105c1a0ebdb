import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { type Load, type LoadFigures, requestOf, sendLoad, startLoad } from '../release/load.ts'
import { createReleaseWorld, type Delivered, type ReleaseWorld } from '../release/release-world.ts'

/**
 * The links of digests, as `serve` answers them: made-up ones, pages, and releases through an amavisd that answers at
 * once. The load comes from a process of its own. "A core" is a second of the CPU time of `serve`.
 */
export const release: BenchCase = {
  name: 'release',
  title: 'The links of digests',
  async *measure({ quick, rounds }) {
    const readers = quick ? 1500 : 2500
    await using world = await createReleaseWorld({ messages: 12_000, readers, amavisdTakes: 0 })
    const [seconds, turns] = quick ? [1, 1] : [2, rounds]
    const [forPages, forReleases] = [world.links.slice(0, 1000), world.links.slice(1000)]
    const forged = { ...FLOOD, seconds, requests: forPages.map(madeUp).map(path => requestOf('GET', path)) }
    const pages = { ...FLOOD, seconds, requests: forPages.map(path => requestOf('GET', path)) }
    const releases = releasesOf(forReleases)
    await warmUp(world, [forged, forged, pages, pages], releases.next(seconds * 500))

    const alone = await inTurns(turns, {
      forged: () => perCore(world, forged),
      pages: () => perCore(world, pages),
    })
    yield figure('made-up links refused a core', '/s', alone.forged, { of: 'ours', atLeast: 10_000 })
    yield figure('pages of messages a core', '/s', alone.pages, { of: 'ours', atLeast: 3000 })

    const { clicks, asks } = await inTurns(turns, {
      clicks: () => sendReleases(world, releases.next(100 * seconds)),
      asks: () => world.askAmavisd(100),
    })
    for (const [name, atMost] of [
      ['p50', 3],
      ['p99', 15],
    ] as const) {
      const own = clicks.map((click, round) => click[name] - (asks[round]?.[name] ?? 0))
      yield figure(`100 releases/s: ${name} above that of AM.PDP`, 'ms', own, { of: 'ours', atMost })
    }
    const cpus = clicks.map(({ cpu }) => cpu)
    yield figure('100 releases/s: CPU of serve for each', 'ms', cpus)

    const { quiet, besideForged, besidePages } = await inTurns(turns, {
      quiet: () => world.deliver(),
      besideForged: () => beside(world, forged),
      besidePages: () => beside(world, pages),
    })
    const run = { what: 'without a flood', values: quiet.map(speed) }
    const target = { of: 'ratio', atLeast: 0.8 } as const
    yield comparison('a run beside made-up links', 'digests/s', besideForged.map(speed), run, target)
    yield comparison('a run beside pages', 'digests/s', besidePages.map(speed), run, target)
  },
}

const FLOOD = { connections: 16, ahead: 8 } as const

type Requests = Omit<Load, 'port'>

/** The compiler needs some thousand requests. */
async function warmUp(world: ReleaseWorld, floods: readonly Requests[], releases: Requests): Promise<void> {
  for (const flood of floods) await perCore(world, flood)
  await sendReleases(world, { ...releases, rate: 250 })
  await world.deliver()
}

/** A genuine link whose signature has another end. */
const madeUp = (path: string, index: number): string => path.slice(0, -8) + String(index).padStart(8, 'A')

async function perCore({ port, cpu }: ReleaseWorld, load: Requests): Promise<number> {
  const before = cpu()
  const { answers } = await sendLoad({ ...load, port })
  return (answers / (cpu() - before)) * 1000
}

interface Releases {
  next(count: number): Requests & { readonly rate: number }
}

/** Each link is released once. */
function releasesOf(links: readonly string[]): Releases {
  let from = 0
  return {
    next(count) {
      const paths = links.slice(from, from + count)
      from += count
      return { connections: 50, rate: 100, seconds: 60, requests: paths.map(path => requestOf('POST', path)) }
    },
  }
}

async function sendReleases(
  { port, cpu }: ReleaseWorld,
  load: Requests,
): Promise<LoadFigures & { readonly cpu: number }> {
  const before = cpu()
  const figures = await sendLoad({ ...load, port })
  if (figures.statuses['200'] !== load.requests.length)
    throw new Error(`Not all were released: ${JSON.stringify(figures.statuses)}`)
  return { ...figures, cpu: (cpu() - before) / figures.answers }
}

/** A run during a flood that ends with it. */
async function beside(world: ReleaseWorld, load: Requests): Promise<Delivered> {
  const flood = startLoad({ ...load, port: world.port, seconds: 120 })
  const [run] = await Promise.all([world.deliver().finally(flood.end), flood.figures])
  return run
}

const speed = ({ digests, seconds }: Delivered): number => digests / seconds
