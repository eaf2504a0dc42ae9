#include "proxseg/media/image_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "proxseg/core/file.h"
#include "support/expect_error.h"
#include "support/sequence_files.h"
#include "support/temporary_folder.h"

namespace proxseg {
namespace {
namespace fs = std::filesystem;

cv::Mat random_image(int type, uint64_t seed) {
  cv::Mat image(20, 30, type);
  cv::RNG(seed).fill(image, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_32F ? 1 : 255);
  return image;
}

int64_t files_of(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(ImageStore, GivesBackWhatWasPutWithoutLoss) {
  const TemporaryFolder folder;
  ImageStore store(folder / "images");
  for (const int type : {CV_8UC1, CV_8UC3, CV_16UC1, CV_32FC1}) {
    const cv::Mat image = random_image(type, 1), part = image(cv::Rect(3, 4, 10, 10));
    for (const cv::Mat& one : {image, part}) {
      const cv::Mat again = ImageStore(folder / "images").get(store.put(one));
      ASSERT_EQ(again.type(), type);
      ASSERT_EQ(again.size(), one.size());
      EXPECT_EQ(cv::norm(again, one, cv::NORM_INF), 0.0) << type;
    }
  }
}

TEST(ImageStore, WritesAnImageOnceAndRemovesOthersOfItsOwn) {
  const TemporaryFolder folder;
  const fs::path images = folder / "images";
  ImageStore store(images);
  const std::string first = store.put(random_image(CV_8UC1, 1));
  const auto written = fs::last_write_time(images / first);
  EXPECT_EQ(store.put(random_image(CV_8UC1, 1)), first);
  EXPECT_EQ(fs::last_write_time(images / first), written);
  const std::string second = store.put(random_image(CV_8UC1, 2));
  EXPECT_NE(first, second);
  save_text(images / "mine.png", "not an image of the store");
  store.remove_others();
  EXPECT_EQ(files_of(images), 3);
  store.put(random_image(CV_8UC1, 2));
  store.remove_others();
  EXPECT_FALSE(fs::exists(images / first));
  EXPECT_TRUE(fs::exists(images / second));
  EXPECT_TRUE(fs::exists(images / "mine.png"));
}

TEST(ImageStore, RefusesWhatIsCutChangedOrElsewhere) {
  const TemporaryFolder folder;
  ImageStore store(folder.string());
  const std::string name = store.put(random_image(CV_8UC3, 1)),
                    other = store.put(random_image(CV_8UC3, 2));
  const std::string bytes = read_file(folder / name);
  save_text(folder / name, bytes.substr(0, bytes.size() / 2));
  expect_error(ExitCode::kInput, {name}, [&] { store.get(name); });
  save_text(folder / name, read_file(folder / other));
  expect_error(ExitCode::kInput, {name, "pixels"}, [&] { store.get(name); });
  fs::remove(folder / name);
  expect_error(ExitCode::kInput, {name}, [&] { store.get(name); });
  expect_error(ExitCode::kInput, {"name"}, [&] { store.get("../" + other); });
  expect_error(ExitCode::kInput, {"name"}, [&] { store.get(""); });
}

}  // namespace
}  // namespace proxseg
