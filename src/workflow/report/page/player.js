// Frames of a sequence and what became of them: a scrubber, arrow keys, a play button and a strip to go
// through them.

let playing = null;  // the player that the arrow keys move: the first, then the one used last

const FRAME_TIME = 250;  // milliseconds

// section holds one <img data-layer> a layer, which data-view may make another: data-views="mask,errors" lists what
// a choice offers. frames: [{name, <layer>: data URI}]; a mask is drawn over its frame.
function startPlayer(section, frames) {
  const pictures = [...section.querySelectorAll("img[data-layer]")];
  const range = section.querySelector("input[type=range]");
  const label = section.querySelector("output");
  const strip = section.querySelector(".strip");
  const scrubber = section.querySelector(".scrubber");
  const state = remember(`player ${section.dataset.frames}`, { at: 0, overlay: true, view: null });
  let timer = null;

  const play = button(scrubber, "▶", "play", () => (timer === null ? start() : stop()));
  scrubber.prepend(play);
  const hasMasks = frames.some((frame) => frame.frame) && pictures.some((picture) => /^mask/.test(picture.dataset.layer));
  if (hasMasks) {
    checkbox(scrubber, "mask over the frame", state.overlay, (checked) => {
      state.overlay = checked;
      player.show(state.at);
    });
  }
  const views = section.dataset.views?.split(",") ?? [];
  if (views.length > 1) {
    state.view ??= views[0];
    chooseAxis(scrubber, "show", views.map((name) => ({ name })), state.view, (name) => {
      state.view = name;
      player.show(state.at);
    });
  }

  const thumbnail = (frame) => frame.mask ?? frame.mask0 ?? frame.frame;
  const buttons = frames.map((frame, i) => {
    const item = html("button", "", strip);
    item.type = "button";
    item.title = frame.name;
    const picture = html("img", "", item);
    picture.src = thumbnail(frame);
    picture.alt = frame.name;
    item.addEventListener("click", () => use(i));
    return item;
  });

  // Layers of several runs end in a number, as mask0 does.
  function sourceOf(frame, layer) {
    const run = layer.match(/\d+$/)?.[0];
    const chosen = run !== undefined && state.view ? state.view + run : layer;
    const plain = /^mask/.test(chosen) && !state.overlay && frame.frame;
    return plain || frame[chosen] || frame.frame;
  }

  const player = {
    show(index) {
      const at = Math.min(Math.max(index, 0), frames.length - 1);
      state.at = at;
      for (const picture of pictures) picture.src = sourceOf(frames[at], picture.dataset.layer);
      label.value = `${frames[at].name} (${at + 1} of ${frames.length})`;
      range.value = at;
      range.setAttribute("aria-valuetext", label.value);
      buttons.forEach((item, i) => item.setAttribute("aria-current", i === at));
      const item = buttons[at];
      strip.scrollLeft = item.offsetLeft - strip.offsetLeft - (strip.clientWidth - item.offsetWidth) / 2;
    },
    move(steps) { player.show(state.at + steps); },
  };
  function start() {
    playing = player;
    timer = setInterval(() => player.show((state.at + 1) % frames.length), FRAME_TIME);
    show("❚❚", "pause");
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    show("▶", "play");
  }
  function show(text, name) {
    play.textContent = text;
    play.title = name;
    play.setAttribute("aria-label", name);
  }
  const use = (index) => {
    playing = player;
    player.show(index);
  };
  range.max = frames.length - 1;
  range.addEventListener("input", () => use(Number(range.value)));
  player.show(state.at);
  playing ??= player;
}

document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!steps || !playing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target instanceof Element && event.target.matches("select, input")) return;  // those know arrows
  event.preventDefault();
  playing.move(steps);
});
