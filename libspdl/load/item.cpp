// SPDX-License-Identifier: BSD-2-Clause
#include "load/item.h"

#include <string_view>

#include "ffmpeg/convert.h"
#include "ffmpeg/filter_cache.h"
#include "load/fast.h"

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

// Filters may drop frames, but those that know no state do not.
bool counts_frames(const ffmpeg::DecodeOptions &options) {
  const bool keeps_all = options.use_default_filter || !options.filter_desc ||
                         ffmpeg::is_stateless(*options.filter_desc);
  return keeps_all && options.num_frames == 0;
}

ffmpeg::DecodeOptions with_fit(ffmpeg::DecodeOptions options, const Fit &fit) {
  options.use_default_filter = false;
  options.filter_desc = fit.describe();
  return options;
}

}  // namespace

const char *common_backend(const char *a, const char *b) {
  return std::string_view(a) == b ? a : "mixed";
}

Result<ffmpeg::PacketsPtr> demux_item(const ffmpeg::SourcePtr &source, const ffmpeg::Window &window,
                                      const ItemOptions &options, const Limits &limits) {
  ffmpeg::DemuxOptions demuxing = options.demux;
  demuxing.counts_frames = counts_frames(options.decode);
  return ffmpeg::demux(source, options.media, window, demuxing, limits);
}

Result<ItemPtr> make_item(ffmpeg::FramesPtr frames) {
  SPDL_TRY_ASSIGN(ffmpeg::Form form, ffmpeg::form_of(*frames));
  About about{.pts = {}, .num_corrupt = frames->num_corrupt, .backend = backend_ffmpeg};
  ffmpeg::add_times(*frames, about.pts);
  auto item = std::make_unique<FramesItem>(std::move(frames));
  item->form = std::move(form);
  item->about = std::move(about);
  return item;
}

Error no_frame(const ffmpeg::Packets &packets) {
  const bool is_cut = packets.window.start || packets.window.end;
  return {Status::mismatch, Origin::convert,
          "No frame to convert to buffer. (" + packets.source +
              (is_cut ? ": nothing is in the window of time)" : ")")};
}

Result<ItemPtr> load_item(const ffmpeg::Packets &packets, const ItemOptions &options,
                          const Limits &limits) {
  if (const auto format = fast_format(options)) return load_fast(packets, options, *format, limits);
  const auto &fit = options.fit;
  SPDL_TRY_ASSIGN(
      auto frames,
      ffmpeg::decode(packets, fit ? with_fit(options.decode, *fit) : options.decode, limits));
  if (frames->frames.empty()) return no_frame(packets);
  return make_item(std::move(frames));
}

}  // namespace spdl::load
