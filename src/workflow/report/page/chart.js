// Charts as SVG: curves with the values under the pointer, and points that lead to their runs.

const NARROW = { width: 560, height: 260 };
const WIDE = { width: 1100, height: 360 };
const PLOT = { left: 58, right: 12, top: 10, bottom: 36 };

function svg(name, attributes, parent, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return parent ? parent.appendChild(element) : element;
}

function html(name, className, parent, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return parent ? parent.appendChild(element) : element;
}

function shortNumber(value) {
  if (typeof value !== "number") return value === null || value === undefined ? "–" : String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return String(Number(value.toPrecision(4)));
}

// Round numbers within [low, high], some `count` of them; powers of ten if logarithmic.
function ticksOf(low, high, count, logarithmic) {
  const ticks = [];
  if (logarithmic) {
    const powers = Math.log10(high / low);
    const factors = powers < 1.2 ? [1, 2, 3, 5, 7] : powers < 3 ? [1, 3] : [1];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); ++power) {
      for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(6)));
    }
    return ticks.filter((tick) => tick >= low && tick <= high);
  }
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  for (let i = Math.ceil(low / step); i * step <= high * (1 + 1e-12); ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

// A scale from values to pixels. Texts stand side by side in the order of their first appearance.
function makeScale(values, from, to, logarithmic) {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (known.some((value) => typeof value !== "number")) {
    const names = [...new Set(known.map(String))];
    const place = (value) => from + ((names.indexOf(String(value)) + 0.5) / names.length) * (to - from);
    return Object.assign(place, { ticks: names });
  }
  const useLog = logarithmic && known.every((value) => value > 0);
  let low = Math.min(...known), high = Math.max(...known);
  if (!known.length) [low, high] = [0, 1];
  if (low === high) {
    const room = Math.abs(low) / 10 || 1;
    [low, high] = useLog ? [low / 1.1, high * 1.1] : [low - room, high + room];
  }
  const map = useLog ? Math.log : (value) => value;
  const place = (value) => from + ((map(value) - map(low)) / (map(high) - map(low))) * (to - from);
  return Object.assign(place, { ticks: ticksOf(low, high, 5, useLog) });
}

function drawAxes(root, size, x, y, xLabel) {
  const bottom = size.height - PLOT.bottom, right = size.width - PLOT.right;
  for (const tick of y.ticks) {
    svg("line", { class: "grid", x1: PLOT.left, x2: right, y1: y(tick), y2: y(tick) }, root);
    svg("text", { x: PLOT.left - 8, y: y(tick) + 4, "text-anchor": "end" }, root, shortNumber(tick));
  }
  for (const tick of x.ticks) {
    svg("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle" }, root, shortNumber(tick));
  }
  svg("text", { x: right, y: size.height - 2, "text-anchor": "end" }, root, xLabel);
}

// A box beside the pointer, inside its figure.
function makeTip(figure) {
  const tip = html("div", "tip", figure);
  tip.hidden = true;
  return {
    show(event, rows, title) {
      tip.replaceChildren();
      html("b", "", tip, title);
      const table = html("table", "", tip);
      for (const [name, value, colour] of rows) {
        const row = html("tr", "", table);
        const cell = html("td", "", row);
        if (colour) html("span", `swatch ${colour}`, cell);
        cell.append(name);
        html("td", "", row, shortNumber(value));
      }
      tip.hidden = false;
      const box = figure.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top;
      const isRight = x + tip.offsetWidth + 24 > box.width;
      tip.style.left = `${isRight ? Math.max(0, x - tip.offsetWidth - 14) : x + 14}px`;
      tip.style.top = `${Math.max(0, y - tip.offsetHeight - 10)}px`;
    },
    hide() { tip.hidden = true; },
  };
}

