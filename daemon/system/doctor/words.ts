/** Numbers as people read them. Pure. */

export function bytes(count: number): string {
  if (count >= 2 ** 30) return `${(count / 2 ** 30).toFixed(1)} GiB`;
  return count >= 2 ** 20 ? `${Math.round(count / 2 ** 20)} MiB` : `${Math.round(count / 1024)} KiB`;
}

/** @param seconds may be a fraction */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}

/** `1 camera`, `2 cameras`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** What is there, joined; nothing for nothing. */
export function joined(parts: readonly (string | false | null | undefined)[], by = ', '): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(by);
}

/** @param time Unix seconds */
export function clock(time: number): string {
  const date = new Date(time * 1000);
  return Number.isNaN(date.getTime())
    ? 'no time'
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
