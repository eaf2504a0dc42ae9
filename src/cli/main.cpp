#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <new>

#include "command.h"
#include "interrupt.h"
#include "proxseg/core/error.h"

namespace {

using proxseg::ExitCode;

constexpr const char* kDescription =
    "Learns to segment moving objects from unlabelled video of a fixed camera, and segments it.";
constexpr const char* kFooter =
    "Start with:\n"
    "  proxseg run VIDEO --output DIR\n"
    "Every command explains itself: proxseg COMMAND --help\n"
    "Exit codes: 0 success, 1 internal fault, 2 command line, 3 recipe, 4 input, 5 output, 6 "
    "model,\n"
    "7 numerics, 8 memory, 130 interrupted";

int fail(ExitCode code, const std::string& message, const std::string& remedy = {}) {
  fmt::print(stderr, "proxseg: error: {}\n", message);
  if (!remedy.empty()) fmt::print(stderr, "  {}\n", remedy);
  return static_cast<int>(code);
}

void start_log() {
  auto log = spdlog::stderr_color_st("proxseg");
  log->set_pattern("proxseg: %^%l%$: %v");
  spdlog::set_default_logger(log);
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "proxseg");
  app.footer(kFooter);
  app.set_version_flag("--version", PROXSEG_VERSION);
  app.require_subcommand(1);
  using namespace proxseg::cli;
  for (const auto add :
       {add_run, add_train, add_infer, add_export, add_eval, add_baseline, add_compare, add_synth,
        add_inspect, add_doctor, add_config, add_completion, add_manual}) {
    add(app);
  }
  try {
    app.parse(argc, argv);
    return static_cast<int>(ExitCode::kOk);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, std::cout, std::cerr);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
}

bool is_out_of_memory(const std::string& message) {
  return message.find("not enough memory") != std::string::npos ||
         message.find("out of memory") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string memory_remedy =
      "Lower train.batch, train.max_frames, infer.batch or input.scale.";
  start_log();
  proxseg::cli::watch_for_interrupt();
  try {
    return run(argc, argv);
  } catch (const proxseg::Error& error) {
    return fail(error.code(), error.what(), error.remedy());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kMemory, "not enough memory", memory_remedy);
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    if (is_out_of_memory(message))
      return fail(ExitCode::kMemory, "not enough memory", memory_remedy);
    return fail(ExitCode::kInternal, message, "This is a fault of proxseg; please report it.");
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, error.what(), "This is a fault of proxseg; please report it.");
  }
}
