// Frames of a sequence and what became of them: a scrubber, arrow keys and a strip to go through them.

let playing = null;  // the player that the arrow keys move: the first, then the one used last

// section holds one <img data-layer> a layer; frames: [{name, <layer>: data URI}]
function startPlayer(section, frames) {
  const pictures = [...section.querySelectorAll("img[data-layer]")];
  const range = section.querySelector("input[type=range]");
  const label = section.querySelector("output");
  const strip = section.querySelector(".strip");
  const buttons = frames.map((frame, i) => {
    const button = html("button", "", strip);
    button.type = "button";
    button.title = frame.name;
    const picture = html("img", "", button);
    picture.src = frame.mask;
    picture.alt = frame.name;
    button.addEventListener("click", () => use(i));
    return button;
  });
  const player = {
    show(index) {
      const at = Math.min(Math.max(index, 0), frames.length - 1);
      for (const picture of pictures) picture.src = frames[at][picture.dataset.layer];
      label.value = `${frames[at].name} (${at + 1} of ${frames.length})`;
      range.value = at;
      buttons.forEach((button, i) => button.setAttribute("aria-current", i === at));
      const button = buttons[at];
      strip.scrollLeft = button.offsetLeft - strip.offsetLeft - (strip.clientWidth - button.offsetWidth) / 2;
    },
    move(steps) { player.show(Number(range.value) + steps); },
  };
  const use = (index) => {
    playing = player;
    player.show(index);
  };
  range.max = frames.length - 1;
  range.addEventListener("input", () => use(Number(range.value)));
  player.show(0);
  playing ??= player;
}

document.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!steps || !playing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target instanceof Element && event.target.matches("select, input")) return;  // those know arrows
  event.preventDefault();
  playing.move(steps);
});
