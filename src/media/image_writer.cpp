#include <fmt/format.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <fstream>
#include <iterator>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <variant>

#include "core/write.h"
#include "media/mask_png.h"
#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

using namespace std::string_view_literals;

// The last chunks of a PNG that write_png() makes: the text "Software: proxseg", and the end.
// Each is its length, its type, its data and the CRC of the last two.
constexpr std::string_view kEnd = "\0\0\0\0IEND\xae\x42\x60\x82"sv;
constexpr std::string_view kMark =
    "\0\0\0\x10tEXtSoftware\0proxseg\x37\x8e\x10\0\0\0\0\0IEND\xae\x42\x60\x82"sv;

std::vector<unsigned char> encode(const fs::path& path, const std::string& format,
                                  const cv::Mat& image, const std::vector<int>& parameters) {
  quiet_opencv();
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(format, image, bytes, parameters)) bytes.clear();
  } catch (const cv::Exception& error) {
    throw OutputError(fmt::format("cannot encode '{}': {}", path.string(), error.err));
  }
  if (bytes.empty()) throw OutputError(fmt::format("cannot encode '{}'", path.string()));
  return bytes;
}

void write(const fs::path& path, const std::vector<unsigned char>& bytes, Flush flush) {
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, flush);
}

bool ends_with(const fs::path& path, std::string_view end) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
  const std::string last{std::istreambuf_iterator<char>(file), {}};
  return last == end;
}

}  // namespace

void write_image(const fs::path& path, const cv::Mat& image, const std::vector<int>& parameters,
                 Flush flush) {
  write(path, encode(path, path.extension().string(), image, parameters), flush);
}

void write_png(const fs::path& path, const cv::Mat& image, Flush flush) {
  std::vector<unsigned char> bytes = encode_mask(image);
  if (bytes.empty()) bytes = encode(path, ".png", image, {});
  bytes.resize(bytes.size() - kEnd.size());
  bytes.insert(bytes.end(), kMark.begin(), kMark.end());
  write(path, bytes, flush);
}

bool is_own_png(const fs::path& path) { return ends_with(path, kMark); }

bool is_whole_png(const fs::path& path) { return ends_with(path, kEnd); }

void write_raw(int file, const cv::Mat& image) {
  const cv::Mat whole = image.isContinuous() ? image : image.clone();
  const std::string_view bytes(reinterpret_cast<const char*>(whole.data),
                               whole.total() * whole.elemSize());
  if (const int error = write_all(file, bytes); error != 0) {
    throw OutputError(fmt::format("cannot write to standard output: {}", std::strerror(error)),
                      remedy_for(error));
  }
}

class FrameFileQueue::Impl {
 public:
  explicit Impl(size_t depth) : depth_(depth), worker_([this] { work(); }) {}

  ~Impl() { end(); }

  void push(fs::path path, std::variant<cv::Mat, std::string> content) {
    Job job{std::move(path), std::move(content)};
    std::unique_lock lock(mutex_);
    if (ended_) throw std::logic_error("FrameFileQueue: push() after finish()");
    changed_.wait(lock, [this] { return jobs_.size() < depth_ || error_; });
    if (error_) std::rethrow_exception(error_);
    jobs_.push_back(std::move(job));
    changed_.notify_all();
  }

  void finish() {
    end();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  struct Job {
    fs::path path;
    std::variant<cv::Mat, std::string> content;
  };

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    if (worker_.joinable()) worker_.join();
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      changed_.notify_all();
      lock.unlock();
      std::exception_ptr error = write(job);
      lock.lock();
      if (!error) continue;
      error_ = std::move(error);
      jobs_.clear();
      changed_.notify_all();
      return;
    }
  }

  static std::exception_ptr write(const Job& job) {
    try {
      if (const auto* image = std::get_if<cv::Mat>(&job.content)) {
        write_png(job.path, *image, Flush::kLater);
      } else {
        write_file_atomically(job.path, std::get<std::string>(job.content));
      }
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  const size_t depth_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::exception_ptr error_;
  bool ended_ = false;
  std::jthread worker_;  // last: it uses everything above
};

FrameFileQueue::FrameFileQueue(int depth) {
  if (depth < 1) {
    throw UsageError(
        fmt::format("depth of the writer's queue is {} but must be at least 1", depth));
  }
  impl_ = std::make_unique<Impl>(static_cast<size_t>(depth));
}

FrameFileQueue::~FrameFileQueue() = default;

void FrameFileQueue::push(fs::path path, const cv::Mat& image) {
  impl_->push(std::move(path), image.clone());
}

void FrameFileQueue::push(fs::path path, std::string text) {
  impl_->push(std::move(path), std::move(text));
}

void FrameFileQueue::finish() { impl_->finish(); }

}  // namespace proxseg
