// SPDX-License-Identifier: BSD-2-Clause
#include "load/batch.h"

#include <algorithm>
#include <cstring>
#include <future>

#include "ffmpeg/convert.h"
#include "queue/shared_work.h"

namespace spdl::load {
namespace {

using buffer::Layout;

Error out_of_memory() { return {Status::memory, Origin::load, "Out of memory."}; }

// One image on its way into its slot of the buffer.
struct Item {
  ffmpeg::FramesPtr frames;  // until there is a buffer to copy it to
  std::optional<Error> error;
  uint32_t num_corrupt = 0;
  double pts = 0;
};

class BatchWork : public queue::SharedWork {
 public:
  BatchWork(Sources sources, BatchOptions options, const Limits &limits, BatchDone done)
      : SharedWork(sources.size()),
        sources_(std::move(sources)),
        options_(std::move(options)),
        limits_(limits),
        done_(std::move(done)),
        items_(num_items()) {}

  Result<void> prepare();

 private:
  void run_item(size_t index) noexcept override;
  Result<void> fill(size_t index);
  void finish() noexcept override;
  Result<BatchPtr> collect();
  void settle_layout();
  Result<BatchPtr> assemble();
  Result<void> reserve();
  uint8_t *slot(size_t index) const { return storage_->data() + index * item_size_; }

  Sources sources_;
  BatchOptions options_;
  const Limits limits_;
  BatchDone done_;
  std::vector<Item> items_;

  // Known before the first image is decoded if size and format are given, else after the last.
  std::optional<Layout> layout_;
  const char *format_ = "";  // static
  size_t item_size_ = 0;
  std::optional<buffer::Storage> storage_;
};

Result<void> BatchWork::prepare() {
  if (!options_.decode.use_default_filter) return {};
  options_.decode.use_default_filter = false;
  options_.decode.filter_desc = describe_fit(options_.width, options_.height, options_.pix_fmt);
  if (options_.pix_fmt.empty()) return {};
  const AVPixelFormat format = av_get_pix_fmt(options_.pix_fmt.c_str());
  if (format == AV_PIX_FMT_NONE)
    return Error{Status::unsupported, Origin::convert,
                 "Unsupported pixel format: " + options_.pix_fmt};
  const bool is_sized = options_.width > 0 && options_.height > 0;
  // Of sizes that are not given only the format is looked at.
  SPDL_TRY_ASSIGN(const Layout layout,
                  ffmpeg::picture_layout(format, is_sized ? options_.width : ffmpeg::fitting_size,
                                         is_sized ? options_.height : ffmpeg::fitting_size));
  if (!is_sized) return {};
  SPDL_TRY(limits_.check_pixels(Origin::load, options_.width, options_.height, "The batch"));
  layout_ = layout;
  format_ = av_get_pix_fmt_name(format);
  return reserve();
}

Result<void> BatchWork::reserve() {
  const Layout whole{layout_->shape.behind(static_cast<int64_t>(num_items())), layout_->type};
  SPDL_TRY(limits_.check_bytes(Origin::load, whole.size(), "The batch"));
  SPDL_TRY_ASSIGN(storage_, buffer::Storage::make(options_.out, whole));
  item_size_ = static_cast<size_t>(layout_->size());
  return {};
}

void BatchWork::run_item(size_t index) noexcept {
  Item &item = items_[index];
  try {
    if (auto filled = fill(index); !filled) item.error = std::move(filled).error();
  } catch (const std::bad_alloc &) {
    item.error = out_of_memory();
  } catch (...) {
    item.error = Error{Status::internal, Origin::load, "An unexpected exception; this is a bug."};
  }
  if (!item.error) return;
  item.error->item = static_cast<int64_t>(index);
  item.frames = nullptr;
}

Result<void> BatchWork::fill(size_t index) {
  Item &item = items_[index];
  SPDL_TRY(limits_.check(Origin::load, sources_[index]->name));
  SPDL_TRY_ASSIGN(item.frames, load_frames(sources_[index], ffmpeg::Media::image, {},
                                           options_.demux, options_.decode, limits_));
  item.num_corrupt = item.frames->num_corrupt;
  item.pts = ffmpeg::to_seconds(item.frames->front().pts, item.frames->time_base);
  SPDL_TRY_ASSIGN(const Layout layout, ffmpeg::layout_of(*item.frames));
  if (!layout_) return {};
  if (layout.size() != static_cast<int64_t>(item_size_))
    return Error{Status::internal, Origin::load,
                 sources_[index]->name + ": the filter made an array of shape " +
                     layout.to_string() + " instead of " + layout_->to_string() + "."};
  SPDL_TRY(ffmpeg::copy_to(slot(index), *item.frames, limits_));
  item.frames = nullptr;
  return {};
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
  if (!layout_) settle_layout();
  const auto failed = std::find_if(items_.begin(), items_.end(),
                                   [](const Item &item) { return item.error.has_value(); });
  if (!options_.skip_errors && failed != items_.end()) {
    Error error = *failed->error;
    error.status = Status::batch;
    error.message = "Failed to load some images. " + error.message;
    return error;
  }
  return assemble();
}

// The first image that was decoded gives the shape; images of another one fail.
void BatchWork::settle_layout() {
  const ffmpeg::Frames *first = nullptr;
  for (size_t i = 0; i < num_items(); ++i) {
    Item &item = items_[i];
    if (!item.frames) continue;
    const Layout layout = *ffmpeg::layout_of(*item.frames);
    if (!first) {
      first = item.frames.get();
      layout_ = layout;
      format_ = first->format();
    } else if (layout.shape != layout_->shape ||
               std::string_view(format_) != item.frames->format()) {
      item.error = Error{Status::mismatch, Origin::load,
                         item.frames->source + ": the array is " + layout.to_string() + " (" +
                             item.frames->format() + "), but that of " + first->source + " is " +
                             layout_->to_string() + " (" + format_ + ")."}
                       .with_item(static_cast<int64_t>(i));
      item.frames = nullptr;
    }
  }
}

Result<BatchPtr> BatchWork::assemble() {
  auto batch = std::make_shared<Batch>();
  if (layout_ && !storage_) SPDL_TRY(reserve());
  std::vector<double> pts;
  uint32_t num_corrupt = 0;
  for (size_t i = 0; i < num_items(); ++i) {
    Item &item = items_[i];
    if (item.error) {
      batch->failures.push_back(*std::move(item.error));
      continue;
    }
    const size_t to = batch->indices.size();
    if (item.frames)
      SPDL_TRY(ffmpeg::copy_to(slot(to), *item.frames, limits_));
    else if (to != i)
      std::memcpy(slot(to), slot(i), item_size_);  // close the gap
    batch->indices.push_back(static_cast<int64_t>(i));
    pts.push_back(item.pts);
    num_corrupt += item.num_corrupt;
  }
  if (batch->indices.empty()) return batch;
  const auto count = static_cast<int64_t>(batch->indices.size());
  const Layout layout{layout_->shape.behind(count), layout_->type};
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(*storage_, layout, ffmpeg::Media::image, format_));
  made->num_corrupt = num_corrupt;
  made->pts = std::move(pts);
  batch->buffer = std::move(made);
  return batch;
}

}  // namespace

