// SPDX-License-Identifier: BSD-2-Clause
#include "load/item.h"

#include "ffmpeg/convert.h"

namespace spdl::load {
namespace {

// Frames as they came out of the decoder or its filters.
class FramesItem : public Item {
 public:
  explicit FramesItem(ffmpeg::FramesPtr frames) : frames_(std::move(frames)) {}

  Result<void> write(uint8_t *to, const Limits &limits) const override {
    return ffmpeg::copy_to(to, *frames_, limits);
  }

 private:
  ffmpeg::FramesPtr frames_;
};

Result<ItemPtr> make_item(ffmpeg::FramesPtr frames) {
  SPDL_TRY_ASSIGN(ffmpeg::Form form, ffmpeg::form_of(*frames));
  About about{.pts = {}, .num_corrupt = frames->num_corrupt, .backend = "ffmpeg"};
  ffmpeg::add_times(*frames, about.pts);
  auto item = std::make_unique<FramesItem>(std::move(frames));
  item->form = std::move(form);
  item->about = std::move(about);
  return item;
}

ffmpeg::DecodeOptions with_fit(ffmpeg::DecodeOptions options, const Fit &fit) {
  options.use_default_filter = false;
  options.filter_desc = fit.describe();
  return options;
}

}  // namespace

Result<ItemPtr> load_item(const ffmpeg::SourcePtr &source, const ffmpeg::Window &window,
                          const ItemOptions &options, const Limits &limits) {
  SPDL_TRY_ASSIGN(const auto packets,
                  ffmpeg::demux(source, options.media, window, options.demux, limits));
  const auto &fit = options.fit;
  SPDL_TRY_ASSIGN(auto frames,
                  ffmpeg::decode(*packets, fit ? with_fit(options.decode, *fit) : options.decode,
                                 limits));
  if (frames->frames.empty() && (window.start || window.end))
    return Error{Status::mismatch, Origin::convert,
                 "No frame to convert to buffer. (" + frames->source +
                     ": nothing is in the window of time)"};
  return make_item(std::move(frames));
}

}  // namespace spdl::load
