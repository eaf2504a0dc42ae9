// Files. What is written at once appears under its final name only when it is whole: written aside,
// flushed, renamed.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace proxseg {

// When the disk has a file. kLater: some seconds after it has its name, so that a machine that fails,
// unlike a process, may leave it cut short. For many files in a row that can be told when they are:
// waiting for the disk takes longer than making most of them.
enum class Flush { kAtOnce, kLater };

// Writes bytes to path by way of a temporary file in the same folder, creating missing parent
// folders. Throws OutputError naming the path and the system's reason; nothing is left behind then.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes,
                           Flush flush = Flush::kAtOnce);

// Where a writer that insists on a file name (a video encoder, an archive) may write before
// publish_file(). Same folder and same extension as path, so that the rename is atomic and encoders
// see the format; another name at each call, and never one too long.
std::filesystem::path temporary_path_for(const std::filesystem::path& path);

struct UnfinishedFile {
  std::filesystem::path temporary;
  std::filesystem::path path;  // what it would have become
};

// What this process, or one that was killed, has not published yet, directly in folder.
std::vector<UnfinishedFile> unfinished_files(const std::filesystem::path& folder);

// Flushes temporary to disk and renames it to path. Throws OutputError; temporary is removed then.
void publish_file(const std::filesystem::path& temporary, const std::filesystem::path& path);

// The last part of the folder's path, also of "." and "a/.."; other where it has none, as that of "/".
std::string folder_name(const std::filesystem::path& folder, const std::string& other);

// Whether there is anything, a regular file or a folder, where path and its links lead. False where that cannot
// be told.
bool is_there(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

// Whether path leads to folder, or to somewhere below it. Links are followed.
bool lies_in(const std::filesystem::path& folder, const std::filesystem::path& path);

// Why a file cannot be read: what errno says, or where a link leads that leads nowhere.
std::string reason_unreadable(const std::filesystem::path& path, int error);

// The whole file. Throws InputError naming the path and that reason.
std::string read_file(const std::filesystem::path& path);

// The names of what lies directly in folder, sorted. Throws InputError where it cannot be listed.
std::vector<std::string> names_in(const std::filesystem::path& folder);

// The same as far as it can be listed: nothing of a folder that is not there.
std::vector<std::string> names_if_any(const std::filesystem::path& folder);

// Creates folder (and its parents) and checks that files can be created in it. Removes from it and
// from the folders directly in it what processes that were killed have left half-written. Throws
// OutputError.
void make_writable_folder(const std::filesystem::path& folder);

// A file or folder that is open; it is closed at the end.
class FileDescriptor {
 public:
  // fd: of open(); negative where it has failed.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// While it lives, no other process has a lock of the folder. It ends with the process, however that
// ends. Not on file systems without locks.
class FolderLock {
 public:
  // what: what a process that holds it does, for the message: "is training in". Throws OutputError where
  // another one holds it.
  FolderLock(const std::filesystem::path& folder, const std::string& what);

 private:
  FileDescriptor folder_;
};

// A file that grows by whole records. append() hands each record to the system before it
// returns: a process that is killed loses none.
class AppendedFile {
 public:
  // Creates the file if it does not exist. Throws OutputError.
  explicit AppendedFile(const std::filesystem::path& path);

  // Throws OutputError; part of the record may then be in the file.
  void append(std::string_view record);

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace proxseg
