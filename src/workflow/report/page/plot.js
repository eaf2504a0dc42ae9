// What all charts have in common: a drawing as wide as its figure, axes, zoom, a box beside the pointer,
// a legend that hides and shows, and what is saved of it.

const MARGIN = { left: 58, right: 14, top: 10, bottom: 38 };

// A box beside the pointer, inside its figure.
function makeTip(figure) {
  const tip = html("div", "tip", figure);
  tip.hidden = true;
  return {
    // rows: [name, value, swatch's style]
    show(x, y, rows, title) {
      tip.replaceChildren();
      html("b", "", tip, title);
      const table = html("table", "", tip);
      for (const [name, value, colour] of rows) {
        const row = html("tr", "", table);
        const cell = html("td", "", row);
        if (colour) html("span", "swatch", cell).style.setProperty("--colour", colour);
        cell.append(name);
        html("td", "", row, shortNumber(value)).title = isKnown(value) ? String(value) : "";
      }
      tip.hidden = false;
      const box = figure.getBoundingClientRect();
      const isRight = x - box.left + tip.offsetWidth + 24 > box.width;
      tip.style.left = `${isRight ? Math.max(0, x - box.left - tip.offsetWidth - 14) : x - box.left + 14}px`;
      tip.style.top = `${Math.max(0, y - box.top - tip.offsetHeight - 10)}px`;
    },
    hide() { tip.hidden = true; },
  };
}

// groups: lists of {key, colour, dash}; state.off: keys that are hidden.
function makeLegend(figure, groups, state, redraw) {
  for (const group of groups) {
    const list = html("ul", "legend", figure);
    for (const { key, colour, dash } of group) {
      const toggle = button(html("li", "", list), "", `show or hide ${key}`, () => {
        state.off = state.off.includes(key) ? state.off.filter((other) => other !== key) : [...state.off, key];
        toggle.setAttribute("aria-pressed", !state.off.includes(key));
        redraw();
      });
      const isPlain = colour === undefined && dash === undefined;
      const swatch = isPlain ? null : html("span", dash === undefined ? "swatch" : "swatch line", toggle);
      if (colour) swatch.style.setProperty("--colour", colour);
      if (dash) swatch.classList.add("dashed");
      toggle.append(key);
      toggle.setAttribute("aria-pressed", !state.off.includes(key));
    }
  }
}

// Buttons that every chart has. rows: the chart's numbers, headings first.
function addSaving(tools, root, title, rows) {
  button(tools, "CSV", `save ${title} as CSV`, () => saveFile(new Blob([csvOf(rows())], { type: "text/csv" }), fileName(title, "csv")));
  button(tools, "PNG", `save ${title} as a picture`, () => savePng(root, fileName(title, "png")));
}

// In pixels of the drawing, whatever size it is shown at.
function pointerIn(root, event) {
  const box = root.getBoundingClientRect();
  const { width, height } = root.viewBox.baseVal;
  return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
}

let clips = 0;

