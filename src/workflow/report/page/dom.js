// Elements, numbers, files to save, and what a page remembers when it loads itself again.

function setAttributes(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
}

function svg(name, attributes, parent, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  setAttributes(element, attributes);
  if (text !== undefined) element.textContent = text;
  return parent ? parent.appendChild(element) : element;
}

// A text in a drawing, of at most `most` letters; all of it is under the pointer.
function svgText(attributes, parent, text, most) {
  const isCut = text.length > most;
  const element = svg("text", attributes, parent, isCut ? `${text.slice(0, Math.max(1, most - 1))}…` : text);
  if (isCut) svg("title", {}, element, text);
}

// An element of a drawing that the keyboard reaches, too.
function makeButton(element, label, isPressed, onActivate) {
  setAttributes(element, { role: "button", tabindex: 0, "aria-label": label, "aria-pressed": isPressed });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onActivate();
  });
}

function html(name, className, parent, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return parent ? parent.appendChild(element) : element;
}

function button(parent, text, label, onClick) {
  const element = html("button", "tool", parent, text);
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", onClick);
  return element;
}

function checkbox(parent, text, checked, onChange) {
  const label = html("label", "check", parent);
  const box = html("input", "", label);
  box.type = "checkbox";
  box.checked = checked;
  label.append(text);
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}

function shortNumber(value) {
  if (typeof value !== "number") return isKnown(value) ? String(value) : "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return String(Number(value.toPrecision(4)));
}

function isKnown(value) { return value !== null && value !== undefined; }

// ---- files

function fileName(title, ending) {
  return `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")}.${ending}`;
}

function saveFile(blob, name) {
  const link = html("a", "");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function csvOf(rows) {
  const cell = (value) => {
    const text = isKnown(value) ? String(value) : "";
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(cell).join(",") + "\n").join("");
}

// A drawing as it is shown, twice as large. Its style is copied into it, as a picture sees no page.
function savePng(root, name) {
  const copy = root.cloneNode(true);
  const shown = [root, ...root.querySelectorAll("*")], copied = [copy, ...copy.querySelectorAll("*")];
  const kept = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "visibility", "font-size", "font-family", "font-weight"];
  shown.forEach((element, i) => {
    const style = getComputedStyle(element);
    copied[i].setAttribute("style", kept.map((key) => `${key}: ${style.getPropertyValue(key)}`).join("; "));
  });
  const { width, height } = root.viewBox.baseVal;
  setAttributes(copy, { width, height });
  const picture = new Image();
  picture.onload = () => {
    const canvas = html("canvas", "");
    [canvas.width, canvas.height] = [2 * width, 2 * height];
    const context = canvas.getContext("2d");
    context.fillStyle = getComputedStyle(document.body).getPropertyValue("background-color");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => saveFile(blob, name));
  };
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
}

// ---- memory: of this tab, for a page that loads itself again

const memory = {};
const memoryKey = `proxseg ${location.pathname}`;

function readStore(store, key) {
  try {
    return JSON.parse(store().getItem(key)) ?? {};
  } catch {
    return {};  // no storage for this page, or nothing sound in it
  }
}

function writeStore(store, key, value) {
  try {
    store().setItem(key, JSON.stringify(value));
  } catch {
    // the page works without
  }
}

const remembered = readStore(() => sessionStorage, memoryKey);

// The state of a control: as it was before the page loaded itself again, else `state`. Changes to the
// object that is returned are what is remembered.
function remember(key, state) {
  memory[key] = Object.assign(state, remembered[key]);
  return memory[key];
}

function saveMemory() { writeStore(() => sessionStorage, memoryKey, memory); }
