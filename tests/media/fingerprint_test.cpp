#include "proxseg/media/sequences.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "support/expect_error.h"
#include "support/sequence_files.h"

namespace proxseg {
namespace {

TEST(Fingerprint, IsSha256OverNamesSizesAndBytes) {
  const TemporaryFolder folder;
  save_text(folder / "f/a.png", "abc");
  save_text(folder / "f/b.png", "d");
  const Fingerprint print = fingerprint_of((folder / "f").string());
  EXPECT_EQ(print.files, 2);
  EXPECT_EQ(print.bytes, 4);
  // printf 'a.png\n3\nabcb.png\n1\nd' | sha256sum
  EXPECT_EQ(print.sha256, "1777b215eddedc7c67f4d6bbe0cb117056ad41bd3118bbec9d0ac80a91f8c912");
}

TEST(Fingerprint, OfAFileThatIsAloneDoesNotDependOnItsName) {
  const TemporaryFolder folder;
  save_text(folder / "a.avi", "abc");
  save_text(folder / "b.avi", "abc");
  const auto print = fingerprint_of((folder / "a.avi").string()).sha256;
  // printf '\n3\nabc' | sha256sum
  EXPECT_EQ(print, "6be9423abecc984ef5e998b79f94c04ed6ae2d900455e3ea67636920fc1a8c1d");
  EXPECT_EQ(print, fingerprint_of((folder / "b.avi").string()).sha256);
  save_text(folder / "b.avi", "abd");
  EXPECT_NE(print, fingerprint_of((folder / "b.avi").string()).sha256);
}

TEST(Fingerprint, OfAFolderOfOneFrameDependsOnTheNameByWhichItsMaskIsCalled) {
  const TemporaryFolder folder;
  save_text(folder / "f/a.png", "abc");
  save_text(folder / "g/b.png", "abc");
  EXPECT_NE(fingerprint_of((folder / "f").string()).sha256,
            fingerprint_of((folder / "g").string()).sha256);
}

TEST(Fingerprint, IsTheSameWhereverTheSequenceLies) {
  const TemporaryFolder folder;
  for (int i = 1; i <= 3; ++i) save(folder / ("f/" + std::to_string(i) + ".png"), noise_image(i));
  std::filesystem::copy(folder / "f", folder / "g");
  const auto print = [&](const char* name) {
    return fingerprint_of((folder / name).string()).sha256;
  };
  EXPECT_EQ(print("f"), print("g"));
  save(folder / "g/2.png", noise_image(4));
  EXPECT_NE(print("f"), print("g"));
  std::filesystem::copy_file(folder / "f/2.png", folder / "g/2.png",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::rename(folder / "g/3.png", folder / "g/4.png");
  EXPECT_NE(print("f"), print("g"));
}

// Of files that are equal but for one byte.
TEST(Fingerprint, LooksAtAllOfAFileOrAtPartsOfALargeOne) {
  const TemporaryFolder folder;
  const auto print = [&](std::string bytes, size_t changed) {
    bytes.at(changed) = 'x';
    save_text(folder / "clip.avi", bytes);
    return fingerprint_of((folder / "clip.avi").string()).sha256;
  };
  for (const size_t size : {size_t{200'000}, size_t{9} << 20}) {
    const std::string bytes(size, '-');
    std::set<std::string> prints;
    for (const size_t changed : {size_t{0}, (size - 65'536) * 21 / 63 + 100, size - 1}) {
      prints.insert(print(bytes, changed));
    }
    EXPECT_EQ(prints.size(), 3U) << size;
  }
}

TEST(Fingerprint, NamesAnInputThatIsNotThere) {
  expect_error(ExitCode::kInput, {"nowhere"}, [] { fingerprint_of("nowhere"); });
}

}  // namespace
}  // namespace proxseg
