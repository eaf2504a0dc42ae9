// Parallel coordinates: an axis for each searched field and for the value, a line for each result.

const AXES = { height: 300, top: 40, bottom: 20, side: 34, apart: 84 };

// table: as for drawScatter(), with axes: names of columns, the value last
function drawParallel(figure, table) {
  const axes = table.axes.map((name) => table.columns.find((one) => one.name === name));
  const value = axes[axes.length - 1];
  const groups = groupsOf(table);
  const state = remember(`parallel ${table.title}`, {
    off: [], log: Object.fromEntries(axes.map((one) => [one.name, Boolean(one.log)])), within: {}, pinned: null });
  const tools = html("div", "tools", figure);
  makeLegend(tools, groups.legend, state, () => draw());
  const reset = button(tools, "All lines", "show the lines of all results again", () => {
    Object.assign(state, { within: {}, pinned: null });
    draw();
  });
  const scroll = html("div", "scroll", figure);
  const root = svg("svg", { role: "group", "aria-label": table.title, class: "plot" }, scroll);
  addSaving(tools, root, table.title, () => [["run", ...table.axes],
    ...shown().map((i) => [table.rows[i].name, ...axes.map((axis) => axis.values[i])])]);
  html("p", "hint faint", figure, "Point at a line to see its result, click to keep it marked. Drag along an axis to keep the lines through that part; click an axis's name for a logarithmic scale.");
  const tip = makeTip(figure);
  let scales = [], lines = [];

  const isWithin = (i) => axes.every((axis, a) => {
    const part = state.within[axis.name];
    if (!part) return true;
    const at = scales[a].names ? scales[a].names.indexOf(String(axis.values[i])) : axis.values[i];
    return isKnown(axis.values[i]) && at >= part[0] && at <= part[1];
  });
  function shown() {
    return table.rows.map((_, i) => i).filter((i) => isKnown(value.values[i]) && !state.off.includes(groups.nameOf(i)) && isWithin(i));
  }

  function drawAxis(axis, a) {
    const at = xOf(a), bottom = AXES.height - AXES.bottom;
    svg("line", { class: "axis", x1: at, x2: at, y1: AXES.top, y2: bottom }, root);
    const part = state.within[axis.name];
    if (part) {
      const place = scales[a].names ? (i) => scales[a](scales[a].names[Math.min(Math.max(Math.round(i), 0), scales[a].names.length - 1)]) : scales[a];
      const [low, high] = [place(part[0]), place(part[1])];
      svg("rect", { class: "zoom", x: at - 6, y: Math.min(low, high) - 3, width: 12, height: Math.abs(high - low) + 6 }, root);
    }
    const isLog = canBeLog(axis.values);
    const anchor = a === 0 ? "start" : a === axes.length - 1 ? "end" : "middle";
    const most = Math.max(8, Math.floor(width / axes.length / 10));
    const short = axis.name.length > most ? `…${axis.name.slice(1 - most)}` : axis.name;
    const name = svg("text", { class: isLog ? "name" : "", x: at, y: 16, "text-anchor": anchor }, root, short);
    if (isLog && state.log[axis.name]) svg("text", { x: at, y: 30, "text-anchor": anchor }, root, "log");
    svg("title", {}, name, axis.name);
    if (!isLog) return;
    for (const [key, text] of Object.entries({ role: "button", tabindex: 0, "aria-label": `logarithmic scale of ${axis.name}`, "aria-pressed": Boolean(state.log[axis.name]) })) name.setAttribute(key, text);
    const toggle = () => {
      state.log[axis.name] = !state.log[axis.name];
      draw();
    };
    name.addEventListener("click", toggle);
    name.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); } });
  }

  // Over the lines.
  function drawTicks(axis, a) {
    for (const tick of scales[a].ticks) {
      const text = shortNumber(tick), isLast = a === axes.length - 1;
      svg("text", { x: xOf(a) + (isLast ? -6 : 6), y: scales[a](tick) + 4, class: "tick", "text-anchor": isLast ? "end" : "start" },
          root, text.length > 10 ? `${text.slice(0, 9)}…` : text);
    }
  }

  function xOf(a) { return axes.length < 2 ? AXES.side : AXES.side + (a * (width - 2 * AXES.side)) / (axes.length - 1); }
  let width = 0;

  function draw() {
    const candidates = table.rows.map((_, i) => i).filter((i) => isKnown(value.values[i]));
    width = Math.max(Math.round(scroll.clientWidth) || 560, 2 * AXES.side + AXES.apart * (axes.length - 1));
    root.setAttribute("viewBox", `0 0 ${width} ${AXES.height}`);
    Object.assign(root.style, { width: `${width}px`, height: `${AXES.height}px` });
    root.replaceChildren();
    scales = axes.map((axis) => makeScale(candidates.map((i) => axis.values[i]), AXES.height - AXES.bottom, AXES.top, 5, state.log[axis.name]));
    axes.forEach(drawAxis);
    const [low, high] = withRoom(extentOf(candidates.map((i) => value.values[i])));
    lines = shown().map((i) => {
      const places = axes.map((axis, a) => [xOf(a), scales[a](axis.values[i])]).filter(([, y]) => Number.isFinite(y));
      const share = Math.round((100 * (value.values[i] - low)) / (high - low));
      const label = `${table.rows[i].name}: ${axes.map((axis) => `${axis.name} ${shortNumber(axis.values[i])}`).join(", ")}`;
      const line = svg("path", { class: "result", tabindex: 0, role: "button", "aria-label": label,
        d: `M${places.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}`,
        style: `stroke: color-mix(in srgb, var(--high) ${share}%, var(--low))` }, root);
      const one = { i, line, places };
      line.addEventListener("focus", () => { if (!pressed) mark(one, ...clientOf(places[places.length - 1])); });
      line.addEventListener("blur", () => mark(null));
      line.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pin(one); } });
      return one;
    });
    axes.forEach(drawTicks);
    mark(null);
    reset.disabled = !Object.keys(state.within).length && state.pinned === null;
  }

  function clientOf([x, y]) {
    const box = root.getBoundingClientRect();
    return [box.left + x, box.top + y];
  }

  // Highlights a line; null leaves the one that was clicked, if any.
  function mark(one, x, y) {
    const marked = one ?? lines.find((line) => table.rows[line.i].name === state.pinned);
    for (const line of lines) {
      line.line.classList.toggle("near", line === marked);
      line.line.classList.toggle("away", Boolean(marked) && line !== marked);
      line.line.setAttribute("aria-pressed", table.rows[line.i].name === state.pinned);
    }
    if (!one) return tip.hide();
    const rows = axes.map((axis) => [axis.name, axis.values[one.i]]);
    if (groups.legend.length) rows.push([table.colour, groups.nameOf(one.i), groups.colour(one.i)]);
    tip.show(x, y, rows, table.rows[one.i].name);
  }

  function pin(one) {
    const name = table.rows[one.i].name;
    state.pinned = state.pinned === name ? null : name;
    reset.disabled = !Object.keys(state.within).length && state.pinned === null;
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

  let pressed = null;
  root.addEventListener("pointerdown", (event) => {
    const at = pointerIn(root, event);
    pressed = { at, axis: axes.findIndex((_, a) => Math.abs(xOf(a) - at[0]) < 12 && at[1] > AXES.top - 6) };
  });
  root.addEventListener("pointermove", (event) => {
    if (pressed) return;
    const near = nearest(pointerIn(root, event));
    mark(near, event.clientX, event.clientY);
  });
  root.addEventListener("pointerleave", () => mark(null));
  root.addEventListener("pointerup", (event) => {
    const at = pointerIn(root, event), from = pressed;
    pressed = null;
    if (!from) return;
    if (from.axis >= 0 && Math.abs(at[1] - from.at[1]) > 6) {
      const ends = [scales[from.axis].invert(from.at[1]), scales[from.axis].invert(at[1])];
      state.within[axes[from.axis].name] = ends.sort((a, b) => a - b);
      return draw();
    }
    const near = nearest(at);
    if (near && at[1] > AXES.top - 6) pin(near);
  });
  draw();
  new ResizeObserver(() => { if (scroll.clientWidth > width + 1 || scroll.clientWidth < width - 1) draw(); }).observe(scroll);
}
