// Tables that sort by the column whose heading is clicked; cells without a value come last.

function valueOf(row, column) {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent;
  if (text === "") return null;
  return cell.classList.contains("number") ? Number(text) : text;
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function sortBy(table, column, descending) {
  const rows = [...table.tBodies[0].rows];
  rows.sort((one, other) => {
    const a = valueOf(one, column), b = valueOf(other, column);
    if (a === null || b === null) return (a === null) - (b === null);
    return descending ? compare(b, a) : compare(a, b);
  });
  table.tBodies[0].append(...rows);
  [...table.tHead.rows[0].cells].forEach((cell, i) => {
    if (i !== column) cell.removeAttribute("aria-sort");
    else cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
  });
}

// A link to "#group-GROUP" marks the rows of that group. isFollowed: the first of them comes into view.
function markGroup(isFollowed) {
  const group = decodeURIComponent(location.hash).match(/^#group-(.*)/)?.[1];
  const rows = [...document.querySelectorAll("tr[data-group]")];
  rows.forEach((row) => row.classList.toggle("marked", row.dataset.group === group));
  if (isFollowed) rows.find((row) => row.dataset.group === group)?.scrollIntoView({ block: "center" });
}

// The first click on a column of numbers puts the largest first.
function makeSortable(table, number) {
  const state = remember(`table ${number}`, { column: null, descending: false });
  const sort = (column, descending) => {
    Object.assign(state, { column, descending });
    sortBy(table, column, descending);
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((cell, column) => {
    cell.querySelector("button").addEventListener("click", () => {
      const sorted = cell.getAttribute("aria-sort");
      sort(column, sorted ? sorted === "ascending" : cell.classList.contains("number"));
    });
  });
  if (state.column !== null && state.column < heads.length) sort(state.column, state.descending);
}
