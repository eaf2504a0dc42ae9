#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/main.h"
#include "proxseg/core/error.h"
#include "proxseg/core/version.h"

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
    "7 numerics, 8 memory, 9 another process, 130 interrupted";

int fail(const proxseg::cli::Failure& failure) {
  fmt::print(stderr, "proxseg: error: {}\n", failure.message);
  if (!failure.remedy.empty()) fmt::print(stderr, "  {}\n", failure.remedy);
  return static_cast<int>(failure.code);
}

void start_log() {
  auto log = spdlog::stderr_color_mt("proxseg");
  log->set_pattern("proxseg: %^%l%$: %v");
  spdlog::set_default_logger(log);
}

int run(int argc, char** argv) {
  CLI::App app(kDescription, "proxseg");
  app.footer(kFooter);
  app.set_version_flag("--version", proxseg::version());
  app.require_subcommand(1);
  using namespace proxseg::cli;
  for (const auto add : {add_run, add_train, add_infer, add_export, add_eval, add_baseline,
                         add_compare, add_report, add_sweep, add_synth, add_inspect, add_bench,
                         add_doctor, add_config, add_completion, add_manual}) {
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

}  // namespace

int proxseg::cli::main(int argc, char** argv) {
  start_log();
  watch_for_interrupt();
  try {
    return run(argc, argv);
  } catch (...) {
    return fail(current_failure());
  }
}
