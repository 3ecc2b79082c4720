// SPDX-License-Identifier: BSD-2-Clause
#include "load/batch.h"

#include <algorithm>
#include <cstring>
#include <future>

#include "base/trace.h"
#include "ffmpeg/convert.h"
#include "queue/shared_work.h"

namespace spdl::load {
namespace {

using ffmpeg::Form;

Error out_of_memory() { return {Status::memory, Origin::load, "Out of memory."}; }

const char *name_of(ffmpeg::Media media) {
  switch (media) {
    case ffmpeg::Media::audio:
      return "audio clips";
    case ffmpeg::Media::video:
      return "videos";
    default:
      return "images";
  }
}

// One source on its way into its slot of the buffer.
struct Item {
  ffmpeg::FramesPtr frames;  // until they are in the slot
  Form form;                 // of the frames
  bool is_decoded = false;
  std::optional<Error> error;
  uint32_t num_corrupt = 0;
  std::vector<double> pts;
};

class BatchWork : public queue::SharedWork {
 public:
  BatchWork(Sources sources, BatchOptions options, const Limits &limits, BatchDone done)
      : SharedWork(sources.size()),
        sources_(std::move(sources)),
        options_(std::move(options)),
        limits_(limits),
        done_(std::move(done)),
        items_(num_items()) {
    suspended_.reserve(num_items());
  }

  Result<void> prepare();

 private:
  Progress run_item(size_t index) noexcept override;
  Result<Progress> advance(size_t index);
  Result<void> decode(size_t index);
  Progress offer(size_t index);
  Result<void> place(size_t index);
  void fail(size_t index, Error error) noexcept;
  void settle() noexcept;
  Result<void> reserve();
  Error disagreement(size_t index) const;
  void finish() noexcept override;
  Result<BatchPtr> collect();
  Result<BatchPtr> assemble();
  uint8_t *slot(size_t index) const { return storage_->data() + index * item_size_; }

  Sources sources_;
  BatchOptions options_;
  const Limits limits_;
  BatchDone done_;
  std::vector<Item> items_;

