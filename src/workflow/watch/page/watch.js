// What a camera shows now, how sure the program is of it, what happened, and what one can ask for.
// Everything comes from the program that served this page; pictures only while somebody looks.

const by = (id) => document.getElementById(id);
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const kNextPicture = 80, kNextState = 1000, kNextThumbnails = 3000, kAfterTrouble = 2000, kMostEvents = 200;

const view = { camera: 0, picture: "live", place: null };  // place: [x, y, width, height] in pixels of the frame
let cameras = [];
let shown = { size: [0, 0], objects: [] };  // of the picture on the screen

// ---- asking

const tokens = () => readStore(() => sessionStorage, "proxseg token");
let login = null;

async function ask(path, options = {}) {
  const token = tokens().token, headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(path, { cache: "no-store", ...options, headers });
  if (response.status === 401) {
    await (login ??= askForToken(token));
    return ask(path, options);
  }
  if (!response.ok && response.status !== 304) throw new Error((await response.text()).trim() || response.statusText);
  return response;
}

function askForToken(refused) {
  by("login-error").textContent = refused ? "This token is not the one of this page." : "";
  by("login").showModal();
  return new Promise((done) => {
    by("login").querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      writeStore(() => sessionStorage, "proxseg token", { token: by("token").value.trim() });
      by("token").value = "";
      by("login").close();
      login = null;
      done();
    };
  });
}

