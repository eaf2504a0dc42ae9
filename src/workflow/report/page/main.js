// The page's data is JSON in <script type="application/json"> elements; what shows it is named in
// data-attributes.

function dataOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

const draw = (selector, key, show) => document.querySelectorAll(selector).forEach((element) => show(element, dataOf(element.dataset[key])));
addThemeSwitch();
draw("[data-curves]", "curves", drawCurves);
draw("[data-scatter]", "scatter", drawScatter);
draw("[data-parallel]", "parallel", drawParallel);
draw("[data-frames]", "frames", startPlayer);
document.querySelectorAll("table.sortable").forEach(makeSortable);
addEventListener("hashchange", () => markGroup(true));
markGroup(false);
document.querySelectorAll("pre.command").forEach(addCopyButton);
document.querySelectorAll("[data-refresh]").forEach(startRefreshing);
