/** Words for quantities; numbers of the reader's eye, not of a machine. */

const whole = new Intl.NumberFormat("en-GB");
const UNITS = ["MiB", "GiB", "TiB", "PiB"];

export function count(value: number): string {
  return whole.format(value);
}

/** "1 server", "2,000 servers". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A size given in MiB, in the unit that keeps it short. */
export function mib(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number(size.toPrecision(3))} ${UNITS[unit]}`;
}

/** A size given in bytes, decimal. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(3))} ${units[unit]}`;
}

/** A share from 0 to 1 as per cent. */
export function share(value: number): string {
  const percent = value * 100;
  return `${percent > 0 && percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}