async function post(action, body) {
  try {
    await ask(`cameras/${view.camera}/${action}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    alarm("");
  } catch (error) {
    alarm(`The camera was not asked: ${error.message}`);
  }
}

function alarm(text) {
  by("alarm").hidden = !text;
  by("alarm").textContent = text;
}

// ---- words

const kEvents = {
  start: "watching begins", stop: "watching has ended",
  object: "object {id} appears", gone: "object {id} has gone", rest: "object {id} stands still", moves: "object {id} moves again",
  light: "the light has changed", knock: "the camera was knocked", covered: "the picture is covered", changed: "the scene has changed",
  returned: "a known background fits again", relearned: "the background was learned anew", relearn: "asked to learn anew",
  absorbed: "an object at rest is background now", left: "something has left its place", accepted: "called background",
  uncertain: "masks are uncertain", certain: "masks are certain", damaged: "pictures are broken", repaired: "pictures are whole again",
  frozen: "the picture is frozen", thawed: "the picture moves again", lost: "the connection is lost", found: "the connection is back",
  gap: "frames are missing", failed: "the camera failed",
};
const kTones = { lost: "bad", failed: "bad", covered: "bad", damaged: "bad", frozen: "bad", uncertain: "warn", light: "warn", knock: "warn",
  changed: "warn", relearn: "warn", certain: "good", found: "good", repaired: "good", thawed: "good", returned: "good", relearned: "good" };

function wordsOf(event) {
  return (kEvents[event.event] ?? event.event).replace("{id}", event.id ?? "");
}

function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
}

function percent(share) { return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`; }

// How a camera is, and in what tone to say it.
function healthOf(camera) {
  const kSilent = 3;
  if (!camera.connected) return ["bad", camera.connection ? `no connection: ${camera.connection}` : "no connection"];
  if (camera.stopped) return ["bad", "watching has ended"];
  if (camera.frames === 0) return ["warn", "waiting"];
  if (camera.silent > kSilent) return ["bad", `no frame for ${duration(camera.silent)}`];
  if (camera.certain) return ["good", "certain"];
  const cause = camera.cause;
  if (!cause) return ["warn", "uncertain"];
  if (cause.event === "start") return ["warn", "uncertain: the background is young"];
  return ["warn", `uncertain: ${wordsOf(cause)}${cause.reason ? ` (${cause.reason})` : ""}`];
}

// ---- the picture

function widthWanted() {
  return Math.ceil(by("stage").clientWidth * Math.min(devicePixelRatio, 2));
}

function pathOfPicture() {
  const kind = view.picture === "background" ? "background" : "frame";
  const masks = kind === "frame" ? `&masks=${by("masks").checked ? 1 : 0}` : "";
  return `cameras/${view.camera}/${kind}.jpg?width=${widthWanted()}${masks}`;
}

async function showPictures() {
  let tag = "", from = "";
  for (;;) {
    if (document.hidden || !cameras.length) {
      await later(kNextState / 4);
      continue;
    }
    const path = pathOfPicture(), camera = view.camera;
    try {
      const response = await ask(path, path === from ? { headers: { "If-None-Match": tag } } : {});
      if (response.status === 200 && camera === view.camera && path === pathOfPicture()) {
        draw(await createImageBitmap(await response.blob()), JSON.parse(response.headers.get("X-Objects")));
        [tag, from] = [response.headers.get("ETag"), path];
        by("picture").dataset.frame = tag;
      }
      await later(view.picture === "background" ? kNextState : kNextPicture);
    } catch {
      await later(kAfterTrouble);
    }
  }
}

let bitmap = null;

function draw(image, objects) {
  if (image) {
    bitmap?.close();
    bitmap = image;
    const camera = cameras[view.camera];
    shown = { size: [camera.width || image.width, camera.height || image.height], objects };
  }
  if (!bitmap) return;
  const canvas = by("picture"), context = canvas.getContext("2d");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  context.drawImage(bitmap, 0, 0);
  by("waiting").hidden = true;
  by("stage").classList.remove("empty");
  const scale = bitmap.width / shown.size[0], line = 1.5 * bitmap.width / (canvas.clientWidth || bitmap.width);
  if (by("boxes").checked && view.picture === "live") {
    for (const object of shown.objects) drawBox(context, object.box, scale, line, object.rests ? "#ffb74d" : "#ffffff", String(object.id));
  }
  if (view.place) drawBox(context, view.place, scale, 2 * line, "#6ea8fe", "");
}

function drawBox(context, [x, y, width, height], scale, line, colour, name) {
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.strokeRect(x * scale, y * scale, width * scale, height * scale);
  if (!name) {
    context.fillStyle = "rgb(110 168 254 / 18%)";
    context.fillRect(x * scale, y * scale, width * scale, height * scale);
    return;
  }
  const size = 8 * line;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const wide = context.measureText(name).width + size * 0.6, top = Math.max(0, y * scale - size * 1.3);
  context.fillStyle = colour;
  context.fillRect(x * scale - line / 2, top, wide, size * 1.3);
  context.fillStyle = "#10141b";
  context.fillText(name, x * scale + size * 0.3 - line / 2, top + size);
}

// ---- a place in the picture

function choose(place) {
  view.place = place;
  const isObject = place && shown.objects.some((object) => String(object.box) === String(place));
  by("accept").textContent = !place ? "Everything at rest is background …" : isObject ? "This object is background" : "This place is background";
  draw(null);
  showObjects();
}

// In pixels of the frame, of a pointer on the canvas, whose picture keeps its shape.
function pointOf(event) {
  const box = by("picture").getBoundingClientRect(), [width, height] = shown.size;
  const scale = Math.min(box.width / width, box.height / height);
  const x = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
  const y = (event.clientY - box.top - (box.height - height * scale) / 2) / scale;
  return [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
}

function between([x0, y0], [x1, y1]) {
  return [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)].map(Math.round);
}

function startDrawing() {
  const canvas = by("picture"), kLeast = 4;
  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !bitmap) return;
    from = pointOf(event);
    if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = between(from, pointOf(event));
    if (box[2] >= kLeast && box[3] >= kLeast) choose(box);
  });
  canvas.addEventListener("pointercancel", () => { from = null; });
  canvas.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [x, y] = pointOf(event), box = between(from, [x, y]);
    from = null;
    if (box[2] >= kLeast && box[3] >= kLeast) return choose(box);
    const under = shown.objects.filter(({ box: [left, top, width, height] }) => x >= left && x <= left + width && y >= top && y <= top + height);
    under.sort((a, b) => a.box[2] * a.box[3] - b.box[2] * b.box[3]);
    choose(under.length ? under[0].box : null);
  });
  canvas.addEventListener("keydown", moveByKeys);
}

