#include "proxseg/core/file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/write.h"
#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {

TEST(AtomicWrite, RoundTripsBytesAndCreatesFolders) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\nc", 5);
  write_file_atomically(folder / "x/y/z.bin", bytes);
  EXPECT_EQ(read_file(folder / "x/y/z.bin"), bytes);
}

TEST(FolderName, IsTheLastPartOfThePathHoweverItIsWritten) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a/b");
  for (const char* path : {"a", "a/", "a/.", "a/b/.."}) {
    EXPECT_EQ(folder_name(folder / path, "other"), "a") << path;
  }
  EXPECT_EQ(folder_name("/", "other"), "other");
}

TEST(AtomicWrite, ReplacesWhatWasThereAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old and longer");
  write_file_atomically(folder / "a", "new");
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(AtomicWrite, KeepsTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  {
    const FileSizeLimit limit(16);
    expect_error(ExitCode::kOutput, {"cannot write", (folder / "a").string()},
                 [&] { write_file_atomically(folder / "a", std::string(1000, 'x')); });
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(AtomicWrite, TakesTheLongestNames) {
  const TemporaryFolder folder;
  for (const std::string& name : {std::string(255, 'n'), "." + std::string(254, 'x')}) {
    write_file_atomically(folder / name, "bytes");
    EXPECT_EQ(read_file(folder / name), "bytes");
  }
  EXPECT_EQ(listing(folder.string()).size(), 2U);
}

TEST(TemporaryPath, DiffersAtEachCall) {
  EXPECT_NE(temporary_path_for("a/b.mp4"), temporary_path_for("a/b.mp4"));
  EXPECT_EQ(temporary_path_for("a/b.mp4").extension(), ".mp4");
  EXPECT_EQ(temporary_path_for("a/b.mp4").parent_path(), "a");
}

TEST(WritableFolder, LosesWhatDeadProcessesLeftHalfWritten) {
  const TemporaryFolder folder;
  const pid_t dead = ::fork();
  if (dead == 0) ::_exit(0);
  ::waitpid(dead, nullptr, 0);
  const auto partial = [](pid_t process) { return fmt::format(".a.partial-{}-1.png", process); };
  write_file_atomically(folder / partial(dead), "");
  write_file_atomically(folder / "mask" / partial(dead), "");
  write_file_atomically(folder / "checkpoints" / fmt::format(".partial-{}", dead) / "x", "");
  const std::string own = partial(::getpid()), user = ".b.partial-x.png";
  write_file_atomically(folder / own, "");
  write_file_atomically(folder / user, "");
  make_writable_folder(folder / ".");
  EXPECT_TRUE(listing(folder / "mask").empty());
  EXPECT_TRUE(listing(folder / "checkpoints").empty());
  EXPECT_EQ(listing(folder.string()).size(), 4U);
}

TEST(NamesIn, AreSortedAndNamesAlone) {
  const TemporaryFolder folder;
  for (const char* name : {"b.png", "a.png", ".hidden", "inner/file"}) {
    write_file_atomically(folder / name, "");
  }
  std::filesystem::create_symlink("nowhere", folder / "link");
  const std::vector<std::string> names = {".hidden", "a.png", "b.png", "inner", "link"};
  EXPECT_EQ(names_in(folder / ""), names);
  EXPECT_EQ(names_if_any(folder / ""), names);
}

TEST(NamesIn, SayWhichFolderCannotBeListed) {
  const TemporaryFolder folder;
  expect_error(ExitCode::kInput, {"cannot list", (folder / "none").string(), "No such file"},
               [&] { names_in(folder / "none"); });
  EXPECT_TRUE(names_if_any(folder / "none").empty());
}

TEST(Paths, AreFollowedToWhatIsThere) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "");
  std::filesystem::create_symlink(folder / "file", folder / "link");
  std::filesystem::create_symlink("nowhere", folder / "broken");
  EXPECT_TRUE(is_there(folder / "link") && is_file(folder / "link"));
  EXPECT_TRUE(is_there(folder / "") && is_folder(folder / ""));
  EXPECT_FALSE(is_file(folder / "") || is_folder(folder / "file"));
  EXPECT_FALSE(is_there(folder / "broken") || is_file(folder / "none"));
}

TEST(AtomicWrite, NamesAFolderThatCannotBeMade) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "");
  expect_error(ExitCode::kOutput, {"cannot create the folder", (folder / "file").string()},
               [&] { write_file_atomically(folder / "file/x", "text"); });
  expect_error(ExitCode::kOutput, {(folder / "file").string()},
               [&] { make_writable_folder(folder / "file"); });
}

TEST(AtomicWrite, RefusesToReplaceADeviceOrAPipe) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe", link = folder / "link";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink(pipe, link);
  for (const std::string& path : {pipe, link}) {
    expect_error(ExitCode::kOutput, {path, "is a device or a pipe"},
                 [&] { write_file_atomically(path, "text"); });
    write_file_atomically(folder / "temporary", "text");
    expect_error(ExitCode::kOutput, {path, "is a device or a pipe"},
                 [&] { publish_file(folder / "temporary", path); });
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(AtomicWrite, RefusesToReplaceAFolder) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "a/b");
  expect_error(ExitCode::kOutput, {"cannot write", (folder / "a").string()},
               [&] { write_file_atomically(folder / "a", "text"); });
  EXPECT_EQ(listing(folder.string()).size(), 1U);
}

TEST(TemporaryPath, StaysInTheFolderAndKeepsTheExtension) {
  const auto path = temporary_path_for("runs/x/overlay.mp4");
  EXPECT_EQ(path.parent_path(), "runs/x");
  EXPECT_EQ(path.extension(), ".mp4");
  EXPECT_NE(path, "runs/x/overlay.mp4");
}

TEST(PublishFile, RemovesTheTemporaryWhenItFails) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "target/occupied");
  write_file_atomically(folder / "part", "text");
  expect_error(ExitCode::kOutput, {(folder / "target").string()},
               [&] { publish_file(folder / "part", folder / "target"); });
  EXPECT_FALSE(std::filesystem::exists(folder / "part"));
}

TEST(ReadFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  expect_error(ExitCode::kInput, {(folder / "none").string(), "No such file"},
               [&] { read_file(folder / "none"); });
  expect_error(ExitCode::kInput, {folder.string(), "it is a folder"},
               [&] { read_file(folder.string()); });
}

TEST(AppendedFile, GrowsByWholeRecords) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "log", "a\n");
  AppendedFile file(folder / "log");
  file.append("b\n");
  EXPECT_EQ(read_file(folder / "log"), "a\nb\n");
  expect_error(ExitCode::kOutput, {"nowhere"}, [&] { AppendedFile(folder / "nowhere/log"); });
}

TEST(WriteFault, MakesWritesFailWithItsError) {
  const TemporaryFolder folder;
  AppendedFile file(folder / "log");
  set_write_fault([] { return ENOSPC; });
  expect_error(ExitCode::kOutput, {"file", "No space left"},
               [&] { write_file_atomically(folder / "file", "bytes"); });
  expect_error(ExitCode::kOutput, {"log", "No space left"}, [&] { file.append("record"); });
  set_write_fault({});
  EXPECT_EQ(listing(folder / ""), std::vector<std::string>{"log"});
  write_file_atomically(folder / "file", "bytes");
  EXPECT_EQ(read_file(folder / "file"), "bytes");
}

}  // namespace
}  // namespace proxseg
