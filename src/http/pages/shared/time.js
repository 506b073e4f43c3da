/** `2026-03-14 09:26:53`, by the clock of whoever reads. */
export function localTime(text) {
  const time = new Date(text);
  const two = (number) => String(number).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