std::optional<std::string> describe_fit(int width, int height, const std::string &pix_fmt) {
  std::string desc;
  if (width > 0 || height > 0) {
    const std::string size = "w=" + std::to_string(width) + ":h=" + std::to_string(height);
    desc = "scale=" + size + ":flags=bicubic:force_original_aspect_ratio=decrease,pad=" + size +
           ":x=-1:y=-1:color=black";
  }
  if (!pix_fmt.empty()) desc += (desc.empty() ? "" : ",") + ("format=pix_fmts=" + pix_fmt);
  if (desc.empty()) return std::nullopt;
  return desc;
}

Result<void> start_batch(Sources sources, BatchOptions options, const Limits &limits,
                         queue::Pool &pool, BatchDone done) {
  auto work =
      std::make_shared<BatchWork>(std::move(sources), std::move(options), limits, std::move(done));
  SPDL_TRY(work->prepare());
  work->start(pool);
  return {};
}

Result<BatchPtr> load_batch(Sources sources, BatchOptions options, const Limits &limits) {
  // Shared: the other thread may still be inside set_value() when this one has the value.
  auto promise = std::make_shared<std::promise<Result<BatchPtr>>>();
  auto outcome = promise->get_future();
  SPDL_TRY(
      start_batch(std::move(sources), std::move(options), limits, *queue::process_pool(),
                  [promise](Result<BatchPtr> result) { promise->set_value(std::move(result)); }));
  return outcome.get();
}

}  // namespace spdl::load