  std::mutex mutex_;  // of what follows, and of the items' errors, until it is settled
  // What all items must be: foreseen, or what the first item is that does not fail. Until that is
  // decoded, later ones are suspended.
  bool is_settled_ = false;
  Form form_;
  std::optional<size_t> decider_;  // none if it was foreseen
  std::optional<Error> obstacle_;  // why there can be no buffer
  size_t first_ = 0;               // all items before it have failed
  std::vector<size_t> suspended_;  // it has room for all items
  size_t item_size_ = 0;           // in bytes
  std::optional<buffer::Storage> storage_;
};

Result<void> BatchWork::prepare() {
  if (options_.media == ffmpeg::Media::audio || !options_.decode.use_default_filter) return {};
  options_.decode.use_default_filter = false;
  options_.decode.filter_desc = options_.fit.describe();
  SPDL_TRY_ASSIGN(const auto foreseen, options_.fit.foresee());
  if (!foreseen || options_.media != ffmpeg::Media::image) return {};
  SPDL_TRY(limits_.check_pixels(Origin::load, foreseen->width, foreseen->height, "The batch"));
  form_ = *foreseen;
  is_settled_ = true;
  return reserve();
}

Result<void> BatchWork::reserve() {
  const buffer::Layout whole{form_.layout.shape.behind(static_cast<int64_t>(num_items())),
                             form_.layout.type};
  SPDL_TRY(limits_.check(Origin::load, "The batch"));
  SPDL_TRY(limits_.check_bytes(Origin::load, whole.size(), "The batch"));
  SPDL_TRY_ASSIGN(storage_, buffer::Storage::make(options_.out, whole));
  item_size_ = static_cast<size_t>(form_.layout.size());
  return {};
}

BatchWork::Progress BatchWork::run_item(size_t index) noexcept {
  Result<Progress> progress = out_of_memory();
  try {
    progress = advance(index);
  } catch (const std::bad_alloc &) {
  } catch (...) {
    progress = Error{Status::internal, Origin::load, "An unexpected exception; this is a bug."};
  }
  if (progress) return *progress;
  fail(index, std::move(progress).error());
  return Progress::over;
}

// An item that was suspended goes on where it was: decoded.
Result<BatchWork::Progress> BatchWork::advance(size_t index) {
  if (!items_[index].is_decoded) {
    SPDL_TRY(decode(index));
    if (offer(index) == Progress::suspended) return Progress::suspended;
  }
  SPDL_TRY(place(index));
  return Progress::over;
}

Result<void> BatchWork::decode(size_t index) {
  const trace::Stage stage("batch item", sources_[index]->name);
  Item &item = items_[index];
  {
    std::lock_guard lock(mutex_);
    if (obstacle_) return *obstacle_;
  }
  SPDL_TRY(limits_.check(Origin::load, sources_[index]->name));
  const auto &windows = options_.windows;
  const ffmpeg::Window window = windows.empty()       ? ffmpeg::Window()
                                : windows.size() == 1 ? windows.front()
                                                      : windows[index];
  SPDL_TRY_ASSIGN(item.frames, load_frames(sources_[index], options_.media, window, options_.demux,
                                           options_.decode, limits_));
  SPDL_TRY_ASSIGN(item.form, ffmpeg::form_of(*item.frames));
  item.num_corrupt = item.frames->num_corrupt;
  ffmpeg::add_times(*item.frames, item.pts);
  return {};
}

// The item is decoded. It is over to whoever settles what all items are, if nobody has: then
// another thread may have the item when this returns.
BatchWork::Progress BatchWork::offer(size_t index) {
  {
    std::lock_guard lock(mutex_);
    items_[index].is_decoded = true;
    if (is_settled_) return Progress::over;
    settle();
    if (!is_settled_) {
      suspended_.push_back(index);
      return Progress::suspended;
    }
  }
  resume(suspended_);
  return Progress::over;
}

void BatchWork::fail(size_t index, Error error) noexcept {
  error.item = static_cast<int64_t>(index);
  Item &item = items_[index];
  item.frames = nullptr;
  {
    std::lock_guard lock(mutex_);
    item.error = std::move(error);
    if (is_settled_) return;
    settle();
    if (!is_settled_) return;
  }
  resume(suspended_);
}

// With the lock held.
void BatchWork::settle() noexcept {
  while (first_ < num_items() && items_[first_].error) ++first_;
  if (first_ == num_items() || !items_[first_].is_decoded) return;
  is_settled_ = true;
  decider_ = first_;
  form_ = items_[first_].form;
  try {
    if (auto reserved = reserve(); !reserved) obstacle_ = std::move(reserved).error();
  } catch (const std::bad_alloc &) {
    obstacle_ = out_of_memory();
  }
}

Result<void> BatchWork::place(size_t index) {
  Item &item = items_[index];
  if (obstacle_) return *obstacle_;
  const bool fits = decider_ ? item.form == form_ : item.form.layout.size() == form_.layout.size();
  if (!fits) return disagreement(index);
  SPDL_TRY(ffmpeg::copy_to(slot(index), *item.frames, limits_));
  item.frames = nullptr;
  return {};
}

Error BatchWork::disagreement(size_t index) const {
  const std::string is = sources_[index]->name + ": it is " + items_[index].form.describe();
  if (!decider_)
    return {Status::internal, Origin::load,
            is + ", but the filter makes " + form_.describe() + "."};
  return {Status::mismatch, Origin::load,
          is + ", but item " + std::to_string(*decider_) + " is " + form_.describe() + "; give " +
              items_[index].form.name_differences(form_) + " to bring them to one."};
}

void BatchWork::finish() noexcept {
  Result<BatchPtr> outcome = out_of_memory();
  try {
    outcome = collect();
  } catch (const std::bad_alloc &) {
  }
  // What was borrowed comes back before the outcome is seen.
  sources_.clear();
  options_.out = nullptr;
  storage_.reset();
  items_.clear();
  std::exchange(done_, nullptr)(std::move(outcome));
}

Result<BatchPtr> BatchWork::collect() {
  const auto is_stop = [](const Item &item) {
    return item.error &&
           (item.error->status == Status::cancelled || item.error->status == Status::deadline);
  };
  if (const auto stop = std::find_if(items_.begin(), items_.end(), is_stop); stop != items_.end()) {
    stop->error->item = -1;
    return *stop->error;
  }
  if (obstacle_) return *obstacle_;
  const auto failed = std::find_if(items_.begin(), items_.end(),
                                   [](const Item &item) { return item.error.has_value(); });
  if (!options_.skip_errors && failed != items_.end()) {
    Error error = *failed->error;
    error.status = Status::batch;
    error.message =
        std::string("Failed to load some ") + name_of(options_.media) + ". " + error.message;
    return error;
  }
  return assemble();
}

Result<BatchPtr> BatchWork::assemble() {
  auto batch = std::make_shared<Batch>();
  std::vector<double> pts;
  std::vector<uint32_t> num_corrupt;
  for (size_t i = 0; i < num_items(); ++i) {
    Item &item = items_[i];
    if (item.error) {
      batch->failures.push_back(*std::move(item.error));
      continue;
    }
    const size_t to = batch->indices.size();
    if (to != i) std::memcpy(slot(to), slot(i), item_size_);  // close the gap
    batch->indices.push_back(static_cast<int64_t>(i));
    pts.insert(pts.end(), item.pts.begin(), item.pts.end());
    num_corrupt.push_back(item.num_corrupt);
  }
  if (batch->indices.empty()) return batch;
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(*storage_, form_, batch->indices.size()));
  for (const uint32_t count : num_corrupt) made->num_corrupt += count;
  made->item_corrupt = std::move(num_corrupt);
  made->pts = std::move(pts);
  batch->buffer = std::move(made);
  return batch;
}

}  // namespace

Result<void> start_batch(Sources sources, BatchOptions options, const Limits &limits,
                         queue::PoolPtr pool, BatchDone done) {
  auto work =
      std::make_shared<BatchWork>(std::move(sources), std::move(options), limits, std::move(done));
  SPDL_TRY(work->prepare());
  work->start(std::move(pool));
  return {};
}

Result<BatchPtr> load_batch(Sources sources, BatchOptions options, const Limits &limits) {
  // Shared: the other thread may still be inside set_value() when this one has the value.
  auto promise = std::make_shared<std::promise<Result<BatchPtr>>>();
  auto outcome = promise->get_future();
  SPDL_TRY(
      start_batch(std::move(sources), std::move(options), limits, queue::process_pool(),
                  [promise](Result<BatchPtr> result) { promise->set_value(std::move(result)); }));
  return outcome.get();
}

}  // namespace spdl::load
