// The switch between dark and light, buttons that copy commands, and pages that load themselves again.

function addThemeSwitch() {
  const themes = ["auto", "light", "dark"];
  const stored = readStore(() => localStorage, "proxseg theme").theme;
  const use = (theme) => {
    document.documentElement.dataset.theme = theme;
    toggle.textContent = { auto: "◐ auto", light: "☀ light", dark: "☾ dark" }[theme];
  };
  const toggle = button(document.body, "", "colours: as the system says, light or dark", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    writeStore(() => localStorage, "proxseg theme", { theme: next });
    use(next);
  });
  toggle.classList.add("theme");
  document.body.prepend(toggle);
  use(themes.includes(stored) ? stored : "auto");
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // no clipboard for this page: as one selects and copies
    const area = html("textarea", "", document.body, text);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function addCopyButton(command) {
  const box = html("div", "copyable");
  command.replaceWith(box);
  box.append(command);
  const copy = button(box, "Copy", "copy this command", async () => {
    await copyText(command.textContent);
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
}

// <p data-refresh="SECONDS"> on the page of something that is still going on.
function startRefreshing(note) {
  const seconds = Number(note.dataset.refresh);
  const state = remember("refresh", { on: true });
  checkbox(note, ` load this page again every ${seconds} s`, state.on, (checked) => { state.on = checked; });
  setInterval(() => {
    if (!state.on) return;
    saveMemory();
    location.reload();
  }, 1000 * seconds);
}