function makeDrawing(figure, size, title) {
  return svg("svg", { viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": title }, figure);
}

// In pixels of the drawing, whatever size it is shown at.
function pointerIn(root, size, event) {
  const box = root.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * size.width, ((event.clientY - box.top) / box.height) * size.height];
}

function pathOf(xs, ys, x, y) {
  let path = "", pen = "M";
  ys.forEach((value, i) => {
    if (value === null) { pen = "M"; return; }
    path += `${pen}${x(xs[i]).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

// chart: {x: {label, values}, series: [{name, values}], log, marker?: {at, name}, points?}
function drawCurves(figure, chart) {
  if (chart.series.length > 1) {
    const legend = html("ul", "legend", figure);
    chart.series.forEach((series, i) => html("li", `s${i % 6}`, legend, series.name));
  }
  const root = makeDrawing(figure, NARROW, chart.title);
  const bottom = NARROW.height - PLOT.bottom;
  const xs = chart.x.values;
  const x = makeScale(xs, PLOT.left, NARROW.width - PLOT.right, false);
  const y = makeScale(chart.series.flatMap((series) => series.values), bottom, PLOT.top, chart.log);
  drawAxes(root, NARROW, x, y, chart.x.label);
  if (chart.marker) {
    const at = x(chart.marker.at);
    svg("line", { class: "cursor", x1: at, x2: at, y1: PLOT.top, y2: bottom }, root);
    svg("text", { x: at + 5, y: bottom - 6 }, root, chart.marker.name);
  }
  chart.series.forEach((series, i) => {
    const stroke = `var(--s${i % 6})`;
    svg("path", { class: "curve", d: pathOf(xs, series.values, x, y), style: `stroke: ${stroke}` }, root);
    if (!chart.points) return;
    series.values.forEach((value, j) => {
      svg("circle", { class: "point", cx: x(xs[j]), cy: y(value), r: 4, style: `fill: ${stroke}` }, root);
    });
  });
  const cursor = svg("line", { class: "cursor", y1: PLOT.top, y2: bottom, visibility: "hidden" }, root);
  const tip = makeTip(figure);
  root.addEventListener("pointermove", (event) => {
    const [at] = pointerIn(root, NARROW, event);
    let near = 0;
    xs.forEach((value, i) => { if (Math.abs(x(value) - at) < Math.abs(x(xs[near]) - at)) near = i; });
    cursor.setAttribute("x1", x(xs[near]));
    cursor.setAttribute("x2", x(xs[near]));
    cursor.setAttribute("visibility", "visible");
    tip.show(event, chart.series.map((series, i) => [series.name, series.values[near], `s${i % 6}`]),
             `${chart.x.label} ${shortNumber(xs[near])}`);
  });
  root.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden");
    tip.hide();
  });
}

function chooseAxis(parent, label, columns, chosen, onChange) {
  const select = html("select", "", html("label", "", parent, `${label} `));
  for (const column of columns) html("option", "", select, column.name).value = column.name;
  select.value = chosen;
  select.addEventListener("change", onChange);
  return select;
}

// table: {x, y: names of columns, columns: [{name, values}], rows: [{name, link}]}; link may be ""
function drawScatter(figure, table) {
  const axes = html("div", "axes", figure);
  const size = figure.clientWidth < 700 ? NARROW : WIDE;
  const root = makeDrawing(figure, size, table.title);
  const tip = makeTip(figure);
  const column = (select) => table.columns.find((candidate) => candidate.name === select.value);
  let points = [];
  const draw = () => {
    root.replaceChildren();
    const across = column(xAxis), up = column(yAxis);
    const x = makeScale(across.values, PLOT.left + 12, size.width - PLOT.right - 12, false);
    const y = makeScale(up.values, size.height - PLOT.bottom - 8, PLOT.top + 8, false);
    drawAxes(root, size, x, y, across.name);
    points = [];
    table.rows.forEach((row, i) => {
      if (across.values[i] === null || up.values[i] === null) return;
      const at = [x(across.values[i]), y(up.values[i])];
      const around = row.link ? svg("a", { href: row.link, "aria-label": row.name }, root) : root;
      const circle = svg("circle", { class: "point", cx: at[0], cy: at[1], r: 6, style: "fill: var(--s0)" }, around);
      points.push({ at, circle, title: row.name, rows: [[across.name, across.values[i]], [up.name, up.values[i]]] });
    });
  };
  const xAxis = chooseAxis(axes, "across", table.columns, table.x, draw);
  const yAxis = chooseAxis(axes, "up", table.columns, table.y, draw);
  draw();
  const leave = () => {
    points.forEach((point) => point.circle.classList.remove("near"));
    tip.hide();
  };
  root.addEventListener("pointermove", (event) => {
    leave();
    const pointer = pointerIn(root, size, event);
    const away = (point) => Math.hypot(point.at[0] - pointer[0], point.at[1] - pointer[1]);
    const near = points.reduce((a, b) => (a && away(a) <= away(b) ? a : b), null);
    if (!near || away(near) > 24) return;
    near.circle.classList.add("near");
    tip.show(event, near.rows, near.title);
  });
  root.addEventListener("pointerleave", leave);
}
