#include "proxseg/core/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "core/write.h"
#include "proxseg/core/error.h"
#include "proxseg/core/text.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

// Returns 0 or errno.
int write_bytes(const fs::path& path, std::string_view bytes, Flush flush) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) return errno;
  if (const int error = write_all(file.get(), bytes); error != 0) return error;
  return flush == Flush::kLater || ::fsync(file.get()) == 0 ? 0 : errno;
}

// A file that is renamed to the name of a device or a pipe, or of /dev/stdout, would take its place.
void expect_no_device(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  const bool is_file = fs::is_regular_file(status) || fs::is_directory(status);
  if (!fs::exists(status) || (is_file && path.parent_path() != "/dev")) return;
  throw OutputError("cannot write '" + path.string() + "': it is a device or a pipe, not a file",
                    "Give the name of a file.");
}

constexpr const char* kPartial = ".partial-";

// The process that temporary_path_for() made the name for, if it is one of its names.
std::optional<pid_t> maker_of(const std::string& name) {
  const size_t at = name.rfind(kPartial);
  if (!name.starts_with('.') || at == std::string::npos) return std::nullopt;
  const size_t begin = at + std::string_view(kPartial).size();
  const size_t end = name.find_first_not_of("0123456789", begin);
  return parse_number<pid_t>(name.substr(begin, end - begin));
}

bool is_no_more(pid_t process) { return ::kill(process, 0) != 0 && errno == ESRCH; }

bool is_abandoned(const std::string& name) {
  const auto process = maker_of(name);
  return process && is_no_more(*process);
}

// In the folder and those directly in it.
void remove_abandoned_files(const fs::path& folder, bool deep = true) {
  std::error_code ignored;
  for (const std::string& name : names_if_any(folder)) {
    const fs::path path = folder / name;
    if (is_abandoned(name)) {
      fs::remove_all(path, ignored);
    } else if (deep && fs::is_directory(fs::symlink_status(path, ignored))) {
      remove_abandoned_files(path, /*deep=*/false);
    }
  }
}

std::vector<std::string> names_in(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw OutputError("cannot create the folder '" + folder.string() + "': " + error.message(),
                      remedy_for(error.value()));
  }
}

}  // namespace

fs::path temporary_path_for(const fs::path& path) {
  constexpr size_t kLongestName = 255, kLongestExtension = 16;
  static std::atomic<int64_t> count = 0;
  std::string extension = path.extension().string();
  if (extension.size() > kLongestExtension) extension.clear();
  const std::string end = fmt::format("{}{}-{}{}", kPartial, ::getpid(), ++count, extension);
  const std::string stem = path.stem().string().substr(0, kLongestName - 1 - end.size());
  return path.parent_path() / fmt::format(".{}{}", stem, end);
}

std::vector<UnfinishedFile> unfinished_files(const fs::path& folder) {
  std::vector<UnfinishedFile> files;
  for (const std::string& name : names_if_any(folder)) {
    const auto process = maker_of(name);
    if (!process || !(is_no_more(*process) || *process == ::getpid())) continue;
    const std::string stem = name.substr(1, name.rfind(kPartial) - 1);
    files.push_back({folder / name, folder / (stem + fs::path(name).extension().string())});
  }
  return files;
}

void publish_file(const fs::path& temporary, const fs::path& path) {
  expect_no_device(path);
  int error = 0;
  {
    FileDescriptor file(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0) error = errno;
  }
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  fail_to_write(path, error);
}

void write_file_atomically(const fs::path& path, std::string_view bytes, Flush flush) {
  expect_no_device(path);
  if (path.has_parent_path()) make_folder(path.parent_path());
  const fs::path temporary = temporary_path_for(path);
  if (const int error = write_bytes(temporary, bytes, flush); error != 0) {
    ::unlink(temporary.c_str());
    fail_to_write(path, error);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    fail_to_write(path, error);
  }
}

std::string folder_name(const fs::path& folder, const std::string& other) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(folder, ignored);
  return whole.has_filename() ? whole.filename().string() : other;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool lies_in(const fs::path& folder, const fs::path& path) {
  const fs::path outer = fs::weakly_canonical(folder), inner = fs::weakly_canonical(path);
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

std::string reason_unreadable(const fs::path& path, int error) {
  std::error_code ignored;
  const fs::path target = error == ENOENT ? fs::read_symlink(path, ignored) : fs::path();
  if (target.empty()) return std::strerror(error);
  return fmt::format("it is a link to '{}', which is not there", target.string());
}

std::string read_file(const fs::path& path) {
  if (is_folder(path)) {
    throw InputError("cannot read '" + path.string() + "': it is a folder");
  }
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw InputError("cannot read '" + path.string() + "': " + reason_unreadable(path, errno));
  }
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  if (stream.bad()) throw InputError("cannot read '" + path.string() + "': read error");
  return std::move(bytes).str();
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names = names_in(folder, error);
  if (!error) return names;
  throw InputError(fmt::format("cannot list '{}': {}", folder.string(), error.message()));
}

std::vector<std::string> names_if_any(const fs::path& folder) {
  std::error_code ignored;
  return names_in(folder, ignored);
}

void make_writable_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = temporary_path_for(folder / "probe");
  const int error = write_bytes(probe, "proxseg", Flush::kAtOnce);
  ::unlink(probe.c_str());
  if (error != 0) fail_to_write(folder, error);
  remove_abandoned_files(folder);
}

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& what)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  const int file = folder_.get();
  if (file < 0 || ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw OutputError(fmt::format("another process {} '{}'", what, folder.string()),
                    "Wait until it has ended, or choose another --output.");
}

AppendedFile::AppendedFile(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (file_.get() < 0) fail_to_write(path_, errno);
}

void AppendedFile::append(std::string_view record) {
  if (const int error = write_all(file_.get(), record); error != 0) fail_to_write(path_, error);
}

}  // namespace proxseg
