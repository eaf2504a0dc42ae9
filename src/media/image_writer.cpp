#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "media/opencv_log.h"
#include "proxseg/core/error.h"
#include "proxseg/core/file.h"
#include "proxseg/media/sink.h"

namespace proxseg {
namespace fs = std::filesystem;
namespace {

void encode_and_write(const fs::path& path, const std::string& format, const cv::Mat& image,
                      const std::vector<int>& parameters) {
  quiet_opencv();
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(format, image, bytes, parameters)) bytes.clear();
  } catch (const cv::Exception& error) {
    throw OutputError(fmt::format("cannot encode '{}': {}", path.string(), error.err));
  }
  if (bytes.empty()) throw OutputError(fmt::format("cannot encode '{}'", path.string()));
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void write_image(const fs::path& path, const cv::Mat& image, const std::vector<int>& parameters) {
  encode_and_write(path, path.extension().string(), image, parameters);
}

void write_png(const fs::path& path, const cv::Mat& image) {
  encode_and_write(path, ".png", image, {});
}

class ImageWriterQueue::Impl {
 public:
  explicit Impl(size_t depth) : depth_(depth), worker_([this] { work(); }) {}

  ~Impl() { end(); }

  void push(fs::path path, const cv::Mat& image) {
    Job job{std::move(path), image.clone()};
    std::unique_lock lock(mutex_);
    if (ended_) throw std::logic_error("ImageWriterQueue: push() after finish()");
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
    cv::Mat image;
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
      write_png(job.path, job.image);
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

ImageWriterQueue::ImageWriterQueue(int depth) {
  if (depth < 1) {
    throw UsageError(
        fmt::format("depth of the writer's queue is {} but must be at least 1", depth));
  }
  impl_ = std::make_unique<Impl>(static_cast<size_t>(depth));
}

ImageWriterQueue::~ImageWriterQueue() = default;

void ImageWriterQueue::push(fs::path path, const cv::Mat& image) {
  impl_->push(std::move(path), image);
}

void ImageWriterQueue::finish() { impl_->finish(); }

}  // namespace proxseg
