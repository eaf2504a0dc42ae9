// Curves with the values under the pointer.

const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 2", "1 3"];

function pathOf(xs, ys, x, y) {
  let path = "", pen = "M";
  ys.forEach((value, i) => {
    const [at, up] = [x(xs[i]), y(value)];
    if (!Number.isFinite(at) || !Number.isFinite(up)) { pen = "M"; return; }
    path += `${pen}${at.toFixed(1)} ${up.toFixed(1)}`;
    pen = "L";
  });
  return path;
}

// Exponential moving average; what comes before the first value does not pull it to 0.
function smoothed(values, weight) {
  let sum = 0, weights = 0;
  return values.map((value) => {
    if (!isKnown(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    weights = weight * weights + (1 - weight);
    return sum / weights;
  });
}

function nearestIndex(xs, at, x) {
  let near = 0;
  xs.forEach((value, i) => { if (Math.abs(x(value) - at) < Math.abs(x(xs[near]) - at)) near = i; });
  return near;
}

// chart: {title, x: {label, values}, series: [{name, values, x, keys, colour, dash, off}], log, smooth, marker: {at, name}, points}
// A series has its own x, or that of the chart. It is shown while none of its keys is off: its name, else
// e.g. a run and a term, which are two groups of the legend.
function drawCurves(figure, chart) {
  const series = chart.series.map((one, i) => ({
    ...one, x: one.x ?? chart.x.values, keys: one.keys ?? [one.name], stroke: colourOf(one.colour ?? i), dash: DASHES[one.dash ?? 0] }));
  const state = remember(`curves ${chart.title}`, { off: chart.off ?? [], logX: false, logY: Boolean(chart.log), zoom: null, smooth: 0 });
  const shown = () => series.filter((one) => !one.keys.some((key) => state.off.includes(key)));
  const groups = series[0]?.keys.map((_, g) => {
    const keys = [...new Set(series.map((one) => one.keys[g]))];
    return keys.map((key) => {
      const first = series.find((one) => one.keys[g] === key);
      return g === 0 ? { key, colour: first.stroke } : { key, dash: first.dash };
    });
  }) ?? [];
  let cursor = null, at = null;
  const plot = makePlot(figure, {
    title: chart.title, height: 260, state,
    above(tools, redraw) {
      if (series.length > 1) makeLegend(tools, groups, state, redraw);
      if (!chart.smooth) return;
      const label = html("label", "check", tools, "smoothing ");
      const range = html("input", "smooth", label);
      Object.assign(range, { type: "range", min: 0, max: 0.99, step: 0.01, value: state.smooth });
      range.addEventListener("input", () => { state.smooth = Number(range.value); redraw(); });
    },
    columns() {
      const visible = shown();
      return { x: visible.flatMap((one) => one.x), y: visible.flatMap((one) => one.values), xLabel: chart.x.label };
    },
    paint({ marks, x, y, size }) {
      const bottom = size.height - MARGIN.bottom;
      if (chart.marker) {
        const place = x(chart.marker.at);
        svg("line", { class: "cursor", x1: place, x2: place, y1: MARGIN.top, y2: bottom }, marks);
        svg("text", { x: place + 5, y: bottom - 6 }, marks, chart.marker.name);
      }
      for (const one of shown()) {
        const style = `stroke: ${one.stroke}; stroke-dasharray: ${one.dash || "none"}`;
        if (state.smooth > 0) svg("path", { class: "raw", d: pathOf(one.x, one.values, x, y), style }, marks);
        svg("path", { class: "curve", d: pathOf(one.x, smoothed(one.values, state.smooth), x, y), style }, marks);
        if (!chart.points) continue;
        one.values.forEach((value, j) => {
          if (!Number.isFinite(y(value))) return;
          svg("circle", { class: "point", cx: x(one.x[j]), cy: y(value), r: 4, style: `fill: ${one.stroke}` }, marks);
        });
      }
      cursor = svg("line", { class: "cursor", y1: MARGIN.top, y2: bottom, visibility: "hidden" }, marks);
    },
    rows() {
      const visible = shown();
      const xs = ascending([...new Set(visible.flatMap((one) => one.x))]);
      const columns = visible.map((one) => new Map(one.x.map((value, i) => [value, one.values[i]])));
      return [[chart.x.label, ...visible.map((one) => one.name)], ...xs.map((value) => [value, ...columns.map((column) => column.get(value))])];
    },
    onKey(key) {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      const xs = shown()[0]?.x;
      if (!step || !xs?.length) return false;
      at = Math.min(Math.max((at ?? (step > 0 ? -1 : xs.length)) + step, 0), xs.length - 1);
      const box = plot.root.getBoundingClientRect();
      point(plot.x(xs[at]), box.left + plot.x(xs[at]), box.top + 60);
      return true;
    },
  });
  const root = plot.root;

  // Tells of what is nearest to a place in the drawing, in a box at clientX, clientY.
  function point(place, clientX, clientY) {
    const visible = shown().filter((one) => one.x.length);
    if (!visible.length) return;
    const first = visible[0].x[nearestIndex(visible[0].x, place, plot.x)];
    setAttributes(cursor, { x1: plot.x(first), x2: plot.x(first), visibility: "visible" });
    const rows = visible.map((one) => [one.name, one.values[nearestIndex(one.x, place, plot.x)], one.stroke]);
    plot.tip.show(clientX, clientY, rows, `${chart.x.label} ${shortNumber(first)}`);
  }

  function leave() {
    cursor.setAttribute("visibility", "hidden");
    plot.tip.hide();
  }
  root.addEventListener("pointermove", (event) => {
    if (!plot.isDragging()) point(pointerIn(root, event)[0], event.clientX, event.clientY);
  });
  root.addEventListener("pointerleave", leave);
  root.addEventListener("blur", leave);
}
