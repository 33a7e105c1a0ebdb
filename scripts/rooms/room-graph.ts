/** What each file imports: paths from the source folder, such as `work/collect/collect.ts`. Types count. */
export type FileGraph = ReadonlyMap<string, readonly string[]>

/** The five floors, from the top. Each imports only floors below it. */
export const FLOORS = ['doors', 'desks', 'work', 'rules', 'ground'] as const

/** A room of more files is to have rooms of its own. */
export const MAX_FILES = 25

/**
 * What breaks the plan of the house, a sentence each; none when all is well.
 *
 * A room is a folder. Rooms are looked at on every level: `work/digest/make` is a room, and so is `work/digest` with all
 * that is in it. A file straight under the source folder is a room of its own.
 */
export function faultsOf(files: FileGraph): string[] {
  return [...upwardImports(files), ...circles(files), ...knots(files), ...overfullRooms(files)]
}

/** How many rooms a graph has on its deepest level. */
export const countRooms = (files: FileGraph): number => new Set([...files.keys()].map(folderOf)).size

/** Rooms that import each other, directly or through others: each knot with its rooms, on every level. */
export function roomCyclesOf(files: FileGraph): string[][] {
  const deepest = Math.max(0, ...[...files.keys()].map(file => file.split('/').length - 1))
  const found = new Map<string, string[]>()
  for (let depth = 1; depth <= deepest; depth++) {
    for (const knot of tangled(roomGraph(files, depth))) found.set(knot.join(' '), knot)
  }
  return [...found.values()]
}

/** Files that import each other, directly or through others. */
export const fileCyclesOf = (files: FileGraph): string[][] => tangled(files)

function upwardImports(files: FileGraph): string[] {
  return importsOf(files).flatMap(([from, to]) => {
    const [above, below] = [floorOf(from), floorOf(to)]
    if (above === undefined) return []
    if (below === undefined && !isRoof(to)) return []
    if (below !== undefined && below >= above) return []
    return [`${from} imports ${to}: a floor imports only floors below it.`]
  })
}

const circles = (files: FileGraph): string[] =>
  fileCyclesOf(files).map(circle => `These files import each other: ${circle.join(', ')}.`)

const knots = (files: FileGraph): string[] =>
  roomCyclesOf(files).map(knot => {
    const arrows = importsOf(files).filter(([from, to]) => isWithin(from, knot) && isWithin(to, knot))
    const across = arrows.filter(([from, to]) => roomIn(knot, from) !== roomIn(knot, to))
    const few = across.slice(0, 6).map(([from, to]) => `\n    ${from} → ${to}`)
    return `These rooms import each other: ${knot.join(', ')}.${few.join('')}`
  })

const overfullRooms = (files: FileGraph): string[] =>
  [...Map.groupBy(files.keys(), folderOf)]
    .filter(([, inside]) => inside.length > MAX_FILES)
    .map(([room, inside]) => `${room} has ${inside.length} files; a room has ${MAX_FILES} at most.`)

/** Where in `FLOORS` a file stands; undefined for what stands on no floor. */
function floorOf(file: string): number | undefined {
  const index = FLOORS.indexOf(file.split('/')[0] as (typeof FLOORS)[number])
  return index < 0 ? undefined : index
}

/** What puts the floors together stands above them: the entry, the composition and the demo. */
const isRoof = (file: string): boolean => /^(?:[^/]+$|composition\/|demo\/)/.test(file)

const importsOf = (files: FileGraph): (readonly [string, string])[] =>
  [...files].flatMap(([from, targets]) => targets.map(to => [from, to] as const))

/** The folder of a file; a file straight under the source folder stands for itself. */
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : file)

/** The room of a file when folders are looked at down to this depth. */
const roomAt = (file: string, depth: number): string => folderOf(file).split('/').slice(0, depth).join('/')

const isWithin = (file: string, rooms: readonly string[]): boolean => roomIn(rooms, file) !== undefined

const roomIn = (rooms: readonly string[], file: string): string | undefined =>
  rooms
    .filter(room => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)
    .at(0)

function roomGraph(files: FileGraph, depth: number): Map<string, string[]> {
  const rooms = new Map<string, Set<string>>()
  for (const file of files.keys()) rooms.set(roomAt(file, depth), new Set())
  for (const [from, to] of importsOf(files)) {
    const [here, there] = [roomAt(from, depth), roomAt(to, depth)]
    if (here !== there) rooms.get(here)?.add(there)
  }
  return new Map([...rooms].map(([room, targets]) => [room, [...targets]]))
}

/** The strongly connected parts of a graph that have more than one member (Tarjan 1972). */
function tangled(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const part = stack.splice(stack.indexOf(node))
    if (part.length > 1) found.push(part.sort())
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}
