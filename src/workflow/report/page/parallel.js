// Parallel coordinates: an axis for each searched field and for the value, a line for each result.

const AXES = { height: 240, left: 14, right: 46, bottom: 34, apart: 48, letter: 7 };

// The shortest ends of dotted names that tell them apart, such as l1.weight and tv.weight.
function shortNames(names) {
  const endOf = (name, parts) => name.split(".").slice(-parts).join(".");
  return names.map((name) => {
    let parts = 1;
    while (endOf(name, parts) !== name && names.some((other) => other !== name && endOf(other, parts) === endOf(name, parts))) ++parts;
    return endOf(name, parts);
  });
}

// table: as for drawScatter(), with axes: names of columns, the value last
function drawParallel(figure, table) {
  const axes = table.axes.map((name) => table.columns.find((one) => one.name === name));
  const value = axes.at(-1);
  const groups = groupsOf(table);
  const candidates = rowsWhere(table, (i) => isKnown(value.values[i]));
  const state = remember(`parallel ${table.title}`, {
    off: [], log: Object.fromEntries(axes.map((one) => [one.name, Boolean(one.log)])), within: {}, pinned: null });
  const tools = html("div", "tools", figure);
  // Colours tell the value here.
  makeLegend(tools, groups.legend.map((group) => group.map(({ key }) => ({ key }))), state, () => draw());
  const reset = button(tools, "All lines", "show the lines of all results again", () => {
    Object.assign(state, { within: {}, pinned: null });
    draw();
  });
  const key = html("p", "scale", tools);
  const more = html("p", "hint faint", figure, "Scroll sideways to see all axes.");
  const scroll = html("div", "scroll", figure);
  const root = svg("svg", { role: "group", "aria-label": table.title, class: "plot" }, scroll);
  addSaving(tools, root, table.title, () => [[table.row, ...table.axes],
    ...shown().map((i) => [table.rows[i].name, ...axes.map((axis) => axis.values[i])])]);
  html("p", "hint faint", figure, "Point at a line to see its result, click to keep it marked. Drag along an axis to keep the lines through that part; click an axis's name for a logarithmic scale.");
  const tip = makeTip(figure);
  let width = 0, top = 0, names = [], isAslant = false, scales = [], lines = [], pressed = null;

  const spacing = () => (width - AXES.left - AXES.right) / Math.max(1, axes.length - 1);
  const xOf = (a) => AXES.left + a * spacing();
  const bottom = () => top + AXES.height;
  const below = () => bottom() + 11;  // where lines pass an axis whose field does not take part
  const nameOf = (one) => table.rows[one.i].name;

  function isWithin(i) {
    return axes.every((axis, a) => {
      const part = state.within[axis.name];
      if (!part) return true;
      const at = scales[a].names ? scales[a].names.indexOf(String(axis.values[i])) : axis.values[i];
      return isKnown(axis.values[i]) && at >= part[0] && at <= part[1];
    });
  }
  const shown = () => candidates.filter((i) => !state.off.includes(groups.nameOf(i)) && isWithin(i));

  // Whole names where they fit side by side, else short ones, else these aslant.
  function placeNames() {
    const widthOf = (some) => AXES.letter * Math.max(...some.map((name) => name.length));
    names = widthOf(table.axes) < spacing() ? table.axes : shortNames(table.axes);
    isAslant = widthOf(names) >= spacing();
    top = isAslant ? 26 + widthOf(names) / 2 : 32;
  }

  function drawName(axis, a) {
    const at = xOf(a), y = top - 14;
    const slant = isAslant ? { transform: `rotate(-30 ${at} ${y})` } : {};
    const name = svg("text", { x: at - 4, y, ...slant }, root, names[a]);
    svg("title", {}, name, axis.name);
    if (!canBeLog(axis.values)) return;
    if (state.log[axis.name]) svg("text", { x: at, y: bottom() + 30, "text-anchor": "middle" }, root, "log");
    name.classList.add("name");
    const toggle = () => {
      state.log[axis.name] = !state.log[axis.name];
      draw();
    };
    makeButton(name, `logarithmic scale of ${axis.name}`, Boolean(state.log[axis.name]), toggle);
    name.addEventListener("click", toggle);
  }

  function drawAxis(axis, a) {
    const at = xOf(a), part = state.within[axis.name];
    svg("line", { class: "axis", x1: at, x2: at, y1: top, y2: bottom() }, root);
    drawName(axis, a);
    if (!part) return;
    const { names: words } = scales[a];
    const place = (end) => scales[a](words ? words[Math.min(Math.max(Math.round(end), 0), words.length - 1)] : end);
    const [high, low] = ascending(part.map(place));
    svg("rect", { class: "zoom", x: at - 6, y: high - 3, width: 12, height: low - high + 6 }, root);
  }

  // Over the lines.
  function drawTicks(scale, a) {
    const most = scale.names ? Math.floor((spacing() - 8) / AXES.letter) : Infinity;
    for (const tick of scale.ticks) svgText({ class: "tick", x: xOf(a) + 6, y: scale(tick) + 4 }, root, shortNumber(tick), most);
    if (candidates.some((i) => !isKnown(axes[a].values[i]))) svgText({ class: "tick", x: xOf(a) + 6, y: below() + 4 }, root, "none", Infinity);
  }

  // What the colours of the lines mean.
  function drawKey(low, high) {
    const [worst, best] = table.lowIsGood ? [high, low] : [low, high];
    key.replaceChildren(`${value.name} ${shortNumber(worst)} `);
    html("span", "ramp", key);
    key.append(` ${shortNumber(best)}`);
  }

  // share: of the way from the worst value to the best, in percent.
  function drawLine(i, share) {
    const places = axes.map((axis, a) => [xOf(a), isKnown(axis.values[i]) ? scales[a](axis.values[i]) : below()]).filter(([, y]) => Number.isFinite(y));
    const line = svg("path", { class: "result",
      d: `M${places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`,
      style: `stroke: color-mix(in srgb, var(--best) ${share}%, var(--worst))` }, root);
    const one = { i, line, places };
    const label = `${nameOf(one)}: ${axes.map((axis) => `${axis.name} ${shortNumber(axis.values[i])}`).join(", ")}`;
    makeButton(line, label, false, () => pin(one));
    line.addEventListener("focus", () => { if (!pressed) mark(one, ...clientOf(places.at(-1))); });
    line.addEventListener("blur", () => mark(null));
    return one;
  }

  function draw() {
    width = Math.max(Math.round(scroll.clientWidth) || 560, AXES.left + AXES.right + AXES.apart * (axes.length - 1));
    placeNames();
    more.hidden = width <= scroll.clientWidth;
    const height = bottom() + AXES.bottom;
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    Object.assign(root.style, { width: `${width}px`, height: `${height}px` });
    root.replaceChildren();
    scales = axes.map((axis) => makeScale(candidates.map((i) => axis.values[i]), bottom(), top, 5, state.log[axis.name]));
    axes.forEach(drawAxis);
    const [low, high] = withRoom(extentOf(candidates.map((i) => value.values[i])));
    const shareOf = (i) => Math.round((100 * (value.values[i] - low)) / (high - low));
    lines = shown().map((i) => drawLine(i, table.lowIsGood ? 100 - shareOf(i) : shareOf(i)));
    drawKey(low, high);
    scales.forEach(drawTicks);
    mark(null);
  }

  function clientOf([x, y]) {
    const box = root.getBoundingClientRect();
    return [box.left + x, box.top + y];
  }

  // Highlights a line; null leaves the one that was clicked, if any.
  function mark(one, x, y) {
    const marked = one ?? lines.find((other) => nameOf(other) === state.pinned);
    for (const other of lines) {
      other.line.classList.toggle("near", other === marked);
      other.line.classList.toggle("away", Boolean(marked) && other !== marked);
      other.line.setAttribute("aria-pressed", nameOf(other) === state.pinned);
    }
    reset.disabled = !Object.keys(state.within).length && state.pinned === null;
    if (!one) return tip.hide();
    const rows = axes.map((axis) => [axis.name, axis.values[one.i]]);
    if (groups.legend.length) rows.push([table.colour, groups.nameOf(one.i)]);
    tip.show(x, y, rows, nameOf(one));
  }

  function pin(one) {
    state.pinned = state.pinned === nameOf(one) ? null : nameOf(one);
    mark(null);
  }

  // How far a point is from a line, measured upwards.
  function away({ places }, [x, y]) {
    for (let a = 1; a < places.length; ++a) {
      const [[x0, y0], [x1, y1]] = [places[a - 1], places[a]];
      if (x >= x0 && x <= x1) return Math.abs(y - (y0 + ((x - x0) / (x1 - x0)) * (y1 - y0)));
    }
    return Infinity;
  }
  const nearest = (at) => {
    const near = lines.reduce((a, b) => (a && away(a, at) <= away(b, at) ? a : b), null);
    return near && away(near, at) < 14 ? near : null;
  };

  root.addEventListener("pointerdown", (event) => {
    const at = pointerIn(root, event);
    pressed = { at, axis: axes.findIndex((_, a) => Math.abs(xOf(a) - at[0]) < 12 && at[1] > top - 6) };
  });
  root.addEventListener("pointermove", (event) => {
    if (!pressed) mark(nearest(pointerIn(root, event)), event.clientX, event.clientY);
  });
  root.addEventListener("pointerleave", () => mark(null));
  root.addEventListener("pointercancel", () => { pressed = null; });
  root.addEventListener("pointerup", (event) => {
    const at = pointerIn(root, event), from = pressed;
    pressed = null;
    if (!from) return;
    if (from.axis >= 0 && Math.abs(at[1] - from.at[1]) > 6) {
      state.within[axes[from.axis].name] = ascending([from.at[1], at[1]].map(scales[from.axis].invert));
      return draw();
    }
    const near = nearest(at);
    if (near && at[1] > top - 6) pin(near);
  });
  draw();
  new ResizeObserver(() => { if (Math.abs(scroll.clientWidth - width) > 1) draw(); }).observe(scroll);
}