// options: {title, height, state, columns(): {x, y, xLabel, yLabel}, paint(plot), rows(), above(figure, redraw)}
// state: {logX, logY, zoom}. paint draws into plot.marks by plot.x and plot.y.
function makePlot(figure, options) {
  const { title, state } = options;
  const plot = { figure, redraw: () => draw() };
  const tools = html("div", "tools", figure);
  options.above?.(tools, plot.redraw);
  const boxes = {
    logX: checkbox(tools, "log x", state.logX, (checked) => change({ logX: checked, zoom: null })),
    logY: checkbox(tools, "log y", state.logY, (checked) => change({ logY: checked, zoom: null })),
  };
  const reset = button(tools, "Whole range", "show the whole range again", () => change({ zoom: null }));
  const root = svg("svg", { role: "group", "aria-label": title, tabindex: 0, class: "plot" }, figure);
  if (!clips) html("p", "hint faint", figure, "In all charts: drag to zoom, or Ctrl and the wheel; with the keyboard + and −, 0 for all.");
  plot.root = root;
  plot.tip = makeTip(figure);
  addSaving(tools, root, title, options.rows);
  const clip = `clip${clips++}`;

  function change(changes) {
    Object.assign(state, changes);
    draw();
  }

  function drawAxes({ xLabel, yLabel }) {
    const { width, height } = plot.size, bottom = height - MARGIN.bottom, right = width - MARGIN.right;
    for (const tick of plot.y.ticks) {
      svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: plot.y(tick), y2: plot.y(tick) }, root);
      svgText({ x: MARGIN.left - 8, y: plot.y(tick) + 4, "text-anchor": "end" }, root, shortNumber(tick), plot.y.names ? 8 : Infinity);
    }
    const most = plot.x.names ? Math.floor((right - MARGIN.left) / plot.x.ticks.length / 7) : Infinity;
    for (const tick of plot.x.ticks) svgText({ x: plot.x(tick), y: bottom + 17, "text-anchor": "middle" }, root, shortNumber(tick), most);
    svg("text", { x: right, y: height - 4, "text-anchor": "end" }, root, xLabel);
    if (yLabel) svg("text", { x: MARGIN.left, y: height - 4 }, root, `↑ ${yLabel}`);
  }

  function draw() {
    const columns = options.columns();
    const width = Math.max(280, Math.round(root.getBoundingClientRect().width) || 560), height = options.height;
    plot.size = { width, height };
    root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    root.style.height = `${height}px`;
    root.replaceChildren();
    const room = options.room ?? 0;
    const across = Math.max(2, Math.floor((width - MARGIN.left) / 90));
    plot.x = makeScale(columns.x, MARGIN.left + room, width - MARGIN.right - room, across, state.logX, state.zoom?.x);
    plot.y = makeScale(columns.y, height - MARGIN.bottom - room / 2, MARGIN.top + room / 2, 5, state.logY, state.zoom?.y);
    drawAxes(columns);
    svg("rect", { x: MARGIN.left, y: 0, width: width - MARGIN.left, height: height - MARGIN.bottom + 4 }, svg("clipPath", { id: clip }, root));
    plot.marks = svg("g", { "clip-path": `url(#${clip})` }, root);
    options.paint(plot);
    for (const [axis, values] of [["logX", columns.x], ["logY", columns.y]]) {
      boxes[axis].checked = Boolean(state[axis]);
      boxes[axis].parentElement.hidden = !canBeLog(values);
    }
    reset.disabled = !state.zoom;
  }

  function zoomTo(left, right, top, bottom) {
    const { x, y } = plot;
    change({ zoom: { x: [x.invert(left), x.invert(right)], y: [y.invert(bottom), y.invert(top)] } });
  }

  // By a factor around a point, which stays where it is.
  function zoomBy(factor, [atX, atY]) {
    const { width, height } = plot.size;
    const left = MARGIN.left, right = width - MARGIN.right, top = MARGIN.top, bottom = height - MARGIN.bottom;
    zoomTo(atX - (atX - left) * factor, atX + (right - atX) * factor, atY - (atY - top) * factor, atY + (bottom - atY) * factor);
  }

  let drag = null;
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { from: pointerIn(root, event), box: null };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x0, y0] = drag.from, [x1, y1] = pointerIn(root, event);
    if (Math.hypot(x1 - x0, y1 - y0) < 8) return;
    drag.box ??= svg("rect", { class: "zoom" }, root);
    const isFlat = Math.abs(y1 - y0) < 16;  // a sweep along the x axis
    const [left, right] = ascending([x0, x1]);
    const [top, bottom] = isFlat ? [MARGIN.top, plot.size.height - MARGIN.bottom] : ascending([y0, y1]);
    setAttributes(drag.box, { x: left, y: top, width: right - left, height: bottom - top });
    drag.area = [left, right, top, bottom];
    plot.tip.hide();
  });
  function endDrag() {
    const area = drag?.area;
    drag?.box?.remove();
    drag = null;
    return area;
  }
  window.addEventListener("pointerup", () => {
    const area = endDrag();
    if (area && area[1] - area[0] > 4) zoomTo(...area);
  });
  window.addEventListener("pointercancel", endDrag);
  root.addEventListener("dragstart", (event) => event.preventDefault());
  root.addEventListener("dblclick", () => change({ zoom: null }));
  root.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomBy(event.deltaY > 0 ? 1.25 : 0.8, pointerIn(root, event));
  }, { passive: false });
  root.addEventListener("keydown", (event) => {
    const factor = { "+": 0.8, "=": 0.8, "-": 1.25 }[event.key];
    if (factor) zoomBy(factor, [(MARGIN.left + plot.size.width) / 2, plot.size.height / 2]);
    else if (event.key === "0" || event.key === "Escape") change({ zoom: null });
    else if (!options.onKey?.(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  plot.isDragging = () => Boolean(drag?.box);
  draw();
  new ResizeObserver(() => {
    if (Math.abs(root.getBoundingClientRect().width - plot.size.width) > 1) draw();
  }).observe(figure);
  return plot;
}

function colourOf(index) { return `var(--s${index % 8})`; }