function moveByKeys(event) {
  const [width, height] = shown.size, step = Math.max(1, Math.round(width / 64));
  const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  if (event.key === "Enter" && !view.place) {
    choose([width * 3 / 8, height * 3 / 8, width / 4, height / 4].map(Math.round));
  } else if (move && view.place) {
    let [x, y, wide, high] = view.place;
    if (event.shiftKey) {
      [wide, high] = [Math.min(Math.max(wide + move[0], step), width - x), Math.min(Math.max(high + move[1], step), height - y)];
    } else {
      [x, y] = [Math.min(Math.max(x + move[0], 0), width - wide), Math.min(Math.max(y + move[1], 0), height - high)];
    }
    choose([x, y, wide, high]);
  } else {
    return;
  }
  event.preventDefault();
}

// ---- numbers, objects, events

function showNumbers(camera) {
  const numbers = {
    "frames a second": camera.frames_per_second.toFixed(1),
    "delay": camera.delay === null ? "–" : `${camera.delay.toFixed(camera.delay < 10 ? 1 : 0)} s`,
    "off the background": percent(camera.unexplained),
    "uncertain frames": camera.frames ? percent(camera.uncertain / camera.frames) : "–",
  };
  by("numbers").replaceChildren(...Object.entries(numbers).map(([name, value]) => {
    const tile = html("div", "");
    html("dt", "", tile, name);
    html("dd", "", tile, value);
    return tile;
  }));
}

function showHealth(camera) {
  const [tone, words] = healthOf(camera);
  by("name").textContent = camera.name;
  if (by("badge").textContent !== words) by("badge").textContent = words;
  by("badge").className = `badge ${tone}`;
  by("stage").classList.toggle("stale", tone === "bad" && camera.frames > 0);
}

function showObjects() {
  const objects = cameras[view.camera]?.objects ?? [], list = by("objects");
  const focused = document.activeElement?.dataset.object;
  list.replaceChildren(...objects.map((object) => {
    const item = html("li", ""), choice = html("button", "", item);
    choice.type = "button";
    choice.dataset.object = object.id;
    const isChosen = String(view.place) === String(object.box);
    choice.setAttribute("aria-pressed", isChosen);
    html("span", "", choice, `object ${object.id}`);
    if (object.rests) html("span", "faint", choice, "at rest");
    html("span", "", choice, duration(object.seconds));
    choice.addEventListener("click", () => choose(isChosen ? null : object.box));
    return item;
  }));
  if (!objects.length) html("li", "none", list, "none");
  if (focused) list.querySelector(`[data-object="${CSS.escape(focused)}"]`)?.focus();
}

let lastEvent = 0;

async function showEvents(camera) {
  if (camera.last_event === lastEvent) return;
  const asked = view.camera;
  const events = await (await ask(`cameras/${asked}/events?after=${lastEvent}`)).json();
  if (asked !== view.camera) return;
  const list = by("events");
  for (const event of events) {
    lastEvent = event.number;
    list.prepend(itemOf(event));
  }
  while (list.children.length > kMostEvents) list.lastChild.remove();
}

function itemOf(event) {
  const isOfObject = ["object", "gone", "rest", "moves"].includes(event.event);
  const item = html("li", isOfObject ? "of-object" : "");
  const time = html("time", "", item, new Date(event.time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }));
  time.dateTime = event.time;
  time.title = new Date(event.time).toLocaleString();
  html("span", `dot ${kTones[event.event] ?? ""}`, item);
  const what = html("span", "", item);
  if (event.box) {
    const place = html("button", "", what, wordsOf(event));
    place.type = "button";
    place.title = "show the place";
    place.addEventListener("click", () => choose(event.box));
  } else {
    what.append(wordsOf(event));
  }
  const more = [event.reason, event.seen >= 1 && `seen for ${duration(event.seen)}`].filter(Boolean).join(", ");
  if (more) html("small", "", what, ` ${more}`);
  return item;
}

// ---- cameras

