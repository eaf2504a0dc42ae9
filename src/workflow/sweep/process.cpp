#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "proxseg/core/process.h"
#include "workflow/sweep/workers.h"

namespace proxseg {
namespace {

constexpr std::string_view kSlurm = "slurm ";

std::string find_place() {
  std::ifstream stream("/proc/sys/kernel/random/boot_id");
  std::string boot;
  stream >> boot;
  std::error_code ignored;
  // "pid:[4026531836]"
  return boot + '/' + std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
}

std::string boot_of(const std::string& place) { return place.substr(0, place.find('/')); }

}  // namespace

const std::string& this_place() {
  static const std::string place = find_place();
  return place;
}

std::string place_of(const std::string& identity) { return identity.substr(0, identity.find(' ')); }

std::string process_identity(pid_t process) {
  const auto status = status_of(process);
  if (!status || status->state == 'Z' || status->state == 'X') return {};
  return fmt::format("{} {} {}", this_place(), process, status->start);
}

bool is_alive(const std::string& identity) {
  std::istringstream words(identity);
  std::string place;
  pid_t process = -1;
  words >> place >> process;
  return words && process_identity(process) == identity;
}

bool is_slurm(const std::string& identity) { return identity.starts_with(kSlurm); }

std::string slurm_identity(const std::string& task) { return std::string(kSlurm) + task; }

bool Owners::are_alive(const std::string& owner) {
  if (!is_slurm(owner)) {
    const std::string place = place_of(owner);
    if (place == this_place()) return is_alive(owner);
    return sharing_ == Sharing::kMachines || boot_of(place) == boot_of(this_place());
  }
  if (!asked_) tasks_ = slurm_tasks();
  asked_ = true;
  return !tasks_ || tasks_->contains(owner.substr(kSlurm.size()));
}

}  // namespace proxseg
