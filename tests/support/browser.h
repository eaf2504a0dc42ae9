// A page in headless Chromium: what happens when it is used.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "proxseg/core/file.h"
#include "support/temporary_folder.h"

namespace proxseg {

struct Seen {
  nlohmann::json result;
  std::vector<std::string> console;  // everything that the browser's console said
  std::string dom;                   // the page at the end
};

class Browser {
 public:
  Browser() {
    for (const char* name : {"chromium-headless-shell", "chromium"}) {
      if (std::system(fmt::format("command -v {} >/dev/null", name).c_str()) != 0) continue;
      program_ = name;
      return;
    }
  }

  bool is_installed() const { return !program_.empty(); }

  // Opens the page from disk, runs script when it has loaded; the script fills `result` and may await.
  Seen open(const std::string& page, const std::string& script, bool dark = false,
            int width = 1200) const {
    const std::filesystem::path file = folder_ / "page.html";
    write_file_atomically(file, with_script(page, script));
    return visit("file://" + file.string(), dark, width);
  }

  // The page with that script in it.
  static std::string with_script(const std::string& page, const std::string& script) {
    return replaced(page, "</body>", replaced(kHarness, "@SCRIPT@", script));
  }

  // The same of a page that has its script already, of a file or of this machine.
  Seen visit(const std::string& url, bool dark = false, int width = 1200) const {
    const std::filesystem::path dom = folder_ / "dom", log = folder_ / "log";
    const std::string command = fmt::format(
        "timeout 120 {} --headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync "
        "--host-resolver-rules='MAP * ~NOTFOUND , EXCLUDE 127.0.0.1' --user-data-dir={} --enable-logging=stderr "
        "--blink-settings=preferredColorScheme={} --window-size={},1600 "
        "--virtual-time-budget=5000 --dump-dom '{}' "
        ">{} 2>{}",
        program_, (folder_ / "profile").string(), dark ? 0 : 1, width, url, dom.string(),
        log.string());
    EXPECT_EQ(std::system(command.c_str()), 0) << read_file(log);
    const std::string page = read_file(dom);
    return {result_in(page), console_in(read_file(log)), page};
  }

 private:
  // `result` is what the test gets to see.
  static constexpr const char* kHarness = R"html(<script>
function move(element, x, y) {
  element.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y, bubbles: true }));
}
function press(key) {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}
function drag(element, from, to) {
  const send = (type, [clientX, clientY]) => element.dispatchEvent(
    new PointerEvent(type, { clientX, clientY, button: 0, bubbles: true }));
  send("pointerdown", from);
  send("pointermove", to);
  send("pointerup", to);
}
// The files that a page saves meanwhile: [name, content].
async function savedBy(action) {
  const saved = [], click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href]); };
  action();
  for (let i = 0; i < 100 && !saved.length; ++i) await new Promise((done) => setTimeout(done, 20));
  HTMLAnchorElement.prototype.click = click;
  return saved;
}
window.addEventListener("load", async () => {
  const result = {};
  try {
    @SCRIPT@
  } catch (error) {
    console.error(error.stack);
  }
  result.requests = performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => !/^(data|blob):/.test(name));
  const element = document.createElement("pre");
  element.id = "result";
  element.textContent = JSON.stringify(result);
  document.body.append(element);
});
</script>
</body>)html";

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
    return text;
  }

  static nlohmann::json result_in(const std::string& dom) {
    const std::string open = "<pre id=\"result\">";
    const size_t at = dom.find(open);
    if (at == std::string::npos) return {{"failed", dom.substr(0, 2000)}};
    const size_t begin = at + open.size();
    std::string text = dom.substr(begin, dom.find("</pre>", begin) - begin);
    text = replaced(replaced(text, "&lt;", "<"), "&gt;", ">");
    return nlohmann::json::parse(replaced(text, "&amp;", "&"));
  }

  static std::vector<std::string> console_in(const std::string& log) {
    std::istringstream stream(log);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
      if (line.find("CONSOLE") != std::string::npos) lines.push_back(line);
    }
    return lines;
  }

  TemporaryFolder folder_;
  std::string program_;
};

// No error on the console, no request that leaves the page.
inline void expect_quiet(const Seen& seen) {
  EXPECT_THAT(seen.console, testing::IsEmpty());
  EXPECT_THAT(seen.result.at("requests"), testing::IsEmpty()) << seen.result;
}

}  // namespace proxseg
