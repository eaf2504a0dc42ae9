// From values to pixels and back.

// Round numbers within [low, high], some `count` of them; powers of ten if logarithmic; no fractions if whole.
function ticksOf(low, high, count, logarithmic, whole) {
  const ticks = [];
  const powers = logarithmic ? Math.log10(high / low) : 0;
  if (powers >= 0.8) {
    const factors = powers < 1.2 ? [1, 2, 3, 5, 7] : powers < 3 ? [1, 3] : [1];
    const every = Math.max(1, Math.ceil(powers / (count + 1)));
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += every) {
      for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(6)));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  }
  const raw = Math.max((high - low) / count, whole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= 0.75 * raw);
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function ascending(numbers) { return numbers.toSorted((a, b) => a - b); }

function extentOf(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > high ? [0, 1] : [low, high];
}

function withRoom([low, high], logarithmic) {
  if (low < high) return [low, high];
  const room = Math.abs(low) / 10 || 1;
  return logarithmic ? [low / 1.1, high * 1.1] : [low - room, high + room];
}

// Whether an axis can be logarithmic.
function canBeLog(values) {
  const known = values.filter(isKnown);
  return known.every((value) => typeof value === "number") && known.some((value) => value > 0);
}

// A function from values to pixels: NaN for what has no place. Texts stand side by side in the order of
// their first appearance; a range of them counts these places. range: what is shown, else all.
// .invert: from pixels to a value, or a text's place.
function makeScale(values, from, to, count, logarithmic, range) {
  const known = values.filter(isKnown);
  const names = known.some((value) => typeof value !== "number") ? [...new Set(known.map(String))] : null;
  const useLog = Boolean(logarithmic) && canBeLog(values);
  const map = useLog ? Math.log10 : (value) => value;
  const all = names ? [-0.5, names.length - 0.5] : extentOf(known.filter((value) => !useLog || value > 0));
  const [low, high] = withRoom(range ?? all, useLog);
  const toPixel = (value) => from + ((map(value) - map(low)) / (map(high) - map(low))) * (to - from);
  const place = (value) => {
    if (!isKnown(value)) return NaN;
    if (names) return toPixel(names.indexOf(String(value)));
    return useLog && value <= 0 ? NaN : toPixel(value);
  };
  const invert = (pixel) => {
    const mapped = map(low) + ((pixel - from) / (to - from)) * (map(high) - map(low));
    return useLog ? 10 ** mapped : mapped;
  };
  const shown = names ? names.filter((name, i) => i >= low && i <= high) : ticksOf(low, high, count, useLog, known.every(Number.isInteger));
  const every = names ? Math.ceil(shown.length / Math.max(1, count)) : 1;
  return Object.assign(place, { ticks: shown.filter((tick, i) => i % every === 0), invert, names });
}
