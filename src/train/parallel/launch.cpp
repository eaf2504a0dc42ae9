#include "proxseg/train/parallel/launch.h"

#include <fmt/format.h>

#include <cstdlib>

#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace {

struct Launcher {
  const char *rank, *size, *local_rank;
};

constexpr Launcher kLaunchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"}};

// environment[name], a number in [least, most].
int number(const Environment& environment, const char* name, int least, int most) {
  const char* text = environment(name);
  const auto value = parse_number<int>(text);
  if (value && *value >= least && *value <= most) return *value;
  throw UsageError(fmt::format("the environment says {}={}: must be a number in [{}, {}]", name,
                               text, least, most),
                   "Start the processes with torchrun, mpirun, srun or scripts/launch-local.sh.");
}

}  // namespace

Launch launch_of(const Environment& environment) {
  constexpr int kMostProcesses = 1 << 16, kMostPorts = (1 << 16) - 1;
  Launch launch;
  for (const auto& [rank, size, local_rank] : kLaunchers) {
    if (environment(rank) == nullptr || environment(size) == nullptr) continue;
    launch.size = number(environment, size, 1, kMostProcesses);
    launch.rank = number(environment, rank, 0, launch.size - 1);
    if (environment(local_rank)) {
      launch.local_rank = number(environment, local_rank, 0, launch.size - 1);
    }
    break;
  }
  if (const char* address = environment("MASTER_ADDR")) launch.address = address;
  if (environment("MASTER_PORT")) {
    launch.port = static_cast<uint16_t>(number(environment, "MASTER_PORT", 1, kMostPorts));
  }
  return launch;
}

Launch launch_of_this_process() {
  return launch_of([](const char* name) -> const char* { return std::getenv(name); });
}

}  // namespace proxseg
