/** Times as people read them: "41:02.40", "1:02:03", "10.0 s". Seconds as floats stand here and in the player only. */

/** Return a moment as M:SS or H:MM:SS, with `digits` behind the point; cut, so that no second is shown too early. */
export function saidMoment(at_s: number, digits = 0): string {
  const parts = 10 ** digits;
  const whole = Math.floor(Math.abs(at_s) * parts + ROUNDING);
  const [seconds, rest] = [Math.floor(whole / parts), whole % parts];
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const start = hours ? `${hours}:${padded(minutes, 2)}` : String(minutes);
  const end = digits ? `.${padded(rest, digits)}` : "";
  return `${at_s < 0 && whole > 0 ? "−" : ""}${start}:${padded(seconds % 60, 2)}${end}`;
}

/** Return how long something lasts, as "10.0 s" below a minute and as a moment from there. */
export function saidDuration(lasts_s: number): string {
  return lasts_s < 59.95 ? `${lasts_s.toFixed(1)} s` : saidMoment(lasts_s + 0.5);
}

const ROUNDING = 1e-6; // 0.29 s are 28.999999999999996 hundredths

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
