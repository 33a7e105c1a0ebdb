/** Collects all values of an option that may be given several times. */
export const repeated = (value: string, all: readonly string[] = []): string[] => [...all, value]
