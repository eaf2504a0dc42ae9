// Results as points of two columns, and as lines through all that was searched.

const rowsWhere = (table, holds) => table.rows.map((_, i) => i).filter(holds);

function chooseAxis(parent, label, columns, chosen, onChange) {
  const select = html("select", "", html("label", "", parent, `${label} `));
  for (const column of columns) html("option", "", select, column.name).value = column.name;
  select.value = chosen;
  select.addEventListener("change", () => onChange(select.value));
  return select;
}

// The rows by the column that gives them their colour: {nameOf(row), colourOf(row), groups}.
function groupsOf(table) {
  const column = table.columns.find((one) => one.name === table.colour);
  const names = column ? [...new Set(column.values.map((value) => shortNumber(value)))] : [];
  const nameOf = (i) => (column ? shortNumber(column.values[i]) : "");
  return {
    nameOf, colour: (i) => colourOf(Math.max(0, names.indexOf(nameOf(i)))),
    legend: names.length > 1 ? [names.map((key, i) => ({ key, colour: colourOf(i) }))] : [],
  };
}

// table: {title, x, y: names of columns, columns: [{name, values, log}], rows: [{name, link}], colour: name of a
// column}; link may be ""
function drawScatter(figure, table) {
  const column = (name) => table.columns.find((one) => one.name === name) ?? table.columns[0];
  const state = remember(`scatter ${table.title}`, {
    off: [], x: table.x, y: table.y, logX: column(table.x).log, logY: column(table.y).log, zoom: null });
  const groups = groupsOf(table);
  const shown = () => rowsWhere(table, (i) =>
    isKnown(column(state.x).values[i]) && isKnown(column(state.y).values[i]) && !state.off.includes(groups.nameOf(i)));
  let points = [];
  const plot = makePlot(figure, {
    title: table.title, height: 360, state, room: 12,
    above(tools, redraw) {
      const axes = html("div", "axes", tools);
      for (const [label, axis, log] of [["across", "x", "logX"], ["up", "y", "logY"]]) {
        chooseAxis(axes, label, table.columns, state[axis], (name) => {
          Object.assign(state, { [axis]: name, [log]: column(name).log, zoom: null });
          redraw();
        });
      }
      makeLegend(tools, groups.legend, state, redraw);
    },
    columns() {
      const rows = shown();
      return { x: rows.map((i) => column(state.x).values[i]), y: rows.map((i) => column(state.y).values[i]), xLabel: state.x, yLabel: state.y };
    },
    paint({ marks, x, y }) {
      points = [];
      for (const i of shown()) {
        const row = table.rows[i], values = [column(state.x).values[i], column(state.y).values[i]];
        const at = [x(values[0]), y(values[1])];
        if (!at.every(Number.isFinite)) continue;
        const label = `${row.name}: ${state.x} ${shortNumber(values[0])}, ${state.y} ${shortNumber(values[1])}`;
        const around = row.link ? svg("a", { href: row.link, "aria-label": label }, marks) : marks;
        const circle = svg("circle", { class: "point", cx: at[0], cy: at[1], r: 6, style: `fill: ${groups.colour(i)}` }, around);
        const rows = [[state.x, values[0]], [state.y, values[1]]];
        if (groups.legend.length) rows.push([table.colour, groups.nameOf(i), groups.colour(i)]);
        points.push({ at, circle, title: row.name, rows });
      }
    },
    rows: () => [[table.row, ...table.columns.map((one) => one.name)], ...shown().map((i) => [table.rows[i].name, ...table.columns.map((one) => one.values[i])])],
  });
  const leave = () => {
    points.forEach((point) => point.circle.classList.remove("near"));
    plot.tip.hide();
  };
  plot.root.addEventListener("pointermove", (event) => {
    leave();
    if (plot.isDragging()) return;
    const pointer = pointerIn(plot.root, event);
    const away = (point) => Math.hypot(point.at[0] - pointer[0], point.at[1] - pointer[1]);
    const near = points.reduce((a, b) => (a && away(a) <= away(b) ? a : b), null);
    if (!near || away(near) > 24) return;
    near.circle.classList.add("near");
    plot.tip.show(event.clientX, event.clientY, near.rows, near.title);
  });
  plot.root.addEventListener("pointerleave", leave);
}
