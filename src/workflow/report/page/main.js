// The page's data is JSON in <script type="application/json"> elements; what shows it is named in
// data-attributes.

function dataOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

document.querySelectorAll("[data-curves]").forEach((figure) => drawCurves(figure, dataOf(figure.dataset.curves)));
document.querySelectorAll("[data-scatter]").forEach((figure) => drawScatter(figure, dataOf(figure.dataset.scatter)));
document.querySelectorAll("[data-frames]").forEach((section) => startPlayer(section, dataOf(section.dataset.frames)));
document.querySelectorAll("table.sortable").forEach(makeSortable);
