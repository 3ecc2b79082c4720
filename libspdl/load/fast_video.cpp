// SPDX-License-Identifier: BSD-2-Clause
#include "load/fast_video.h"

#include <cstring>

#include "ffmpeg/convert.h"
#include "load/drawable.h"

namespace spdl::load {
namespace {

using ffmpeg::FramesPtr;
using ffmpeg::Packets;

// Pictures of one size, each in memory of its own: how many come is not known before.
class VideoItem : public Item {
 public:
  explicit VideoItem(std::string source) : source_(std::move(source)) {}

  Result<void> add(const Drawable &drawable, const Limits &limits);
  Result<void> write(uint8_t *to, const Limits &limits) const override;

 private:
  std::string source_;
  size_t picture_size_ = 0;  // in bytes
  std::vector<std::unique_ptr<uint8_t[]>> pictures_;
};

Result<void> VideoItem::add(const Drawable &drawable, const Limits &limits) {
  SPDL_TRY_ASSIGN(const ffmpeg::Form of_picture, drawable.canvas.form());
  if (pictures_.empty()) {
    form = of_picture;
    form.media = ffmpeg::Media::video;
    picture_size_ = drawable.canvas.size();
    about.backend = drawable.backend;
  }
  if (of_picture.width != form.width || of_picture.height != form.height)
    return ffmpeg::changing_form(source_);
  about.backend = common_backend(about.backend, drawable.backend);
  form.count = static_cast<int64_t>(pictures_.size()) + 1;
  form.layout.shape = of_picture.layout.shape.behind(form.count);
  SPDL_TRY(limits.check_frames(Origin::decode, form.count, source_));
  SPDL_TRY(limits.check_bytes(Origin::decode, form.layout.size(), source_));
  auto &picture = pictures_.emplace_back(new uint8_t[picture_size_]);
  return drawable.canvas.paint(drawable.picture, picture.get());
}

Result<void> VideoItem::write(uint8_t *to, const Limits &limits) const {
  for (const auto &picture : pictures_) {
    SPDL_TRY(limits.check(Origin::convert, source_));
    std::memcpy(to, picture.get(), picture_size_);
    to += picture_size_;
  }
  return {};
}

}  // namespace

Result<ItemPtr> load_fast_video(const Packets &packets, const ItemOptions &options,
                                pixel::Format format, const Limits &limits) {
  ffmpeg::DecodeOptions decode = options.decode;
  decode.use_default_filter = false;
  auto item = std::make_unique<VideoItem>(packets.source);
  SPDL_TRY(
      ffmpeg::decode_each(packets, decode, limits, [&](const FramesPtr &frames) -> Result<void> {
        for (const auto &frame : frames->frames) {
          SPDL_TRY_ASSIGN(const Drawable drawable, make_drawable(*frame, frames->time_base, packets,
                                                                 *options.fit, format, limits));
          SPDL_TRY(item->add(drawable, limits));
        }
        ffmpeg::add_times(*frames, item->about.pts);
        item->about.num_corrupt += frames->num_corrupt;
        return {};
      }));
  if (item->form.count == 0) return no_frame(packets);
  return item;
}

}  // namespace spdl::load
