/** The zones of a run as its row holds them: as JSON; null where it is for everybody. */
export const zonesText = (timeZones: readonly string[] | undefined): string | null =>
  timeZones === undefined ? null : JSON.stringify(timeZones)

/** What `zonesText` wrote. What cannot be read counts as everybody's. */
export function zonesOfRun(text: string | null): readonly string[] | undefined {
  if (text === null) return undefined
  try {
    const zones: unknown = JSON.parse(text)
    return Array.isArray(zones) ? zones.map(String) : undefined
  } catch {
    return undefined
  }
}