function look(camera) {
  Object.assign(view, { camera, place: null });
  lastEvent = 0;
  by("events").replaceChildren();
  bitmap?.close();
  bitmap = null;
  const canvas = by("picture");
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
  by("waiting").hidden = false;
  location.hash = cameras.length > 1 ? encodeURIComponent(cameras[camera].name) : "";
  choose(null);
  showAll();
}

function showAll() {
  const camera = cameras[view.camera];
  showHealth(camera);
  showNumbers(camera);
  showObjects();
  document.querySelectorAll("#cameras button").forEach((item, i) => {
    item.setAttribute("aria-current", i === view.camera);
    const [tone, words] = healthOf(cameras[i]);
    item.querySelector(".dot").className = `dot ${tone}`;
    item.title = `${cameras[i].name}: ${words}`;
  });
  by("accept").disabled = by("relearn").disabled = camera.stopped || camera.frames === 0;
}

function buildCameras() {
  by("cameras").hidden = cameras.length < 2;
  if (cameras.length < 2) return;
  by("cameras").replaceChildren(...cameras.map((camera, i) => {
    const item = html("button", "");
    item.type = "button";
    html("canvas", "", item);
    html("span", "dot", item);
    html("span", "", item, camera.name);
    item.addEventListener("click", () => look(i));
    return item;
  }));
  showThumbnails();
}

async function showThumbnails() {
  for (;; await later(kNextThumbnails)) {
    for (let i = 0; i < cameras.length && !document.hidden; ++i) {
      if (!cameras[i].frames) continue;
      try {
        const image = await createImageBitmap(await (await ask(`cameras/${i}/frame.jpg?width=320&masks=1`)).blob());
        const canvas = by("cameras").children[i].querySelector("canvas");
        [canvas.width, canvas.height] = [image.width, image.height];
        canvas.getContext("2d").drawImage(image, 0, 0);
        image.close();
      } catch {
        // the state says why
      }
    }
  }
}

async function showState() {
  for (;; await later(document.hidden ? 4 * kNextState : kNextState)) {
    try {
      const isFirst = !cameras.length;
      cameras = await (await ask("cameras")).json();
      if (isFirst) {
        buildCameras();
        const named = cameras.findIndex((camera) => encodeURIComponent(camera.name) === location.hash.slice(1));
        look(Math.max(0, named));
      }
      showAll();
      await showEvents(cameras[view.camera]);
      if (by("alarm").dataset.away) alarm("");
      delete by("alarm").dataset.away;
    } catch (error) {
      by("alarm").dataset.away = "yes";
      alarm(`The program does not answer: ${error.message}`);
      by("badge").className = "badge bad";
      by("badge").textContent = "no answer";
      by("stage").classList.add("stale");
    }
  }
}

// ---- what one can ask for

function question(text, yes, action) {
  by("question-text").textContent = text;
  by("yes").textContent = yes;
  by("yes").onclick = () => {
    by("question").close();
    action();
  };
  by("no").onclick = () => by("question").close();
  by("question").showModal();
}

function start() {
  addThemeSwitch();
  document.querySelector(".top").prepend(document.querySelector("button.theme"));
  by("stage").classList.add("empty");
  by("relearn").addEventListener("click", () => question(
    `Forget all that is known of ${cameras[view.camera].name} and learn its background anew? Masks are empty for a second, and what stands still now becomes background.`,
    "Relearn", () => post("relearn", {})));
  by("accept").addEventListener("click", () => {
    if (view.place) {
      post("accept", { box: view.place });
      choose(null);
      return;
    }
    question("Everything that stands still now becomes background.", "This is background", () => post("accept", {}));
  });
  for (const picture of ["live", "background"]) {
    by(picture).addEventListener("click", () => {
      view.picture = picture;
      for (const other of ["live", "background"]) by(other).setAttribute("aria-pressed", other === picture);
      for (const box of ["masks", "boxes"]) by(box).disabled = picture === "background";
    });
  }
  by("boxes").addEventListener("change", () => draw(null));
  by("with-objects").addEventListener("change", (event) => by("events").classList.toggle("without-objects", !event.target.checked));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && view.place) choose(null);
  });
  startDrawing();
  choose(null);
  showState();
  showPictures();
}

start();
