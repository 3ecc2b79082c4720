// SPDX-License-Identifier: BSD-2-Clause
#include "load/batch.h"

#include <algorithm>
#include <cstring>
#include <future>

#include "base/trace.h"
#include "ffmpeg/convert.h"
#include "load/wav.h"
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

// Add what an item is to what the batch is.
void describe(const About &item, buffer::Buffer &batch) {
  batch.pts.insert(batch.pts.end(), item.pts.begin(), item.pts.end());
  batch.num_corrupt += item.num_corrupt;
  batch.item_corrupt.push_back(item.num_corrupt);
  const bool is_first = batch.item_corrupt.size() == 1;
  batch.backend = is_first ? item.backend : common_backend(batch.backend, item.backend);
}

// A place in the buffer, and what comes there.
struct Slot {
  ItemPtr item;  // until it is in its place
  bool is_decoded = false;
  std::optional<Error> error;
  About about;
};

class BatchWork : public queue::SharedWork {
 public:
  BatchWork(Sources sources, BatchOptions options, const Limits &limits, BatchDone done)
      : SharedWork(sources.size()),
        sources_(std::move(sources)),
        options_(std::move(options)),
        limits_(limits),
        done_(std::move(done)),
        slots_(num_items()) {
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
  uint8_t *place_of(size_t index) const { return storage_->data() + index * item_size_; }

  Sources sources_;
  BatchOptions options_;
  const Limits limits_;
  BatchDone done_;
  std::vector<Slot> slots_;

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
  const ItemOptions &of = options_.item;
  if (!of.fit) return {};
  SPDL_TRY_ASSIGN(const auto foreseen, of.fit->foresee());
  if (!foreseen || of.media != ffmpeg::Media::image) return {};
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
  if (!slots_[index].is_decoded) {
    SPDL_TRY(decode(index));
    if (offer(index) == Progress::suspended) return Progress::suspended;
  }
  SPDL_TRY(place(index));
  return Progress::over;
}

Result<void> BatchWork::decode(size_t index) {
  const trace::Stage stage("batch item", sources_[index]->name);
  {
    std::lock_guard lock(mutex_);
    if (obstacle_) return *obstacle_;
  }
  SPDL_TRY(limits_.check(Origin::load, sources_[index]->name));
  const auto &windows = options_.windows;
  const ffmpeg::Window window = windows.empty()       ? ffmpeg::Window()
                                : windows.size() == 1 ? windows.front()
                                                      : windows[index];
  const ItemOptions &of = options_.item;
  SPDL_TRY_ASSIGN(slots_[index].item, load_wav_item(sources_[index], window, of, limits_));
  if (slots_[index].item) return {};
  SPDL_TRY_ASSIGN(const auto packets, demux_item(sources_[index], window, of, limits_));
  SPDL_TRY_ASSIGN(slots_[index].item, load_item(*packets, of, limits_));
  return {};
}

// The item is decoded. It is over to whoever settles what all items are, if nobody has: then
// another thread may have the item when this returns.
BatchWork::Progress BatchWork::offer(size_t index) {
  {
    std::lock_guard lock(mutex_);
    slots_[index].is_decoded = true;
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
  Slot &slot = slots_[index];
  slot.item = nullptr;
  {
    std::lock_guard lock(mutex_);
    slot.error = std::move(error);
    if (is_settled_) return;
    settle();
    if (!is_settled_) return;
  }
  resume(suspended_);
}

// With the lock held.
void BatchWork::settle() noexcept {
  while (first_ < num_items() && slots_[first_].error) ++first_;
  if (first_ == num_items() || !slots_[first_].is_decoded) return;
  is_settled_ = true;
  decider_ = first_;
  form_ = slots_[first_].item->form;
  try {
    if (auto reserved = reserve(); !reserved) obstacle_ = std::move(reserved).error();
  } catch (const std::bad_alloc &) {
    obstacle_ = out_of_memory();
  }
}

Result<void> BatchWork::place(size_t index) {
  if (obstacle_) return *obstacle_;
  Slot &slot = slots_[index];
  const Form &form = slot.item->form;
  const bool fits = decider_ ? form == form_ : form.layout.size() == form_.layout.size();
  if (!fits) return disagreement(index);
  SPDL_TRY(slot.item->write(place_of(index), limits_));
  slot.about = std::move(slot.item->about);
  slot.item = nullptr;
  return {};
}

Error BatchWork::disagreement(size_t index) const {
  const Form &form = slots_[index].item->form;
  const std::string is = sources_[index]->name + ": it is " + form.describe();
  if (!decider_)
    return {Status::internal, Origin::load,
            is + ", but the filter makes " + form_.describe() + "."};
  return {Status::mismatch, Origin::load,
          is + ", but item " + std::to_string(*decider_) + " is " + form_.describe() + "; give " +
              form.name_differences(form_) + " to bring them to one."};
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
  slots_.clear();
  std::exchange(done_, nullptr)(std::move(outcome));
}

Result<BatchPtr> BatchWork::collect() {
  const auto is_stop = [](const Slot &slot) {
    return slot.error &&
           (slot.error->status == Status::cancelled || slot.error->status == Status::deadline);
  };
  if (const auto stop = std::find_if(slots_.begin(), slots_.end(), is_stop); stop != slots_.end()) {
    stop->error->item = -1;
    return *stop->error;
  }
  if (obstacle_) return *obstacle_;
  const auto failed = std::find_if(slots_.begin(), slots_.end(),
                                   [](const Slot &slot) { return slot.error.has_value(); });
  if (!options_.skip_errors && failed != slots_.end()) {
    Error error = *failed->error;
    error.status = Status::batch;
    error.message =
        std::string("Failed to load some ") + name_of(options_.item.media) + ". " + error.message;
    return error;
  }
  return assemble();
}

Result<BatchPtr> BatchWork::assemble() {
  auto batch = std::make_shared<Batch>();
  for (size_t i = 0; i < num_items(); ++i) {
    if (slots_[i].error) {
      batch->failures.push_back(*std::move(slots_[i].error));
      continue;
    }
    const size_t to = batch->indices.size();
    if (to != i) std::memcpy(place_of(to), place_of(i), item_size_);  // close the gap
    batch->indices.push_back(static_cast<int64_t>(i));
  }
  if (batch->indices.empty()) return batch;
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(*storage_, form_, batch->indices.size()));
  for (const int64_t i : batch->indices) describe(slots_[static_cast<size_t>(i)].about, *made);
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
