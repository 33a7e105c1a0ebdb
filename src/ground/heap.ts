import { setFlagsFromString } from 'node:v8'

/** Keeps the heap about as small as what is in it. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=30')
}
